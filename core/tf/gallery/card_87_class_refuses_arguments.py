"""Card 87: a class that does not take what its file has."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "The loaded class refuses or lacks arguments: unexpected keyword argument 'name'"
ERROR = "TypeError"
MESSAGE = "__init__() got an unexpected keyword argument 'name'"
WHY = (
    "To load a layer, Keras calls its class with everything in `get_config`. That always has `name` and "
    "`dtype`, and this `__init__` does not take them."
)
CHECK = "`YourLayer(**layer.get_config())` fails in the same way, without any file."
FIX = (
    "Take the rest with `**kwargs`: `def __init__(self, units, **kwargs): super().__init__(**kwargs)`. "
    "Return every argument of `__init__` from `get_config`."
)
MORE = (
    "`missing 1 required positional argument` is the opposite: `get_config` does not return it. The file "
    "does not have its value either: add `super().get_config() | {…}` and save again. A model class says "
    "`Unable to revive model from config`."
)
SEARCH = ("load_model custom layer __init__ missing required positional argument",)
CAUSES = (
    {
        "message": "got an unexpected keyword argument '{argument}'",
        "only": r"load_model|from_config|deserializ|custom_object|loading saved|revive|clone_model|layer\.get_config",
    },
    {
        "message": "missing {number} required positional argument",
        "only": r"from_config|deserializ|custom_object|clone_model|keras[\s\S]*load_model|load_model[\s\S]*__init__",
    },
    {
        "message": "Unable to revive model from config. When overriding the `get_config()`",
    },
    {
        "message": "Unable to revive model from config. When overriding the `get_config()` method",
    },
)
RELATED = ("needs_get_config", "unknown_layer", "keras_two_file", "keras_three_file")
SHOWS = {
    "fail": (),
    "fix": ("class of the layer", "its name", "factor"),
}


class Strict(tf.keras.layers.Layer):  # type: ignore[misc]
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * self.factor

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"factor": self.factor}


class Fixed(Strict):
    def __init__(self, factor: float, **kwargs: Any) -> None:
        tf.keras.layers.Layer.__init__(self, **kwargs)
        self.factor = factor


def prepare(directory: Path) -> None:
    tf.keras.Sequential([tf.keras.Input((1,)), Strict(2.0)]).save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    own = {"Strict": Strict}
    loaded = tf.keras.models.load_model(f"{directory}/model.keras", custom_objects=own)
    return {"factor": str(loaded.layers[0].factor)}


def fix(directory: Path) -> Seen:
    own = {"Strict": Fixed}
    loaded = tf.keras.models.load_model(f"{directory}/model.keras", custom_objects=own)
    layer = loaded.layers[0]
    return {
        "class of the layer": type(layer).__name__,
        "its name": layer.name,
        "factor": str(layer.factor),
    }
