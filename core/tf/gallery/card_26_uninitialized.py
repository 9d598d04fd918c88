"""Card 26: a variable that neither restore nor the initializer touched."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "Could not find variable: it has no value yet"
ERROR = "FailedPreconditionError"
MESSAGE = "Could not find variable ver_estimate. This could mean that the variable has been deleted."
WHY = (
    "A variable of a graph has no value until its initializer or a restore gives it one. `restore` "
    "gives values only to the variables of its `Saver`."
)
CHECK = "`sess.run(tf.compat.v1.report_uninitialized_variables())` lists the name in the message."
FIX = "Initialize all variables first, then restore over them."
MORE = "With reference variables the message is `Attempting to use uninitialized value ver_estimate`."
SEARCH = ("In TF1, it can also mean the variable is uninitialized.",)
CAUSES = (
    {
        "message": "Could not find variable {key}. This could mean that the variable has been deleted.",
        "ask": "Was the variable neither initialized nor restored in this session?",
    },
    {
        "message": "Error while reading resource variable {key} from Container",
        "ask": "Was the variable neither initialized nor restored in this session?",
    },
    {
        "message": "Attempting to use uninitialized value {key}",
        "ask": "Was the variable neither initialized nor restored in this session?",
    },
)
RELATED = ("save_before_initializer", "initializer_after_restore", "imported_twice")
SHOWS = {
    "fail": (),
    "fix": ("variables without a value", "h (restored), v (initial value)"),
}
YOURS = """# {key} has no value yet: initialize all, then restore.
sess.run(tf.compat.v1.global_variables_initializer())
saver.restore(sess, prefix)"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver([h_est])
        saver.restore(sess, f"{directory}/model_final")
        return {"h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        missing = tf.compat.v1.report_uninitialized_variables()
        saver = tf.compat.v1.train.Saver([h_est])
        sess.run(tf.compat.v1.global_variables_initializer())
        saver.restore(sess, f"{directory}/model_final")
        return {
            "variables without a value": str(sess.run(missing).tolist()),
            "h (restored), v (initial value)": shown(sess.run([h_est, v_est])),
        }
