"""Card 12: the tensor of a resource variable is a handle."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained

GROUP = "silent"
TITLE = "sess.run('hor_estimate:0') returns bytes, not the value"
ERROR = None
MESSAGE = "[('resource', 'u1', (1,))]"
WHY = (
    "TensorFlow 2 makes resource variables. Their tensor `:0` is a handle to the value, not the "
    "value, and running it returns bytes."
)
CHECK = "Print `graph.get_tensor_by_name('hor_estimate:0').dtype`. `tf.resource` is a handle."
FIX = (
    "Run the variable itself, or the tensor that reads it: `hor_estimate/Read/ReadVariableOp:0`. "
    "With `use_resource=False`, `hor_estimate:0` is the value, as in TensorFlow 1."
)
SEARCH = ("get_tensor_by_name returns an array of bytes",)
RELATED = ("eager_habits", "tensor_name")
SHOWS = {
    "fail": (
        "type of the tensor hor_estimate:0",
        "shape of sess.run('hor_estimate:0')",
        "dtype of sess.run('hor_estimate:0')",
    ),
    "fix": (
        "resource variable, sess.run(h_est)",
        "resource variable, sess.run('hor_estimate/Read/ReadVariableOp:0')",
        "reference variable, sess.run('hor_estimate:0')",
    ),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as sess:
        model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        value = sess.run("hor_estimate:0")
        return {
            "type of the tensor hor_estimate:0": graph.get_tensor_by_name("hor_estimate:0").dtype.name,
            "shape of sess.run('hor_estimate:0')": str(value.shape),
            "dtype of sess.run('hor_estimate:0')": str(value.dtype),
        }


def fix(directory: Path) -> Seen:
    seen = {}
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        seen["resource variable, sess.run(h_est)"] = str(sess.run(h_est))
        name = "hor_estimate/Read/ReadVariableOp:0"
        seen[f"resource variable, sess.run('{name}')"] = str(sess.run(name))
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model(use_resource=False)
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        seen["reference variable, sess.run('hor_estimate:0')"] = str(sess.run("hor_estimate:0"))
    return seen
