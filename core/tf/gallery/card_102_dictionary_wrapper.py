"""Card 102: a dictionary that TensorFlow tracks."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "_DictWrapper: a dictionary of an object cannot be saved"
ERROR = "ValueError"
MESSAGE = "(a dictionary wrapper constructed automatically on attribute assignment)"
WHY = (
    "TensorFlow wraps a dictionary that becomes an attribute, to track its variables. Here the original "
    "dictionary was changed afterward, behind the wrapper."
)
CHECK = "`type(module.parts)` is `_DictWrapper`. The message shows both contents of the dictionary."
FIX = (
    "Change the dictionary through the object: `module.parts['b'] = …`. Use text as keys. What need not be "
    "saved belongs in an object of a class of your own."
)
MORE = (
    "`this __dict__ descriptor does not support '_DictWrapper' objects` has another cause: Python 3.12 "
    "with an old `wrapt`. Update TensorFlow and `wrapt`. A key that is a number gives the message above "
    "too."
)
RECORDED = "The message with `__dict__` is recorded from public threads: it needs an older `wrapt`."
SEARCH = ("model with a dict attribute cannot be saved, non-string key",)
CAUSES = (
    {
        "message": "(a dictionary wrapper constructed automatically on attribute assignment)",
    },
    {
        "message": "this __dict__ descriptor does not support '_DictWrapper' objects",
    },
    {
        "message": "(a list wrapper constructed to track trackable TensorFlow objects)",
    },
)
RELATED = ("not_serializable", "untracked", "not_trackable")
SHOWS = {
    "fail": (),
    "fix": ("type of the attribute", "variables in the checkpoint"),
}


def fail(directory: Path) -> Seen:
    module, parts = tf.Module(), {"h": tf.Variable(1.01)}
    module.parts = parts
    parts["v"] = tf.Variable(-1.96)
    tf.train.Checkpoint(module=module).write(f"{directory}/ckpt")
    return {"saved": "ckpt"}


def fix(directory: Path) -> Seen:
    module, parts = tf.Module(), {"h": tf.Variable(1.01)}
    module.parts = parts
    module.parts["v"] = tf.Variable(-1.96)
    prefix = tf.train.Checkpoint(module=module).write(f"{directory}/ckpt")
    found = [name.split("/")[2] for name, _ in tf.train.list_variables(prefix) if "VALUE" in name]
    return {
        "type of the attribute": type(module.parts).__name__,
        "variables in the checkpoint": ", ".join(found),
    }
