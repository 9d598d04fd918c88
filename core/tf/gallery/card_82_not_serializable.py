"""Card 82: a layer's argument that no file can have."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Not JSON serializable: an argument of a layer cannot be written to the file"
ERROR = "TypeError"
MESSAGE = "to JSON. Unrecognized type <class 'tensorflow.python.framework.ops.EagerTensor'>"
WHY = (
    "Keras writes what `get_config` returns as JSON. JSON has numbers, text, lists and dictionaries; here "
    "`get_config` returns a tensor."
)
CHECK = "The message names the value and its type. Look for it in `get_config` and in the layers' arguments."
FIX = "Return plain Python values from `get_config`: `float(value)`, `value.tolist()`. Then save again."
MORE = (
    "A `.keras` file can have tensors and arrays. It refuses other objects: `To be serializable, a class "
    "must implement the get_config() method`. `Object of type float32 is not JSON serializable` comes from "
    "`json.dump` of `history.history`; convert with `float`."
)
SEARCH = ("model.save fails because a value is not JSON serializable",)
CAUSES = (
    {
        "message": "Unable to serialize {value} to JSON. Unrecognized type {class}.",
    },
    {
        "message": "Cannot serialize object {value} of type {class}. To be serializable, a class must implement the `get_config()` method.",
    },
    {
        "message": "was passed non-JSON-serializable arguments. Arguments had types: {list}. They cannot be serialized out when saving the model.",
    },
    {
        "message": "Cannot serialize {value} because it doesn't implement `get_config()`.",
    },
    {
        "message": "Not JSON Serializable:",
        "only": r"keras|tensorflow|\btf\.|model|layer",
    },
    {
        "message": "Object of type {class} is not JSON serializable",
        "only": r"keras|tensorflow|model\.(save|to_json)|save_model|history|\b(float32|float64|int64|EagerTensor)\b",
    },
)
RELATED = ("needs_get_config", "class_refuses_arguments")
SHOWS = {
    "fail": (),
    "fix": ("class of the layer", "factor", "y at x = 3"),
}


class Scaled(tf.keras.layers.Layer):  # type: ignore[misc]
    def __init__(self, factor: Any, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * self.factor

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"factor": self.factor}


class Fixed(Scaled):
    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"factor": float(self.factor)}


def fail(directory: Path) -> Seen:
    layer = Scaled(tf.constant(2.0))
    tf.keras.Sequential([tf.keras.Input((1,)), layer]).save(f"{directory}/model.h5")
    return {"saved": "model.h5"}


def fix(directory: Path) -> Seen:
    layer = Fixed(tf.constant(2.0))
    tf.keras.Sequential([tf.keras.Input((1,)), layer]).save(f"{directory}/model.h5")
    own = {"Fixed": Fixed}
    loaded = tf.keras.models.load_model(f"{directory}/model.h5", custom_objects=own)
    return {
        "class of the layer": type(loaded.layers[0]).__name__,
        "factor": str(loaded.layers[0].factor),
        "y at x = 3": str(loaded(tf.constant([[3.0]])).numpy()[0, 0]),
    }
