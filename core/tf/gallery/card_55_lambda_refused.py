"""Card 55: safe mode."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "versions"
TITLE = "A Lambda layer is refused: safe mode"
ERROR = "ValueError"
MESSAGE = "This carries a potential risk of arbitrary code execution and thus it is disallowed by default"
WHY = (
    "A lambda has no name, so Keras writes its bytecode into the file. Loading would run that code, "
    "and safe mode refuses it."
)
CHECK = "The model has a `Lambda` layer with a `lambda` in it."
FIX = (
    "Replace the lambda by a named function, given in `custom_objects`, or by a layer class. Use "
    "`safe_mode=False` only for your own files."
)
SEARCH = (
    "enable_unsafe_deserialization safe_mode=False",
    "Lambda layer loading disallowed",
)
CAUSES = (
    {
        "message": "This carries a potential risk of arbitrary code execution and thus it is disallowed by default",
    },
    {
        "message": "of this `Lambda` layer is a Python lambda. Deserializing it is unsafe",
    },
)
RELATED = ("lambda_bytecode", "unknown_layer", "edited_meta")
SHOWS = {
    "fail": (),
    "fix": ("y at x = 3, function with a name", "y at x = 3, a file of our own, safe_mode=False"),
}


def squared(x: tf.Tensor) -> tf.Tensor:
    return x**2


def prepare(directory: Path) -> None:
    built = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Lambda(lambda x: x**2)])
    built.save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    return {"y at x = 3": str(loaded(tf.constant([[3.0]])).numpy()[0, 0])}


def fix(directory: Path) -> Seen:
    named = tf.keras.layers.Lambda(squared, output_shape=(1,))
    tf.keras.Sequential([tf.keras.Input((1,)), named]).save(f"{directory}/named.keras")
    own = {"squared": squared}
    loaded = tf.keras.models.load_model(f"{directory}/named.keras", custom_objects=own)
    trusted = tf.keras.models.load_model(f"{directory}/model.keras", safe_mode=False)
    return {
        "y at x = 3, function with a name": str(loaded(tf.constant([[3.0]])).numpy()[0, 0]),
        "y at x = 3, a file of our own, safe_mode=False": str(trusted(tf.constant([[3.0]])).numpy()[0, 0]),
    }
