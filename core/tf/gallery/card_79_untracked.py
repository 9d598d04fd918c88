"""Card 79: a variable that the saved object does not have."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "SavedModel"
TITLE = "Tried to export a function which references an untracked resource"
ERROR = "AssertionError"
MESSAGE = "Tried to export a function which references an 'untracked' resource"
WHY = (
    "A SavedModel saves what attributes of the object lead to. The exported function uses a "
    "variable, a table or a summary writer outside the module."
)
CHECK = "The variable that the function uses is not in `module.variables`."
FIX = "Make it an attribute of the module. Keep what only training needs out of the exported function."
CAUSES = (
    {
        "message": "Tried to export a function which references untracked object",
    },
    {
        "message": "Tried to export a function which references an 'untracked' resource",
    },
    {
        "message": "Tried to export a function which references untracked resource",
    },
    {
        "message": "Tried to export a function which references untracked",
    },
)
RELATED = ("no_matching_function", "no_signatures", "values_not_used")
SHOWS = {
    "fail": (),
    "fix": ("variables of the module", "y at x = 3, loaded"),
}

SPEC: list[tf.TensorSpec] = [tf.TensorSpec([], tf.float32)]


def build(tracked: bool) -> tf.Module:
    """A module whose function uses a variable that it has, or has not, as an attribute."""
    module, h = tf.Module(), tf.Variable(1.0)
    module.predict = tf.function(lambda x: tf.square(x - h), input_signature=SPEC)
    if tracked:
        module.h = h
    return module


def fail(directory: Path) -> Seen:
    tf.saved_model.save(build(tracked=False), f"{directory}/SavedModel")
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    return {"y at x = 3": str(loaded.predict(tf.constant(3.0)).numpy())}


def fix(directory: Path) -> Seen:
    module = build(tracked=True)
    tf.saved_model.save(module, f"{directory}/SavedModel")
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    return {
        "variables of the module": str(len(module.variables)),
        "y at x = 3, loaded": str(loaded.predict(tf.constant(3.0)).numpy()),
    }
