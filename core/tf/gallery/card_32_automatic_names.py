"""Card 32: numbers in names count what was built before."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "One layer more or less, and automatic names mean other layers"
ERROR = "InvalidArgumentError"
MESSAGE = "Assign requires shapes of both tensors to match. lhs shape= [3] rhs shape= [2]"
WHY = (
    "Automatic names only count: `Variable`, `Variable_1`, or `conv2d_38`, `conv2d_39`. With one "
    "layer more or less, every later name means another layer."
)
CHECK = "The checkpoint has names such as `Variable_3` or `conv2d_39`, and the number of layers has changed."
FIX = (
    "Give layers and variables your own names. For an existing checkpoint, map with a dict which "
    "variable each name belongs to."
)
MORE = "Where the shapes agree by chance, wrong values are restored without an error."
SEARCH = ("automatic names conv2d_12 dense_4 another layer",)
CAUSES = (
    {
        "message": "Assign requires shapes of both tensors to match. lhs shape= {graph} rhs shape= {saved}",
        "when": {"text": r"loc:@(conv\dd|dense|batch_normalization|lstm|gru|embedding|Variable|layer)_\d+"},
        "ask": "Does the variable have an automatic name, such as conv2d_39 or Variable_2?",
    },
)
RELATED = ("other_shape", "other_graph", "classes_changed", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("Variable", "Variable_2, here called Variable_1"),
}
YOURS = """# The graph has {graph_shape}, the checkpoint has {saved_shape}. Which names have yours?
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
