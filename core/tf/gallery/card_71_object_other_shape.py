"""Card 71: tf.train.Checkpoint compares shapes."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Received incompatible tensor: the saved variable has another shape"
ERROR = "ValueError"
MESSAGE = "Received incompatible tensor with shape (3,) when attempting to restore variable with shape (2,)"
WHY = (
    "`tf.train.Checkpoint` finds a value by its path of attributes, here `out`, and compares shapes. "
    "The saved value has (3,), the variable has (2,)."
)
CHECK = (
    "Of the two shapes in the message, the first is the checkpoint's. Find it in "
    "`tf.train.list_variables(prefix)`."
)
FIX = (
    "Build the model with the settings of the saved one. To keep what fits, restore only those "
    "objects, and call `expect_partial()`."
)
SEARCH = ("Tensor's shape (90, 4) is not compatible with supplied shape",)
CAUSES = (
    {
        "message": "The shape of the target variable and the shape of the target value in `variable.assign(value)` must match",
        "only": r"objects could not be loaded|load_weights|load_model|saving_lib",
    },
    {
        "message": "Received incompatible tensor with shape {saved} when attempting to restore variable with shape {model}",
        "ask": "Is the variable of the model of another shape than the saved one?",
    },
    {
        "message": "Shapes {model} and {saved} are incompatible",
        "only": "load_weights|restor|load_model|Unresolved object in checkpoint",
    },
    {
        "message": "Cannot assign value to variable '{name}': Shape mismatch",
    },
    {
        "message": "Tensor's shape {saved} is not compatible with supplied shape {model}",
        "only": "restore|checkpoint|ckpt",
    },
    {
        "message": "has shape {model}, but the saved weight has shape {saved}",
    },
)
RELATED = ("slots_in_another_order", "classes_changed", "other_shape", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("shape of out in the checkpoint", "restored", "body"),
}
YOURS = """# The program has {graph_shape}, the checkpoint has {saved_shape}. Which names are that?
print([name for name, shape in tf.train.list_variables(prefix) if tuple(shape) == {saved_shape}])"""


def prepare(directory: Path) -> None:
    body, out = tf.Variable(1.01), tf.Variable([0.0] * 3)
    tf.train.Checkpoint(body=body, out=out).write(f"{directory}/ckpt")


def fail(directory: Path) -> Seen:
    body, out = tf.Variable(0.0), tf.Variable([0.0] * 2)
    tf.train.Checkpoint(body=body, out=out).read(f"{directory}/ckpt")
    return {"restored": f"{body.numpy()}, {out.numpy()}"}


def fix(directory: Path) -> Seen:
    shapes = dict(tf.train.list_variables(f"{directory}/ckpt"))
    body, out = tf.Variable(0.0), tf.Variable([0.0] * 2)
    found = {"body": body, "out": out}
    key = "{}/.ATTRIBUTES/VARIABLE_VALUE"
    fitting = {n: v for n, v in found.items() if shapes[key.format(n)] == v.shape.as_list()}
    tf.train.Checkpoint(**fitting).read(f"{directory}/ckpt").expect_partial()
    return {
        "shape of out in the checkpoint": str(shapes[key.format("out")]),
        "restored": ", ".join(fitting),
        "body": str(body.numpy()),
    }
