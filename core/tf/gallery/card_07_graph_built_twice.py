"""Card 7: names that TensorFlow made unique."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "Key hor_estimate_1 not found in checkpoint"
ERROR = "NotFoundError"
MESSAGE = "Key hor_estimate_1 not found in checkpoint"
WHY = (
    "The cell of a notebook, or the function, that builds the model runs a second time. Then the "
    "checkpoint is restored, as it worked the first time. Names in one graph are unique, so the "
    "second `hor_estimate` becomes `hor_estimate_1`. The graph now has four variables, `Saver()` "
    "asks the checkpoint for all of them by name, and the checkpoint knows only the first two."
)
CHECK = (
    "Print `[v.name for v in tf.compat.v1.global_variables()]` before you make a `Saver`: a name "
    "that ends in `_1` may say that something was built twice. It is not the only cause: Adam's "
    "second slot is called `…/Adam_1` (card 9), variables without a name `Variable_1` (card 30), and "
    "a second layer of one kind `dense_1`."
)
FIX = (
    "Build in a graph of its own: `with tf.Graph().as_default():`. When the variables must keep "
    "their other names, say which name each has in the checkpoint: `Saver({'hor_estimate': h_est, "
    "'ver_estimate': v_est})`."
)
CAUSES = (
    {
        "message": "Key {key} not found in checkpoint",
        "when": {
            "key": r"(?<!/Adam)_\d+$|^[^/]+_[1-9]/|(conv\dd|dense|lstm|gru|embedding|batch_normalization)_[1-9]/"
        },
        "ask": "Does the name have a number such as _1, and did the code that builds the model run twice?",
    },
)
RELATED = ("other_scope", "automatic_names", "optimizer_changed", "imported_twice", "open")
SHOWS = {
    "fail": (),
    "fix": ("h, v in a fresh graph", "h, v in hor_estimate_1 and ver_estimate_1, through the dict"),
}
YOURS = """# {key} is {plain} in the checkpoint, and so with all that the second call built.
# Only if the model was built twice and has one layer of a kind: a second one of your own is numbered too.
# Then build in a fresh graph, or say for each variable what it is in the checkpoint (card 29).
import re
again = re.compile(r"(?<!Adam){count}(?=/|$)")
variables = {{again.sub("", v.op.name): v for v in tf.compat.v1.global_variables()}}
for name, variable in variables.items():
    print(name, "in the checkpoint goes to", variable.op.name)
saver = tf.compat.v1.train.Saver(variables)"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        h_est, v_est = model()  # the same cell, run again
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, f"{directory}/model_final")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        fresh = shown(sess.run([h_est, v_est]))
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        h_est, v_est = model()
        # The name in the checkpoint on the left, the variable in this graph on the right.
        saver = tf.compat.v1.train.Saver({"hor_estimate": h_est, "ver_estimate": v_est})
        saver.restore(sess, f"{directory}/model_final")
        mapped = shown(sess.run([h_est, v_est]))
        return {
            "h, v in a fresh graph": fresh,
            f"h, v in {h_est.op.name} and {v_est.op.name}, through the dict": mapped,
        }
