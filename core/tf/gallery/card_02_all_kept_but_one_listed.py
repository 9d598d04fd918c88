"""Card 2: max_to_keep of 0 or None."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "All files are kept, but the checkpoint file lists only one"
ERROR = None
MESSAGE = "listed in the checkpoint file: model_iter-5"
WHY = (
    "With `max_to_keep=None` or `0`, `Saver` deletes nothing and keeps no list. It writes only the "
    "newest checkpoint into the file `checkpoint`."
)
CHECK = (
    "Count the paths in the file `checkpoint`, and the `.index` files. One path beside many files is this."
)
FIX = (
    "Read the history from the folder: each `.index` file is one checkpoint. Or set `max_to_keep` to "
    "a large number; then the file `checkpoint` lists all."
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
    "fix": ("checkpoints found in the folder", "hor_estimate restored from model_iter-2"),
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
        # The folder has them all, whatever the file checkpoint lists.
        history = sorted(directory.glob("*.index"), key=lambda f: int(f.stem.rpartition("-")[2]))
        prefixes = [file.with_suffix("") for file in history]
        saver.restore(sess, str(prefixes[2]))
        return {
            "checkpoints found in the folder": names(prefixes),
            "hor_estimate restored from model_iter-2": str(sess.run(h_est)),
        }
