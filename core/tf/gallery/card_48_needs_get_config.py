"""Card 48: Keras cannot write down how an object was made."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "The object must override get_config() to be saved"
ERROR = "NotImplementedError"
MESSAGE = "therefore the object must override `get_config()`"
WHY = (
    "Keras saves the class and the arguments of each object. It cannot write an argument that is a "
    "function, so `get_config` must say it in plain values."
)
CHECK = "The class in the message has an argument that is not a number, string, list or dict."
FIX = (
    "Write `get_config` with everything that `__init__` takes, in plain values. Or save only the "
    "weights: `.weights.h5` needs no `get_config`."
)
MORE = "Keras 2 asked for `get_config` for every layer with arguments."
CAUSES = (
    {
        "message": "therefore the object must override `get_config()`",
    },
    {
        "message": "Layers with arguments in `__init__` must override `get_config`",
    },
    {
        "message": "Layer {name} has arguments {arguments} in `__init__` and therefore must override `get_config",
    },
    {
        "message": "Layer {name} has arguments in `__init__` and therefore must override `get_config`",
    },
    {
        "message": "in `__init__` and therefore must override `get_config",
    },
    {
        "message": "Saving the model to HDF5 format requires the model to be a Functional model or a Sequential model. It does not work for subclassed models",
    },
)
RELATED = ("unknown_layer", "not_built_yet", "lambda_refused")
SHOWS = {
    "fail": (),
    "fix": ("curve in the configuration", "y at x = 3"),
}
YOURS = """class {class_name}(tf.keras.layers.Layer):
    def get_config(self):
        return {{**super().get_config(), "argument": self.argument}}  # every argument of __init__"""

CURVES: dict[str, Any] = {"square": tf.square, "abs": tf.abs}


class Curve(tf.keras.layers.Layer):  # type: ignore[misc]
    def __init__(self, curve: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.curve = curve

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.curve(x)


class NamedCurve(Curve):
    def __init__(self, curve: str, **kwargs: Any) -> None:
        super().__init__(CURVES[curve], **kwargs)
        self.name_of_curve = curve

    def get_config(self) -> dict[str, Any]:
        return {**tf.keras.layers.Layer.get_config(self), "curve": self.name_of_curve}


def fail(directory: Path) -> Seen:
    built = tf.keras.Sequential([tf.keras.Input((1,)), Curve(lambda x: x**2)])
    built.save(f"{directory}/model.keras")
    loaded = tf.keras.models.load_model(f"{directory}/model.keras", custom_objects={"Curve": Curve})
    return {"y at x = 3": str(loaded(tf.constant([[3.0]])).numpy()[0, 0])}


def fix(directory: Path) -> Seen:
    built = tf.keras.Sequential([tf.keras.Input((1,)), NamedCurve("square")])
    built.save(f"{directory}/model.keras")
    own = {"NamedCurve": NamedCurve}
    loaded = tf.keras.models.load_model(f"{directory}/model.keras", custom_objects=own)
    return {
        "curve in the configuration": loaded.layers[0].get_config()["curve"],
        "y at x = 3": str(loaded(tf.constant([[3.0]])).numpy()[0, 0]),
    }
