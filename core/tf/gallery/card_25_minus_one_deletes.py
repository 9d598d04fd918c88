"""Card 25: max_to_keep of -1."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "max_to_keep=-1 deletes every checkpoint"
ERROR = None
MESSAGE = "checkpoints on disk with max_to_keep=-1: none"
WHY = (
    '`max_to_keep=-1` is meant as "no limit", as in many other libraries. `Saver` takes the number '
    "as it is: after each save the list has more than -1 entries, so the oldest, which is the newest "
    "too, is deleted. The values are written and removed at once; `save` returns a path as if all "
    "were well. Only the `.meta` files stay, because they are written last."
)
CHECK = "After the first save, ask `Path(f'{path}.index').exists()`."
FIX = '"No limit" is `max_to_keep=None` or `0`; a number that is large enough is better still.'
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
