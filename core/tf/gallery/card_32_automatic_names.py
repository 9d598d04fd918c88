"""Card 32: numbers in names count what was built before."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "A layer more or less, and automatic names stand for other layers"
ERROR = "InvalidArgumentError"
MESSAGE = "Assign requires shapes of both tensors to match. lhs shape= [3] rhs shape= [2]"
WHY = (
    "The model had variables of 1, 2 and 3 values, none of them named. Its checkpoint is restored "
    "into a model without the middle one. Those that did not change are expected to fit. Automatic "
    "names only count: `Variable`, `Variable_1`, `Variable_2`, or `conv2d_38`, `conv2d_39`. One "
    "layer more or less, and every later name belongs to another layer than in the checkpoint. Where "
    "the shapes differ it is an error; where they happen to agree, the wrong values are restored "
    "silently."
)
CHECK = (
    "Look for `Variable_3` or `conv2d_39` in `tf.train.list_variables(prefix)`: such names are only "
    "right in exactly the same program."
)
FIX = (
    "Give layers and variables names of their own. For a checkpoint that has automatic names, say "
    "with a dict which variable each name belongs to."
)
SEARCH = ("automatic names conv2d_12 dense_4 another layer",)
CAUSES = (
    {
        "message": "Assign requires shapes of both tensors to match. lhs shape= {graph} rhs shape= {saved}",
        "when": {"text": r"loc:@(conv\dd|dense|batch_normalization|lstm|gru|embedding|Variable|layer)_\d+"},
        "ask": "Does the variable have an automatic name, such as conv2d_39 or Variable_2?",
    },
)
RELATED = ("other_shape", "other_graph", "classes_changed", "open")
SHOWS = {
    "fail": (),
    "fix": ("Variable", "Variable_2, here called Variable_1"),
}
YOURS = """# your graph wants {graph_shape}, the checkpoint has {saved_shape}: which has yours?
print([name for name, shape in tf.train.list_variables(prefix) if shape == {graph_shape}])"""


def build(*sizes: int) -> list[tf.Variable]:
    """Variables without names, of reference type, which compare shapes when restored."""
    return [tf.compat.v1.Variable(tf.zeros([size]), use_resource=False) for size in sizes]


def prepare(directory: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        variables = build(1, 2, 3)
        sess.run(tf.compat.v1.global_variables_initializer())
        sess.run([tf.compat.v1.assign(v, v + i + 1) for i, v in enumerate(variables)])
        tf.compat.v1.train.Saver().save(sess, f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        variables = build(1, 3)
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"restored": str(sess.run(variables))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        first, last = build(1, 3)
        saver = tf.compat.v1.train.Saver({"Variable": first, "Variable_2": last})
        saver.restore(sess, f"{directory}/model_final")
        return {
            "Variable": str(sess.run(first)),
            f"Variable_2, here called {last.op.name}": str(sess.run(last)),
        }
