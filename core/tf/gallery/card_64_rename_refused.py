"""Card 64: the checkpoint file cannot be replaced."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names, shown

GROUP = "error"
TITLE = "Failed to rename: the file checkpoint cannot be replaced"
ERROR = "FailedPreconditionError"
MESSAGE = "; Is a directory"
WHY = (
    "Training saves into a directory in which something else holds the name `checkpoint` (here a "
    "directory of that name). After each save the small file `checkpoint` is written under a "
    "temporary name and renamed. The values are on disk by then, so the checkpoint is complete; only "
    "the note is not. On Windows a file cannot be replaced while another program, such as "
    "TensorBoard or a virus scanner, has it open: `Failed to rename … Access is denied` (that "
    "message is recorded; the one here is from Linux)."
)
CHECK = "Give checkpoints a directory of their own, and TensorBoard's logs another."
FIX = (
    "Move away what holds the name, or close the program that does. `save(…, write_state=False)` "
    "writes no such file, and restoring by the prefix needs none."
)
CAUSES = (
    {
        "message": "Failed to rename: {path} to: {path} : {error}",
    },
    {
        "message": "Failed to rename: {path} to: {path}",
        "only": "ckpt|checkpoint|model",
    },
    {
        "message": "checkpoint.tmp{number}; Is a directory",
    },
    {
        "message": "; Is a directory",
        "only": "checkpoint|ckpt|MergeV2",
    },
)
RELATED = ("no_permission", "stale_checkpoint_file", "state_file_unreadable")
SHOWS = {
    "fail": (),
    "fix": ("latest_checkpoint", "h, v from model_quiet, by its prefix"),
}


def prepare(directory: Path) -> None:
    (directory / "checkpoint").mkdir()


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(sess, f"{directory}/model_final")
    return {"files": names(sorted(directory.iterdir()))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver()
        sess.run([h_est.assign(1.01), v_est.assign(-1.96)])
        quiet = saver.save(sess, f"{directory}/model_quiet", write_state=False)
        (directory / "checkpoint").rmdir()
        saver.save(sess, f"{directory}/model_final")
        saver.restore(sess, quiet)
        return {
            "latest_checkpoint": Path(tf.train.latest_checkpoint(directory)).name,
            "h, v from model_quiet, by its prefix": shown(sess.run([h_est, v_est])),
        }
