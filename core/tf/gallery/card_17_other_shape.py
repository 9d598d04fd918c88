"""Card 17: a value restored into a variable of another shape."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, save_trained

GROUP = "silent"
TITLE = "The shape changed, and restore does not complain"
ERROR = None
MESSAGE = "resource variable, shape in the graph (3,), shape of the restored value: ()"
WHY = (
    "For resource variables `Saver.restore` replaces the value without comparing shapes. The value "
    "then contradicts the graph."
)
CHECK = (
    "Compare `get_variable_to_shape_map()` of `tf.train.load_checkpoint(prefix)` with the shape of "
    "each variable."
)
FIX = (
    "Compare shapes before you restore. Where they differ, read the value with "
    "`tf.train.load_variable`, convert it and assign it."
)
MORE = (
    "For reference variables it raises `InvalidArgumentError: Assign requires shapes of both tensors "
    "to match`."
)
SEARCH = (
    "restore does not compare shapes of resource variables",
    "restored value has another shape than the variable, no error",
)
RELATED = ("classes_changed", "object_other_shape", "inspect")
SHOWS = {
    "fail": (
        "resource variable, shape in the graph (3,), shape of the restored value",
        "reference variable, shape in the graph (3,), InvalidArgumentError",
    ),
    "fix": ("shape in the checkpoint", "agrees with the variable", "hor_estimate, converted on purpose"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    seen = {}
    for kind, resource in (("resource", True), ("reference", False)):
        with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
            h_est = tf.compat.v1.Variable([0.0] * 3, name="hor_estimate", use_resource=resource)
            label = f"{kind} variable, shape in the graph {tuple(h_est.shape)}"
            try:
                tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
                seen[f"{label}, shape of the restored value"] = str(sess.run(h_est).shape)
            except tf.errors.InvalidArgumentError as error:
                said = [line for line in error.message.splitlines() if "lhs shape" in line]
                seen[f"{label}, {type(error).__name__}"] = said[0]
    return seen


def fix(directory: Path) -> Seen:
    prefix = f"{directory}/model_final"
    shapes = tf.train.load_checkpoint(prefix).get_variable_to_shape_map()
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est = tf.compat.v1.Variable([0.0] * 3, name="hor_estimate")
        agree = h_est.shape == shapes["hor_estimate"]
        value = tf.train.load_variable(prefix, "hor_estimate")
        sess.run(h_est.assign(tf.fill([3], value)))
        return {
            "shape in the checkpoint": str(shapes["hor_estimate"]),
            "agrees with the variable": str(agree),
            "hor_estimate, converted on purpose": str(sess.run(h_est)),
        }
