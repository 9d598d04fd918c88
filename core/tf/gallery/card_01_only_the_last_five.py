"""Card 1: the default of max_to_keep."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "Only the last five checkpoints are there"
ERROR = None
MESSAGE = "checkpoints on disk: model_iter-96, model_iter-97, model_iter-98, model_iter-99, model_final"
WHY = (
    "`Saver()` with default settings keeps five checkpoints (`max_to_keep=5`). After each save it "
    "deletes the files of the oldest, without an error."
)
CHECK = "Count the `.index` files in the folder after six saves. If there are five, it is this."
FIX = (
    "Set the number to keep: `Saver(max_to_keep=101)`. To keep a few for longer, add "
    "`keep_checkpoint_every_n_hours`."
)
MORE = (
    "The log has one warning, at the first deletion: `remove_checkpoint` is deprecated. It does not "
    "say that a checkpoint was deleted."
)
SEARCH = (
    "max_to_keep",
    "old checkpoints are deleted",
    "earlier checkpoints disappeared",
    "why were my checkpoints deleted",
    "only the last 5 checkpoints are kept",
    "Saver only stores the last 5 checkpoints",
)
RELATED = ("all_kept_but_one_listed", "restart_forgets", "retention")
SHOWS = {
    "fail": ("checkpoints on disk",),
    "fix": ("number of checkpoints on disk", "the first three", "the last three"),
}


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver()
        for i in range(100):
            saver.save(sess, f"{directory}/model_iter", global_step=i)
        saver.save(sess, f"{directory}/model_final")
    return {"checkpoints on disk": names(checkpoints(directory))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(max_to_keep=101)
        for i in range(100):
            saver.save(sess, f"{directory}/model_iter", global_step=i)
        saver.save(sess, f"{directory}/model_final")
    found = checkpoints(directory)
    return {
        "number of checkpoints on disk": str(len(found)),
        "the first three": names(found[:3]),
        "the last three": names(found[-3:]),
    }
