"""Card 5: absolute paths in the checkpoint file."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names, shown

GROUP = "error"
TITLE = "The folder moved, and latest_checkpoint returns None"
ERROR = "ValueError"
MESSAGE = "Can't load save_path when it is None."
WHY = (
    "With an absolute path, `save` writes absolute paths into the file `checkpoint`. After a move "
    "they are wrong, and `latest_checkpoint` returns `None`."
)
CHECK = (
    "Open the file `checkpoint`: it is plain text. A path that begins with `/` and no longer exists is this."
)
FIX = (
    "Make the `Saver` with `save_relative_paths=True`. For a folder that has moved, restore by the "
    "prefix and write the file `checkpoint` again."
)
MORE = (
    "`latest_checkpoint` also returns `None` if there is no file `checkpoint`. "
    "`update_checkpoint_state` is deprecated; for `tf.train.Checkpoint`, `CheckpointManager` writes "
    "relative paths."
)
SEARCH = (
    "latest_checkpoint returns None",
    "save_relative_paths",
    "checkpoint directory copied to another machine is not found",
)
CAUSES = (
    {
        "message": "Can't load save_path when it is None.",
        "ask": "Does the file checkpoint name paths that are no longer there, or is it missing?",
    },
    {
        "message": "Couldn't match files for checkpoint {path}",
        "ask": "Was the directory moved or renamed after the checkpoint was saved?",
    },
    {
        "message": "'NoneType' object has no attribute 'model_checkpoint_path'",
        "ask": "Is the file checkpoint missing in the directory, or does it name paths that are gone?",
    },
)
RELATED = ("stale_checkpoint_file", "state_file_unreadable", "export")
SHOWS = {
    "fail": (),
    "fix": (
        "latest_checkpoint in archive",
        "listed in archive",
        "h, v from archive",
        "latest_checkpoint in relative_archive",
        "listed in relative_archive",
        "h, v from relative_archive",
    ),
}


def prepare(directory: Path) -> None:
    for run, relative in (("run", False), ("relative_run", True)):
        with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
            h_est, v_est = model()
            sess.run(tf.compat.v1.global_variables_initializer())
            sess.run([h_est.assign(1.01), v_est.assign(-1.96)])
            saver = tf.compat.v1.train.Saver(save_relative_paths=relative)
            saver.save(sess, f"{directory}/{run}/model_iter", global_step=99)
            saver.save(sess, f"{directory}/{run}/model_final")


def fail(directory: Path) -> Seen:
    moved = (directory / "run").rename(directory / "archive")
    latest = tf.train.latest_checkpoint(moved)
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, latest)
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    seen = {}
    # For a folder that has moved: write its file checkpoint again.
    moved = (directory / "run").rename(directory / "archive")
    found = [prefix.name for prefix in checkpoints(moved)]
    update = tf.compat.v1.train.update_checkpoint_state
    update(str(moved), found[-1], all_model_checkpoint_paths=found)
    # Saved with save_relative_paths=True: nothing to do.
    relative = (directory / "relative_run").rename(directory / "relative_archive")
    for run in (moved, relative):
        with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
            h_est, v_est = model()
            latest = tf.train.latest_checkpoint(run)
            tf.compat.v1.train.Saver().restore(sess, latest)
            seen[f"latest_checkpoint in {run.name}"] = Path(latest).name
            listed = tf.train.get_checkpoint_state(run).all_model_checkpoint_paths
            seen[f"listed in {run.name}"] = names(list(listed))
            seen[f"h, v from {run.name}"] = shown(sess.run([h_est, v_est]))
    return seen
