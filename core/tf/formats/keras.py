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
from core.training.optimizers import optimizer

v1 = tf.compat.v1

# What `in_keras_form` does, for people.
FORM = (
    "Keras keeps them in its own form: SGD as -rate × accumulator, Adam its count of updates in place of the "
    "powers, RMSprop no momentum where there is none."
)


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
    """Keras's optimizer of the same rule.

    Raises:
        UnknownOptimizer: `core.training.optimizers` has none of this name.
    """
    return optimizer(settings.optimizer).keras.make(tf.keras.optimizers, settings)


def keras_slots(made: Any, settings: TrainSettings) -> dict[str, Any]:
    """The variables of Keras's optimizer by the names that their counterparts have in the checkpoint."""
    return {
        f"{name}/{slot}": variable
        for variable in made.variables
        for name in (H, V)
        for slot, ending in optimizer(settings.optimizer).slots.items()
        if ending and variable.path.endswith(f"{name}_{ending}")
    }


def in_keras_form(material: Material) -> dict[str, np.float32]:
    """The slots as Keras keeps them; see `FORM`."""
    known = optimizer(material.settings.optimizer)
    rate = np.float32(-material.settings.learning_rate if known.scaled else 1)
    kept = {f"{name}/{slot}" for name in (H, V) for slot, ending in known.slots.items() if ending}
    return {name: np.float32(rate * value) for name, value in material.slots.items() if name in kept}


@contextmanager
def offer_to_keras(material: Material) -> Iterator[Save]:
    x = tf.keras.Input((), name="x")
    layer = parabola_layer()(name="parabola")
    model = tf.keras.Model(x, layer(x))
    layer.hor_estimate.assign(material.values[H])
    layer.ver_estimate.assign(material.values[V])
    layer.about = text_of(material.about)
    rule = keras_optimizer(material.settings)
    model.compile(optimizer=rule, loss="mse")
    rule.build(model.trainable_variables)
    rule.iterations.assign(material.updates)
    for name, variable in keras_slots(rule, material.settings).items():
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
        {
            name: variable.numpy()
            for name, variable in keras_slots(model.optimizer, material.settings).items()
        },
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
