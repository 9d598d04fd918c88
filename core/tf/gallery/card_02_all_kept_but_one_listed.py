"""Card 2: max_to_keep of 0 or None."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "All files are kept, but the checkpoint file lists only one"
ERROR = None
MESSAGE = "listed in the checkpoint file: model_iter-5"
WHY = (
    "`max_to_keep=None` (or `0`) keeps every checkpoint. The `checkpoint` file is expected to list "
    "all of them. With `None` or `0`, `Saver` keeps no list at all: it deletes nothing, and writes "
    "`all_model_checkpoint_paths` with the newest checkpoint alone."
)
CHECK = (
    "Compare the length of `all_model_checkpoint_paths` with the number of `.index` files after the "
    "second save."
)
FIX = (
    "List the history from the directory: each `.index` file stands for one checkpoint. Or give "
    "`max_to_keep` a number that is large enough; then the `checkpoint` file lists all of them."
)
SEARCH = (
    "all_model_checkpoint_paths",
    "max_to_keep=None",
    "max_to_keep=0",
    "last_checkpoints is empty",
)
RELATED = ("only_the_last_five", "manager_and_saver", "retention")
SHOWS = {
    "fail": (
        "max_to_keep=0, on disk",
        "max_to_keep=0, listed in the checkpoint file",
        "max_to_keep=None, on disk",
        "max_to_keep=None, listed in the checkpoint file",
    ),
    "fix": ("checkpoints found in the directory", "hor_estimate restored from model_iter-2"),
}


def fail(directory: Path) -> Seen:
    seen = {}
    for keep in (0, None):
        run = directory / f"keep_{keep}"
        with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
            model()
            sess.run(tf.compat.v1.global_variables_initializer())
            saver = tf.compat.v1.train.Saver(max_to_keep=keep)
            for i in range(6):
                saver.save(sess, f"{run}/model_iter", global_step=i)
        state = tf.train.get_checkpoint_state(run)
        seen[f"max_to_keep={keep}, on disk"] = names(checkpoints(run))
        seen[f"max_to_keep={keep}, listed in the checkpoint file"] = names(state.all_model_checkpoint_paths)
    return seen


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(max_to_keep=None)
        for i in range(6):
            sess.run(h_est.assign_add(0.25))
            saver.save(sess, f"{directory}/model_iter", global_step=i)
        # The directory knows them all, whatever the checkpoint file lists.
        history = sorted(directory.glob("*.index"), key=lambda f: int(f.stem.rpartition("-")[2]))
        prefixes = [file.with_suffix("") for file in history]
        saver.restore(sess, str(prefixes[2]))
        return {
            "checkpoints found in the directory": names(prefixes),
            "hor_estimate restored from model_iter-2": str(sess.run(h_est)),
        }
