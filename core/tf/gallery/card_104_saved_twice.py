"""Card 104: a SavedModel that is saved again."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "SavedModel"
TITLE = "A SavedModel is loaded and saved twice: variables which have been deleted"
ERROR = "AssertionError"
MESSAGE = "Called a function referencing variables which have been deleted"
WHY = (
    "A function of a loaded SavedModel does not keep its variables. Here only the function was kept, so "
    "Python deleted the loaded object with its variables."
)
CHECK = "The result of `tf.saved_model.load` is not in a variable, or in an attribute of what you save."
FIX = "Keep the whole loaded object: `module.loaded = tf.saved_model.load(path)`. Then use its functions."
MORE = (
    "In Keras 2, a second SavedModel with layers of your own could be written, but not loaded: `missing 1 "
    "required argument: training`. Save from the original classes instead, or pass `custom_objects` when "
    "loading the first time."
)
RECORDED = "The message of Keras 2 is recorded from public threads; the other one happens here."
SEARCH = ("save a loaded SavedModel again, saved and loaded twice",)
CAUSES = (
    {
        "message": "Called a function referencing variables which have been deleted. This likely means that function-local variables were created and not referenced elsewhere",
    },
    {
        "message": "missing 1 required argument: training",
        "only": r"saved_model|SavedModel|load_model|keras",
    },
)
RELATED = ("user_object", "untracked", "no_signatures", "unknown_layer")
SHOWS = {
    "fail": (),
    "fix": ("variables in the second SavedModel", "y at x = 3, from the second"),
}


def prepare(directory: Path) -> None:
    module = tf.Module()
    module.slope = tf.Variable(2.0)
    spec = [tf.TensorSpec([], tf.float32)]
    module.predict = tf.function(lambda x: module.slope * x, input_signature=spec)
    tf.saved_model.save(module, f"{directory}/first")


def fail(directory: Path) -> Seen:
    again = tf.Module()
    again.predict = tf.saved_model.load(f"{directory}/first").predict
    tf.saved_model.save(again, f"{directory}/second")
    return {"saved": "second"}


def fix(directory: Path) -> Seen:
    again = tf.Module()
    again.loaded = tf.saved_model.load(f"{directory}/first")
    again.predict = again.loaded.predict
    tf.saved_model.save(again, f"{directory}/second")
    second = tf.saved_model.load(f"{directory}/second")
    found = tf.train.list_variables(f"{directory}/second/variables/variables")
    return {
        "variables in the second SavedModel": str(len([name for name, _ in found if "VALUE" in name])),
        "y at x = 3, from the second": str(second.predict(tf.constant(3.0)).numpy()),
    }
