"""The recipe's job in TensorFlow 2 and in Keras, as an engineer would write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from core.data import Sample

Fit = tuple[float, float]  # h and v after the last epoch

RATE = 0.001


class Parabola(tf.Module):  # type: ignore[misc]
    """y = (x - h)² + v with two weights."""

    def __init__(self) -> None:
        super().__init__()
        self.h = tf.Variable(0.0)
        self.v = tf.Variable(0.0)

    def __call__(self, x: Any) -> Any:
        return tf.square(x - self.h) + self.v


class ParabolaLayer(tf.keras.layers.Layer):  # type: ignore[misc]
    """The same as a Keras layer."""

    def build(self, _shape: Any) -> None:
        self.h = self.add_weight(shape=(), initializer="zeros", name="h")
        self.v = self.add_weight(shape=(), initializer="zeros", name="v")

    def call(self, x: Any) -> Any:
        return tf.square(x - self.h) + self.v


def gradient_tape(sample: Sample, epochs: int, directory: Path) -> Fit:
    """The loop over the data set inside the `tf.function`: one call an epoch, the fast idiom."""
    model, optimizer, manager = _prepare(directory)
    dataset = tf.data.Dataset.from_tensor_slices((sample.x, sample.y))

    @tf.function  # type: ignore[untyped-decorator]
    def epoch() -> None:
        for x, y in dataset:
            _update(model, optimizer, x, y)

    for number in range(epochs):
        epoch()
        manager.save(checkpoint_number=number)
    return float(model.h), float(model.v)


def gradient_tape_by_step(sample: Sample, epochs: int, directory: Path) -> Fit:
    """The loop over the samples in Python: one call a sample, as most tutorials write it."""
    model, optimizer, manager = _prepare(directory)
    pairs = [(tf.constant(x), tf.constant(y)) for x, y in zip(sample.x, sample.y, strict=True)]

    @tf.function  # type: ignore[untyped-decorator]
    def step(x: Any, y: Any) -> None:
        _update(model, optimizer, x, y)

    for number in range(epochs):
        for x, y in pairs:
            step(x, y)
        manager.save(checkpoint_number=number)
    return float(model.h), float(model.v)


def keras_fit(sample: Sample, epochs: int, directory: Path) -> Fit:
    """`fit` with a batch of one in the samples' order; only the weights are saved, the cheaper choice."""
    directory.mkdir()
    layer = ParabolaLayer()
    model = tf.keras.Sequential([tf.keras.layers.Input((1,)), layer])
    model.compile(optimizer=tf.keras.optimizers.SGD(RATE), loss="mse")
    saving = tf.keras.callbacks.ModelCheckpoint(
        str(directory / "epoch-{epoch}.weights.h5"), save_weights_only=True, save_freq="epoch"
    )
    model.fit(
        sample.x[:, None],
        sample.y[:, None],
        batch_size=1,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[saving],
    )
    return float(layer.h), float(layer.v)


def _prepare(directory: Path) -> tuple[Parabola, Any, Any]:
    model, optimizer = Parabola(), tf.keras.optimizers.SGD(RATE)
    optimizer.build([model.h, model.v])
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer)
    return model, optimizer, tf.train.CheckpointManager(checkpoint, str(directory), max_to_keep=None)


def _update(model: Parabola, optimizer: Any, x: Any, y: Any) -> None:
    """One sample, one update."""
    with tf.GradientTape() as tape:
        cost = tf.square(y - model(x))
    variables = [model.h, model.v]
    optimizer.apply_gradients(zip(tape.gradient(cost, variables), variables, strict=True))
