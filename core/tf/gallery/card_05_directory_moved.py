"""Card 5: absolute paths in the checkpoint file."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names, shown

GROUP = "error"
TITLE = "The directory moved, and latest_checkpoint returns None"
ERROR = "ValueError"
MESSAGE = "Can't load save_path when it is None."
WHY = (
    "The directory of a run is renamed, or copied to another machine, with all its files. "
    "`latest_checkpoint` is expected to find them there. When the path given to `save` is absolute, "
    "the `checkpoint` file records absolute paths. They still point to the old place. "
    "`latest_checkpoint` finds no files there, returns `None` without an exception, and `restore` "
    "then refuses `None`. (It also returns `None` when the directory has no `checkpoint` file.)"
)
CHECK = (
    "Read the `checkpoint` file: it is plain text, and a path in it that begins with `/` breaks when "
    "the directory moves. Check for `None` before you restore."
)
FIX = (
    "Make the `Saver` with `save_relative_paths=True`. For a directory that has moved already: "
    "restore from the prefix itself, and write the `checkpoint` file again, with relative paths and "
    "all of the list. (`update_checkpoint_state` is deprecated but does it for files of a `Saver`; "
    "for `tf.train.Checkpoint`, `CheckpointManager` replaces it and writes relative paths by "
    "itself.)"
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
RELATED = ("stale_checkpoint_file", "state_file_unreadable", "take_home")
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
    # For a directory that moved already: write its checkpoint file again.
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
