"""Card 9: slot variables that the checkpoint does not have."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "The optimizer changed: Adam's variables are not found"
ERROR = "NotFoundError"
MESSAGE = "Key beta1_power not found in checkpoint"
WHY = (
    "The model was trained with gradient descent and saved. Training is to go on with Adam, from the "
    "saved values. Adam adds six variables of its own to the graph: two powers, `beta1_power` and "
    "`beta2_power`, and four slots, two for each estimate (`hor_estimate/Adam`, "
    "`hor_estimate/Adam_1` and so on). `Saver()` restores every variable of the graph, and the "
    "checkpoint of a run with gradient descent has none of these."
)
CHECK = (
    "Compare `tf.train.list_variables(prefix)` with `tf.compat.v1.global_variables()` before you "
    "restore: the names that only one side has are the ones to decide about."
)
FIX = (
    "Initialize all variables, then restore only those that the checkpoint has: `Saver([h_est, "
    "v_est])`. The optimizer starts with fresh slots."
)
CAUSES = (
    {
        "message": "Key {key} not found in checkpoint",
        "when": {"key": r"(?i)/(adam|adagrad|adadelta|momentum|rmsprop|ftrl|lamb|lars)\w*$|beta[12]_power"},
        "ask": "Does the name end in that of an optimizer, such as /Adam or /Momentum?",
    },
)
RELATED = ("restored_without_slots", "other_scope", "resume", "open")
SHOWS = {
    "fail": (),
    "fix": ("restored h, v", "cost before the first step with Adam", "cost after it"),
}
YOURS = """# the checkpoint has no {key}: restore all but what the optimizer made
saver = tf.compat.v1.train.Saver([v for v in tf.compat.v1.global_variables() if {last} not in v.op.name])"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        cost = tf.square(h_est - 1.0) + tf.square(v_est + 2.0)
        tf.compat.v1.train.AdamOptimizer(0.001).minimize(cost)
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, f"{directory}/model_final")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        cost = tf.square(h_est - 1.0) + tf.square(v_est + 2.0)
        train = tf.compat.v1.train.AdamOptimizer(0.001).minimize(cost)
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver([h_est, v_est])
        saver.restore(sess, f"{directory}/model_final")
        before = sess.run(cost)
        restored = shown(sess.run([h_est, v_est]))
        sess.run(train)
        return {
            "restored h, v": restored,
            "cost before the first step with Adam": str(before),
            "cost after it": str(sess.run(cost)),
        }
