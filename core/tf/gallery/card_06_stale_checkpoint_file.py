"""Card 6: latest_checkpoint believes the checkpoint file."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names, save_trained

GROUP = "silent"
TITLE = "latest_checkpoint returns an old checkpoint, or none"
ERROR = None
MESSAGE = "latest_checkpoint with a stale checkpoint file: model_iter-3"
WHY = (
    "`latest_checkpoint` reads the text file `checkpoint` and looks at nothing else. If newer files "
    "were copied without it, it names an older checkpoint."
)
CHECK = "Compare the step that `latest_checkpoint` returns with the highest step among the `.index` files."
FIX = (
    "Find the newest `.index` file, restore by its prefix, and write the file `checkpoint` again "
    "with relative paths. Next time copy the whole folder."
)
MORE = (
    "If the file `checkpoint` is missing, the answer is `None`. `update_checkpoint_state` is "
    "deprecated; `CheckpointManager` replaces it for `tf.train.Checkpoint`."
)
SEARCH = (
    "latest_checkpoint returns the wrong checkpoint",
    "latest_checkpoint with the checkpoint file missing: None",
    "checkpoint file is missing",
)
RELATED = ("directory_moved", "manager_and_saver", "files")
SHOWS = {
    "fail": (
        "latest_checkpoint with a stale checkpoint file",
        "hor_estimate restored from it",
        "latest_checkpoint with the checkpoint file missing",
    ),
    "fix": (
        "newest by the names of the files",
        "hor_estimate restored from it",
        "listed now",
        "latest_checkpoint now",
    ),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_iter-3", h=0.3, v=-0.6)
    save_trained(f"{directory}/elsewhere/model_iter-7", h=0.7, v=-1.4)


def fail(directory: Path) -> Seen:
    for file in (directory / "elsewhere").glob("model_iter-7.*"):
        shutil.copy(file, directory)
    stale = tf.train.latest_checkpoint(directory)
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        tf.compat.v1.train.Saver().restore(sess, stale)
        restored = sess.run(h_est)
    (directory / "checkpoint").unlink()
    missing = tf.train.latest_checkpoint(directory)
    return {
        "latest_checkpoint with a stale checkpoint file": Path(stale).name,
        "hor_estimate restored from it": str(restored),
        "latest_checkpoint with the checkpoint file missing": str(missing),
    }


def fix(directory: Path) -> Seen:
    for file in (directory / "elsewhere").glob("model_iter-7.*"):
        shutil.copy(file, directory)
    found = checkpoints(directory)
    newest = found[-1]
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        tf.compat.v1.train.Saver().restore(sess, str(newest))
        restored = sess.run(h_est)
    listed = [prefix.name for prefix in found]
    update = tf.compat.v1.train.update_checkpoint_state
    update(str(directory), newest.name, all_model_checkpoint_paths=listed)
    return {
        "newest by the names of the files": newest.name,
        "hor_estimate restored from it": str(restored),
        "listed now": names(listed),
        "latest_checkpoint now": Path(tf.train.latest_checkpoint(directory)).name,
    }
