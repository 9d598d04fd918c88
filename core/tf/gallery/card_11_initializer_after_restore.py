"""Card 11: the order of restore and initializer."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "silent"
TITLE = "The restored values are back at zero"
ERROR = None
MESSAGE = "after restore and initializer: 0.0, 0.0"
WHY = (
    "`global_variables_initializer()` assigns the initial value to every variable, restored or not. "
    "It ran after `restore`, so the restored values are lost."
)
CHECK = (
    "Print a restored value right after `restore`, and again just before training. If it changed, it is this."
)
FIX = (
    "Run the initializer first and `restore` after it. If the checkpoint has every variable, you "
    "need no initializer."
)
SEARCH = (
    "restored variables are zero",
    "variables are reset after restore",
    "global_variables_initializer overwrites restored values",
    "does the initializer overwrite the weights that were loaded",
)
RELATED = ("uninitialized", "restoration_deferred", "resume")
SHOWS = {
    "fail": ("h, v after restore", "h, v after restore and initializer"),
    "fix": ("h, v after initializer and restore",),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, f"{directory}/model_final")
        after_restore = shown(sess.run([h_est, v_est]))
        sess.run(tf.compat.v1.global_variables_initializer())
        return {
            "h, v after restore": after_restore,
            "h, v after restore and initializer": shown(sess.run([h_est, v_est])),
        }


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver.restore(sess, f"{directory}/model_final")
        return {"h, v after initializer and restore": shown(sess.run([h_est, v_est]))}
