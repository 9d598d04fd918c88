"""Card 7: names that TensorFlow made unique."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "Key hor_estimate_1 not found in checkpoint"
ERROR = "NotFoundError"
MESSAGE = "Key hor_estimate_1 not found in checkpoint"
WHY = (
    "The code that builds the model ran twice in one graph, so the second `hor_estimate` is called "
    "`hor_estimate_1`. The checkpoint has only the first name."
)
CHECK = (
    "Print `[v.name for v in tf.compat.v1.global_variables()]`. If each name is there twice, once "
    "with `_1`, it is this."
)
FIX = (
    "Build in a fresh graph: `with tf.Graph().as_default():`. To keep the other names, map them: "
    "`Saver({'hor_estimate': h_est, 'ver_estimate': v_est})`."
)
MORE = (
    "Other names end in `_1` too: Adam's second slot is `…/Adam_1` (card 9). Variables without a "
    "name are `Variable_1` (card 30), a second layer is `dense_1`."
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
RELATED = ("other_scope", "automatic_names", "optimizer_changed", "imported_twice", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("h, v in a fresh graph", "h, v in hor_estimate_1 and ver_estimate_1, through the dict"),
}
YOURS = """# If the model was built twice, {key} is {plain} in the checkpoint.
# Use this only if the model has one layer of each kind: a second one has a number too.
# Otherwise build in a fresh graph, or map each variable by hand (card 29).
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
