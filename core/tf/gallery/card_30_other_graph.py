"""Card 30: variables without names, or a graph that is not the model's."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, save_trained

GROUP = "error"
TITLE = "Key Variable not found: the model was not built before Saver()"
ERROR = "NotFoundError"
MESSAGE = "Key Variable not found in checkpoint"
WHY = (
    "The graph has a variable without a name, which TensorFlow calls `Variable`. The model's own "
    "variables are not in the graph, because it was not built."
)
CHECK = (
    "Print `tf.compat.v1.global_variables()`: only the names `Variable`, `Variable_1` and so on are there."
)
FIX = "Build the model first, with the training code or with `import_meta_graph`. Give every variable a name."
SEARCH = (
    "dummy variable before Saver",
    "restore without building the model",
)
CAUSES = (
    {
        "message": "Key {key} not found in checkpoint",
        "when": {"key": r"^Variable(_\d+)?$"},
        "ask": "Is the name that TensorFlow gives a variable without a name, Variable?",
    },
)
RELATED = ("no_variables_to_save", "other_scope", "automatic_names")
SHOWS = {
    "fail": (),
    "fix": ("hor_estimate", "ver_estimate"),
}
YOURS = """print(tf.train.list_variables(prefix))  # is {key} among them?"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        dummy = tf.compat.v1.Variable(0)
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"restored": str(sess.run(dummy))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        variables = tf.compat.v1.global_variables()
        return {v.op.name: str(value) for v, value in zip(variables, sess.run(variables), strict=True)}
