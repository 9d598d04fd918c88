"""Card 25: max_to_keep of -1."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "max_to_keep=-1 deletes every checkpoint"
ERROR = None
MESSAGE = "checkpoints on disk with max_to_keep=-1: none"
WHY = (
    "`Saver` takes -1 as a number. After each save the list is longer than -1, so the newest "
    "checkpoint is deleted at once."
)
CHECK = (
    "`Path(f'{path}.index').exists()` right after the first save returns `False`, and only `.meta` "
    "files are in the folder."
)
FIX = (
    "For no limit use `max_to_keep=None` or `0`. A large number is better, because the file "
    "`checkpoint` then lists all (card 2)."
)
SEARCH = (
    "max_to_keep=-1",
    "only meta files are left",
)
RELATED = ("only_the_last_five", "all_kept_but_one_listed", "retention")
SHOWS = {
    "fail": ("save returned", "checkpoints on disk with max_to_keep=-1", "files"),
    "fix": ("save returned", "checkpoints on disk with max_to_keep=None"),
}


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(max_to_keep=-1)
        for i in range(3):
            path = saver.save(sess, f"{directory}/model_iter", global_step=i)
    return {
        "save returned": Path(path).name,
        "checkpoints on disk with max_to_keep=-1": names(checkpoints(directory)),
        "files": names(sorted(directory.iterdir())),
    }


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(max_to_keep=None)
        for i in range(3):
            path = saver.save(sess, f"{directory}/model_iter", global_step=i)
    return {
        "save returned": Path(path).name,
        "checkpoints on disk with max_to_keep=None": names(checkpoints(directory)),
    }
