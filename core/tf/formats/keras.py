"""A Keras model in one `.keras` file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.checkpoint import H, V
from core.settings import TrainSettings
from core.tf.formats.material import Brought, Calls, Material, Save, text_of

v1 = tf.compat.v1


def parabola_layer() -> Any:
    class Parabola(tf.keras.layers.Layer):  # type: ignore[misc]
        about = ""

        def build(self, input_shape: Any) -> None:
            self.hor_estimate = self.add_weight(shape=(), initializer="zeros", name=H)
            self.ver_estimate = self.add_weight(shape=(), initializer="zeros", name=V)

        def call(self, x: Any) -> Any:
            return tf.square(x - self.hor_estimate) + self.ver_estimate

        def save_assets(self, dir_path: str) -> None:
            Path(dir_path, "about.txt").write_text(self.about, encoding="utf-8")

        def load_assets(self, dir_path: str) -> None:
            self.about = Path(dir_path, "about.txt").read_text(encoding="utf-8")

    return Parabola


def keras_optimizer(settings: TrainSettings) -> Any:
    """Keras's optimizer of the same rule."""
    if settings.optimizer == "Adam":
        return tf.keras.optimizers.Adam(settings.learning_rate)
    momentum = settings.momentum if settings.optimizer == "Momentum" else 0.0
    return tf.keras.optimizers.SGD(settings.learning_rate, momentum=momentum)


def keras_slots(optimizer: Any) -> dict[str, Any]:
    """The optimizer's variables by the names that their counterparts have in the checkpoint."""
    adam = isinstance(optimizer, tf.keras.optimizers.Adam)
    endings = {"momentum": "Adam", "velocity": "Adam_1"} if adam else {"momentum": "Momentum"}
    return {
        f"{name}/{slot}": variable
        for variable in optimizer.variables
        for name in (H, V)
        for ending, slot in endings.items()
        if variable.path.endswith(f"{name}_{ending}")
    }


def in_keras_form(material: Material) -> dict[str, np.float32]:
    """The slots as Keras counts them: its SGD keeps -rate × accumulator; Adam counts its updates itself."""
    if material.settings.optimizer == "Momentum":
        rate = np.float32(material.settings.learning_rate)
        return {name: np.float32(-rate * value) for name, value in material.slots.items()}
    return {name: value for name, value in material.slots.items() if "/" in name}


@contextmanager
def offer_to_keras(material: Material) -> Iterator[Save]:
    x = tf.keras.Input((), name="x")
    layer = parabola_layer()(name="parabola")
    model = tf.keras.Model(x, layer(x))
    layer.hor_estimate.assign(material.values[H])
    layer.ver_estimate.assign(material.values[V])
    layer.about = text_of(material.about)
    optimizer = keras_optimizer(material.settings)
    model.compile(optimizer=optimizer, loss="mse")
    optimizer.build(model.trainable_variables)
    optimizer.iterations.assign(material.updates)
    for name, variable in keras_slots(optimizer).items():
        variable.assign(in_keras_form(material)[name])

    def save(directory: Path) -> None:
        directory.mkdir()
        model.save(directory / "model.keras")

    yield save


def read_with_keras(directory: Path, material: Material) -> Brought:
    known = {"Parabola": parabola_layer()}
    model = tf.keras.models.load_model(directory / "model.keras", custom_objects=known)
    layer = model.get_layer("parabola")
    return Brought(
        layer.hor_estimate.numpy(),
        layer.ver_estimate.numpy(),
        model(material.x).numpy(),
        {name: variable.numpy() for name, variable in keras_slots(model.optimizer).items()},
        getattr(model, "signatures", {}),
        {"about.txt": layer.about},
        "the layer's own load_assets read it from the archive, so this too needs the layer's code",
    )


def keras_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    return tf.keras.models.load_model(directory + "/model.keras")(x).numpy()


WAY = Calls(
    "Keras .keras",
    offer_to_keras,
    read_with_keras,
    keras_without_code,
    "the layer's class",
    (parabola_layer, keras_optimizer, keras_slots, in_keras_form),
    in_keras_form,
)
