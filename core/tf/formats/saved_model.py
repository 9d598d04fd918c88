"""`tf.saved_model.save` of a `tf.Module`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.checkpoint import H, V
from core.tf.formats.material import SIGNATURE, Brought, Calls, Material, Save, text_of

v1 = tf.compat.v1


def parabola_module(material: Material) -> Any:
    class Parabola(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hor_estimate = tf.Variable(material.values[H])
            self.ver_estimate = tf.Variable(material.values[V])
            self.slots = {name: tf.Variable(value) for name, value in material.slots.items()}
            self.about = tf.saved_model.Asset(str(material.about))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])  # type: ignore[untyped-decorator]
        def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"y": tf.square(x - self.hor_estimate) + self.ver_estimate}

    return Parabola()


@contextmanager
def offer_to_saved_model(material: Material) -> Iterator[Save]:
    module = parabola_module(material)
    yield lambda directory: tf.saved_model.save(
        module, str(directory), signatures={SIGNATURE: module.predict}
    )


def read_with_load(directory: Path, material: Material) -> Brought:
    loaded = tf.saved_model.load(str(directory))
    x = tf.constant(material.x)
    path = Path(loaded.about.asset_path.numpy().decode())
    return Brought(
        loaded.hor_estimate.numpy(),
        loaded.ver_estimate.numpy(),
        loaded.predict(x)["y"].numpy(),
        {name: slot.numpy() for name, slot in loaded.slots.items()},
        {name: call(x=x)["y"].numpy() for name, call in loaded.signatures.items()},
        {path.name: text_of(path)},
        "the loaded object's asset_path leads into its own assets/, wherever that is now",
    )


def saved_model_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    loaded = tf.saved_model.load(directory)
    return loaded.signatures["serving_default"](x=tf.constant(x))["y"].numpy()


WAY = Calls(
    "tf.saved_model.save",
    offer_to_saved_model,
    read_with_load,
    saved_model_without_code,
    "the module's class",
    (parabola_module,),
)
