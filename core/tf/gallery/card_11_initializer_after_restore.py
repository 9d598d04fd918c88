"""Card 11: the order of restore and initializer."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "silent"
TITLE = "The restored values are back at zero"
ERROR = None
MESSAGE = "after restore and initializer: 0.0, 0.0"
ASKED = (
    "The checkpoint is restored, and then the usual `global_variables_initializer()` runs. The "
    "restored values are expected to stay."
)
WHY = (
    "The initializer assigns its initial value to every variable, restored or not. It runs last, "
    "so it wins. Nothing reports that values were overwritten."
)
REPAIR = (
    "Run the initializer first and restore afterwards; or leave it out when the checkpoint has "
    "every variable, because `restore` initializes what it restores."
)
EARLIER = "Print one restored value just before training, and compare it with the checkpoint."
SEARCH = (
    "restored variables are zero",
    "variables are reset after restore",
    "global_variables_initializer overwrites restored values",
    "does the initializer overwrite the weights that were loaded",
)
RELATED = ("uninitialized", "restoration_deferred", "resume")


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


def repair(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver.restore(sess, f"{directory}/model_final")
        return {"h, v after initializer and restore": shown(sess.run([h_est, v_est]))}
