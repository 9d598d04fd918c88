"""Card 77: a SavedModel has only the functions that were called before saving."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, shown

GROUP = "SavedModel"
TITLE = "Could not find matching concrete function to call"
ERROR = "ValueError"
MESSAGE = "Could not find matching concrete function to call loaded from the SavedModel"
WHY = (
    "A SavedModel has only the graphs that were traced before saving, one for each shape and type. "
    "This one was traced for three points, and got two."
)
CHECK = "Compare `Got` with `Option 1` in the message: shape, type, list or tensor."
FIX = (
    "Save with an open shape: `input_signature=[tf.TensorSpec([None], tf.float32)]`. For an existing "
    "SavedModel, give exactly what an option asks for."
)
SEARCH = ("signature_wrapper missing a required argument / got unexpected keyword arguments",)
CAUSES = (
    {
        "message": "Could not find matching function to call loaded from the SavedModel",
    },
    {
        "message": "Could not find matching concrete function to call loaded from the SavedModel",
    },
    {
        "message": "Expected these arguments to match one of the following",
    },
    {
        "message": "Python inputs incompatible with input_signature",
    },
    {
        "message": "Binding inputs to tf.function failed due to",
        "only": "saved_model|signature|SavedModel|load",
    },
    {
        "message": "signature_wrapper({arguments}) missing required arguments",
    },
    {
        "message": "signature_wrapper({arguments}) got unexpected keyword arguments",
    },
    {
        "message": "signature_wrapper(",
        "only": "TypeError",
    },
)
RELATED = ("user_object", "no_signatures", "untracked")
SHOWS = {
    "fail": (),
    "fix": ("y for two", "y for three"),
}


class Parabola(tf.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.h = tf.Variable(1.0)

    @tf.function  # type: ignore[untyped-decorator]
    def predict(self, x: tf.Tensor) -> tf.Tensor:
        return tf.square(x - self.h)


def fail(directory: Path) -> Seen:
    module = Parabola()
    module.predict(tf.zeros(3))
    tf.saved_model.save(module, f"{directory}/SavedModel")
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    return {"y": shown(list(loaded.predict(tf.constant([2.0, 3.0])).numpy()))}


def fix(directory: Path) -> Seen:
    module = Parabola()
    module.predict.get_concrete_function(tf.TensorSpec([None], tf.float32))
    tf.saved_model.save(module, f"{directory}/SavedModel")
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    return {
        "y for two": shown(list(loaded.predict(tf.constant([2.0, 3.0])).numpy())),
        "y for three": shown(list(loaded.predict(tf.constant([1.0, 2.0, 3.0])).numpy())),
    }
