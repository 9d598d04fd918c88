"""Card 30: variables without names, or a graph that is not the model's."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, save_trained

GROUP = "error"
TITLE = "Key Variable not found: the model was not built before Saver()"
ERROR = "NotFoundError"
MESSAGE = "Key Variable not found in checkpoint"
WHY = (
    "A short script is to restore a checkpoint. `Saver()` complained that there are no variables, so "
    "a dummy variable was added: `tf.Variable(0)`. A `Saver` restores the variables that the graph "
    "has when it is made, and a variable without a name is called `Variable` (then `Variable_1` and "
    "so on, in the order of making). The dummy is looked for in the checkpoint, and the model's own "
    "variables are not in the graph at all."
)
CHECK = "A name such as `Variable` or `Variable_1` in a graph that you restore into is a warning."
FIX = (
    "Build the model first, by the code that built it for training, or from the `.meta` file: "
    "`import_meta_graph` gives the graph and a `Saver` for it. Give every variable a name."
)
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
