"""Card 75: two writers in one directory."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names

GROUP = "silent"
TITLE = "CheckpointManager and Saver in one directory: each hides the other's files"
ERROR = None
MESSAGE = "latest_checkpoint after the manager's last save: ckpt-2"
WHY = (
    "A program saves with `CheckpointManager` for going on, and with a `Saver` for an older tool, "
    "both into one directory. `latest_checkpoint` is expected to find the newest of each. There is "
    "one file `checkpoint` in a directory, and each writer replaces it by its own list. Whoever "
    "saves last is the only one that `latest_checkpoint` knows. The formats differ too, by name and "
    "by object, so a program may restore the wrong one, or fail. Files that no list has are never "
    "deleted."
)
CHECK = "Read the text file `checkpoint` after each kind of save: it must list what you will look for."
FIX = "Give each a directory of its own; or give `Saver` a state file of its own with `latest_filename`."
SEARCH = (
    "CheckpointManager and Saver in the same directory",
    "latest_checkpoint returns the checkpoint of another Saver, two savers one directory",
    "manager.latest_checkpoint is None after a Saver has saved; checkpoint file overwritten by another saver",
)
RELATED = ("stale_checkpoint_file", "restart_forgets", "all_kept_but_one_listed", "retention")
SHOWS = {
    "fail": ("on disk", "listed", "latest_checkpoint after the manager's last save"),
    "fix": ("latest, a directory each", "latest, a state file each"),
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
        "latest, a directory each": names(latest),
        "latest, a state file each": names(
            [tf.train.latest_checkpoint(one), tf.train.latest_checkpoint(one, "saver_checkpoint")]
        ),
    }
