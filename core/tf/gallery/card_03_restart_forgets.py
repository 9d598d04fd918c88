"""Card 3: a new Saver does not know the files of the one before."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "After a restart, old checkpoints are no longer deleted"
ERROR = None
MESSAGE = "checkpoints on disk with max_to_keep=3: 6"
WHY = (
    "`Saver` remembers its checkpoints in memory, and `restore` does not fill that memory. After a "
    "restart the new `Saver` never deletes older files."
)
CHECK = (
    "Print `saver.last_checkpoints` after `restore`. An empty list means that it does not know the "
    "older files."
)
FIX = (
    "After `restore`, call `saver.recover_last_checkpoints(state.all_model_checkpoint_paths)`, "
    "before the first save."
)
MORE = "The file `checkpoint` that the new `Saver` writes does not list the older files either."
SEARCH = (
    "recover_last_checkpoints",
    "disk is full of old checkpoints after restart",
    "checkpoints of previous runs of the script are not deleted when it runs again",
)
RELATED = ("only_the_last_five", "epoch_restarts", "retention", "resume")
SHOWS = {
    "fail": ("saver.last_checkpoints after restore", "checkpoints on disk with max_to_keep=3"),
    "fix": ("saver.last_checkpoints after restore", "checkpoints on disk with max_to_keep=3"),
}


def prepare(directory: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(max_to_keep=3)
        for i in range(5):
            saver.save(sess, f"{directory}/model_iter", global_step=i)


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        saver = tf.compat.v1.train.Saver(max_to_keep=3)
        saver.restore(sess, tf.train.latest_checkpoint(directory))
        remembered = names(saver.last_checkpoints)
        for i in range(5, 8):
            saver.save(sess, f"{directory}/model_iter", global_step=i)
    found = checkpoints(directory)
    return {
        "saver.last_checkpoints after restore": remembered,
        "checkpoints on disk with max_to_keep=3": f"{len(found)} ({names(found)})",
    }


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        saver = tf.compat.v1.train.Saver(max_to_keep=3)
        state = tf.train.get_checkpoint_state(directory)
        saver.restore(sess, state.model_checkpoint_path)
        saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        remembered = names(saver.last_checkpoints)
        for i in range(5, 8):
            saver.save(sess, f"{directory}/model_iter", global_step=i)
    found = checkpoints(directory)
    return {
        "saver.last_checkpoints after restore": remembered,
        "checkpoints on disk with max_to_keep=3": f"{len(found)} ({names(found)})",
    }
