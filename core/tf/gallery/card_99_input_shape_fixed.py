"""Card 99: a Sequential model has its input shape already."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "error"
TITLE = "Sequential model has already been configured to use input shape"
ERROR = "ValueError"
MESSAGE = "has already been configured to use input shape (None, 1). You cannot build it with input_shape"
WHY = (
    "The input shape is saved with the model. A loaded `Sequential` cannot be built again with another one, "
    "or get a second `Input`."
)
CHECK = "Compare `model.input_shape` of the loaded model with the shape in your code."
FIX = (
    "Leave `build` out after `load_model`. For another shape, put the loaded layers behind a new input: "
    "`Sequential([Input(shape), *loaded.layers])`."
)
MORE = (
    "Some Keras 3 versions of 2024 said this while loading a file that begins with a `Lambda`: update Keras. "
    "`build` takes the batch too: `model.build((None, 224, 224, 3))`, but `Input((224, 224, 3))`."
)
SEARCH = ("load_model of a Sequential model cannot build it with input_shape",)
CAUSES = (
    {
        "message": "has already been configured to use input shape {saved}. You cannot build it with input_shape {asked}",
    },
    {
        "message": "has already been configured to use input shape {saved}. You cannot add a different Input layer to it.",
    },
)
RELATED = ("not_built_yet", "other_shape", "object_other_shape")
SHOWS = {
    "fail": (),
    "fix": ("shape in the file", "shape of the new model", "y at x = 3, in a row of 5"),
}


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    loaded.build((None, 5, 1))
    return {"input shape": str(loaded.input_shape)}


def fix(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    rows = tf.keras.Sequential([tf.keras.Input((5, 1)), *loaded.layers])
    return {
        "shape in the file": str(loaded.input_shape),
        "shape of the new model": str(rows.input_shape),
        "y at x = 3, in a row of 5": str(rows(tf.fill((1, 5, 1), 3.0)).numpy()[0, 0, 0]),
    }
