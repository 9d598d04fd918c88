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
    "A layer of one's own takes an argument that is no number or string, here a function. A model "
    "with it trains and predicts; it is expected to be saved like any other. To save a model Keras "
    "writes each object's class and arguments. It can do that by itself when the arguments are "
    "numbers, strings and the like. For others `get_config` must say in plain values how to make the "
    "object again. Keras 2 said so for every layer with arguments."
)
CHECK = "Call `Layer.from_config(layer.get_config())` in a test of each class of your own."
FIX = (
    "Write `get_config`: everything that `__init__` takes, in plain values. Where the model can be "
    "built from code, saving only its weights, `.weights.h5`, needs none of it."
)
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
