"""Card 64: the checkpoint file cannot be replaced."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names, shown

GROUP = "error"
TITLE = "Failed to rename: the file checkpoint cannot be replaced"
ERROR = "FailedPreconditionError"
MESSAGE = "; Is a directory"
WHY = (
    "After each save, the small file `checkpoint` is written and renamed. Here a folder has that "
    "name, so it cannot be replaced."
)
CHECK = "The message names the file `checkpoint`. Look at what has that name, and which program has it open."
FIX = (
    "Remove what has the name, or close the program. `save(…, write_state=False)` writes no such "
    "file, and you restore by the prefix."
)
MORE = (
    "The values are complete if only `checkpoint` is named. If `MergeV2Checkpoints`, `.data` or "
    "`.index` is named, they may be only in the folder `…_temp`. On Windows, TensorBoard or a virus "
    "scanner can have a file open: `Failed to rename … Access is denied`."
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
