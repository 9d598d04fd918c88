"""Card 75: two writers in one directory."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names

GROUP = "silent"
TITLE = "CheckpointManager and Saver in one folder: each hides the other's files"
ERROR = None
MESSAGE = "latest_checkpoint after the manager's last save: ckpt-2"
WHY = (
    "A folder has one file `checkpoint`, and each writer replaces it with its own list. "
    "`latest_checkpoint` knows only the last writer."
)
CHECK = "Open the file `checkpoint` after each kind of save: the other's files are not in it."
FIX = "Give each its own folder. Or give `Saver` another state file, with `latest_filename`."
MORE = "The formats differ too, by name and by object. Files that no list has are never deleted."
SEARCH = (
    "CheckpointManager and Saver in the same directory",
    "latest_checkpoint returns the checkpoint of another Saver, two savers one directory",
    "manager.latest_checkpoint is None after a Saver has saved; checkpoint file overwritten by another saver",
)
RELATED = ("stale_checkpoint_file", "restart_forgets", "all_kept_but_one_listed", "retention")
SHOWS = {
    "fail": ("on disk", "listed", "latest_checkpoint after the manager's last save"),
    "fix": ("latest, a folder each", "latest, a state file each"),
}


def save_both(managed: Path, named: Path, **state: str) -> None:
    """A manager's save, a Saver's, and a manager's again."""
    checkpoint = tf.train.Checkpoint(h_est=tf.Variable(1.01))
    manager = tf.train.CheckpointManager(checkpoint, str(managed), max_to_keep=2)
    manager.save()
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(sess, f"{named}/model_iter", global_step=100, **state)
    manager.save()


def fail(directory: Path) -> Seen:
    save_both(directory, directory)
    listed = tf.train.get_checkpoint_state(directory).all_model_checkpoint_paths
    return {
        "on disk": names(sorted(directory.glob("*.index"))),
        "listed": names(list(listed)),
        "latest_checkpoint after the manager's last save": names([tf.train.latest_checkpoint(directory)]),
    }


def fix(directory: Path) -> Seen:
    save_both(directory / "by_object", directory / "by_name")
    latest = [tf.train.latest_checkpoint(directory / kind) for kind in ("by_object", "by_name")]
    one = directory / "one"
    save_both(one, one, latest_filename="saver_checkpoint")
    return {
        "latest, a folder each": names(latest),
        "latest, a state file each": names(
            [tf.train.latest_checkpoint(one), tf.train.latest_checkpoint(one, "saver_checkpoint")]
        ),
    }
