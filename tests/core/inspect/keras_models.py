"""Models of Keras 3 and of tf_keras, trained for a step and saved in every format that they know."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras

Make = Callable[[Any], Any]


@dataclass(frozen=True)
class Saved:
    """A model and where its files are.

    Attributes:
        model: as it was saved.
        folder: has one file or directory a format.
        library: keras or tf_keras.
    """

    model: Any
    folder: Path
    library: Any


def cnn(k: Any) -> Any:
    inputs = k.Input((8, 8, 3))
    x = k.layers.Conv2D(4, 3, name="conv")(inputs)
    x = k.layers.BatchNormalization(name="bn")(x)
    x = k.layers.Dropout(0.1, seed=1)(x)
    return k.Model(inputs, k.layers.Dense(2, name="out")(k.layers.Flatten()(x)))


def frozen(k: Any) -> Any:
    layers = [
        k.layers.Dense(4, name="first"),
        k.layers.Dense(4, name="second"),
        k.layers.Dense(4, name="third"),
    ]
    model = k.Sequential([k.Input((4,)), *layers])
    layers[1].trainable = False
    return model


def shared(k: Any) -> Any:
    """An encoder that is used twice, with statistics that are not trained."""
    encoder = k.Sequential(
        [k.Input((4,)), k.layers.Dense(3, name="a"), k.layers.Normalization(name="scaled")], name="encoder"
    )
    left, right = k.Input((4,)), k.Input((4,))
    return k.Model(
        [left, right], k.layers.Dense(1, name="top")(k.layers.Concatenate()([encoder(left), encoder(right)]))
    )


def recurrent(k: Any) -> Any:
    words = k.layers.Embedding(10, 4, name="words")
    both = k.layers.Bidirectional(k.layers.LSTM(3, name="memory"), name="both")
    return k.Sequential([k.Input((5,)), words, both, k.layers.Dense(1)])


def subclassed(k: Any) -> Any:
    """A transformer's block whose layers are in a list, as many people write them."""

    class Block(k.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.blocks = [k.layers.Dense(4) for _ in range(3)]
            self.attention = k.layers.MultiHeadAttention(2, 3)
            self.norm = k.layers.LayerNormalization()
            self.head = k.layers.Dense(1)

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(self.attention(x, x)))

    return Block()


INPUTS: dict[Make, tuple[tuple[int, ...], ...]] = {
    cnn: ((2, 8, 8, 3),),
    frozen: ((2, 4),),
    shared: ((2, 4), (2, 4)),
    recurrent: ((2, 5),),
    subclassed: ((2, 5, 4),),
}


def train(k: Any, model: Any, shapes: tuple[tuple[int, ...], ...], optimizer: Any) -> None:
    """One step, so that the optimizer has its values."""
    random = np.random.default_rng(0)
    inputs = [random.uniform(size=shape).astype(np.float32) for shape in shapes]
    given = inputs[0] if len(inputs) == 1 else inputs
    target = np.ones(tuple(model(given).shape), np.float32)
    model.compile(optimizer, "mse", metrics=["mae"], run_eagerly=True)  # tracing takes longest
    model.fit(given, target, verbose=0)


def save(model: Any, folder: Path, k: Any, *, whole_h5: bool = True, graphs: bool = False) -> Saved:
    """In each format that this library has; those with graphs take longest."""
    folder.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some of these formats are old
        return _save(model, folder, k, whole_h5, graphs)


def _save(model: Any, folder: Path, k: Any, whole_h5: bool, graphs: bool) -> Saved:
    model.save(folder / "model.keras")
    model.save_weights(folder / "only.weights.h5")
    if whole_h5:
        model.save(folder / "older.h5")
    step = tf.Variable(3, name="step")
    tf.train.Checkpoint(model=model, optimizer=model.optimizer, step=step).save(str(folder / "both"))
    tf.train.Checkpoint(model).write(str(folder / "alone"))
    if graphs:
        tf.saved_model.save(model, str(folder / "saved_model"))
    if graphs and k is keras:
        model.export(folder / "exported", verbose=False)
    if k is tf_keras:
        model.save_weights(str(folder / "weights.h5"))
        model.save_weights(str(folder / "weights_of_tf"))
    return Saved(model, folder, k)


def made(root: Path) -> dict[str, Saved]:
    """Every model of both libraries, each with another optimizer."""
    optimizers: dict[Make, Callable[[Any], Any]] = {
        cnn: lambda k: k.optimizers.Adam(0.01, use_ema=True),
        frozen: lambda k: k.optimizers.SGD(0.01, momentum=0.9),
        shared: lambda k: k.optimizers.RMSprop(0.01, momentum=0.9, centered=True),
        recurrent: lambda k: k.optimizers.Adam(0.01, amsgrad=True),
        subclassed: lambda k: k.optimizers.AdamW(0.01),
    }
    found = {}
    for k in (keras, tf_keras):
        k.backend.clear_session()
        for make, optimizer in optimizers.items():
            k.utils.set_random_seed(0)
            model = make(k)
            train(k, model, INPUTS[make], optimizer(k))
            name = f"{k.__name__}-{make.__name__}"
            graphs = make is cnn or (make is subclassed and k is keras)
            found[name] = save(model, root / name, k, whole_h5=make is not subclassed, graphs=graphs)
    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(0)
    legacy = tf_keras.optimizers.legacy
    for name, kind in (("adam", legacy.Adam), ("rmsprop", legacy.RMSprop)):
        model = recurrent(tf_keras)
        train(tf_keras, model, INPUTS[recurrent], kind(0.01))
        found[f"legacy-{name}"] = save(model, root / f"legacy-{name}", tf_keras)
    return found
