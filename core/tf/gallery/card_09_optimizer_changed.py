"""Card 9: slot variables that the checkpoint does not have."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "The optimizer changed: Adam's variables are not found"
ERROR = "NotFoundError"
MESSAGE = "Key beta1_power not found in checkpoint"
WHY = (
    "Adam adds six variables to the graph: two powers, and two slots for each estimate. `Saver()` "
    "restores them all, but a checkpoint from gradient descent has none."
)
CHECK = (
    "Look at the key in the message. `beta1_power`, or a name that ends in `/Adam` or `/Momentum`, "
    "belongs to an optimizer."
)
FIX = (
    "Initialize all variables, then restore only those in the checkpoint: `Saver([h_est, v_est])`. "
    "The optimizer starts with fresh slots."
)
CAUSES = (
    {
        "message": "Key {key} not found in checkpoint",
        "when": {"key": r"(?i)/(adam|adagrad|adadelta|momentum|rmsprop|ftrl|lamb|lars)\w*$|beta[12]_power"},
        "ask": "Does the name end in that of an optimizer, such as /Adam or /Momentum?",
    },
)
RELATED = ("restored_without_slots", "other_scope", "resume", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("restored h, v", "cost before the first step with Adam", "cost after it"),
}
YOURS = """# The checkpoint has no {key}: restore all but what an optimizer keeps.
own = re.compile(r"/(Adam|Adagrad|Adadelta|Momentum|RMSProp|Ftrl)(_\\d+)?$|beta[12]_power")
saver = tf.compat.v1.train.Saver([v for v in tf.compat.v1.global_variables() if not own.search(v.op.name)])"""


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
