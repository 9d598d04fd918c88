"""Card 38: the step is part of the prefix."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names

GROUP = "error"
TITLE = "save got a global_step, restore did not"
ERROR = "ValueError"
MESSAGE = "The passed save_path is not a valid checkpoint"
WHY = (
    "With a `global_step`, `save` adds the number to the prefix: `prezi.ckpt-0`. `restore` was given "
    "the name without it."
)
CHECK = "List the folder: there is `prezi.ckpt-0.index`, with a number after your name."
FIX = "Keep what `save` returns, or ask `tf.train.latest_checkpoint` for the newest prefix."
MORE = "`tf.train.Checkpoint.save` adds a number too, and starts with `-1`."
SEARCH = (
    "Failed to find any matching files, files are model.ckpt-0.data-00000-of-00001 model.ckpt-0.index model.ckpt-0.meta",
    "You may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1').",
    "global_step in the file name, restore without the step number",
)
CAUSES = (
    {
        "message": "The passed save_path is not a valid checkpoint: {path}",
        "when": {"text": r"-\d+\.(index|meta|data-)"},
        "ask": "Do the files on disk have a number that the path lacks, as in model.ckpt-0.index?",
    },
    {
        "message": "Failed to find any matching files for {path}",
        "when": {"text": r"-\d+\.(index|meta|data-)"},
        "ask": "Do the files on disk have a number that the path lacks, as in model.ckpt-0.index?",
    },
)
RELATED = ("no_file_of_that_name", "no_path_given", "stale_checkpoint_file", "files")
SHOWS = {
    "fail": (),
    "fix": ("files", "prefix", "restored h"),
}
YOURS = """print(sorted(glob.glob(glob.escape({prefix}) + "-*.index")))  # without .index, one of these"""


def prepare(directory: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        sess.run(tf.compat.v1.global_variables_initializer())
        sess.run(h_est.assign(1.01))
        tf.compat.v1.train.Saver().save(sess, f"{directory}/prezi.ckpt", global_step=0)


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/prezi.ckpt")
        return {"restored h": str(sess.run(h_est))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        prefix = tf.train.latest_checkpoint(directory)
        tf.compat.v1.train.Saver().restore(sess, prefix)
        return {
            "files": names(sorted(directory.iterdir())),
            "prefix": Path(prefix).name,
            "restored h": str(sess.run(h_est)),
        }
