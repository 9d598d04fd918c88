"""Card 36: a path with glob characters."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names, save_trained, shown

GROUP = "error"
TITLE = "Brackets in the path: failed to find any matching files"
ERROR = "NotFoundError"
MESSAGE = "Failed to find any matching files for ./run_[1]/model_final"
WHY = (
    "TensorFlow takes a path for a pattern when it reads: `[1]` means the character 1. It looks in "
    "`run_1`, and the folder is called `run_[1]`."
)
CHECK = "The path in the message has one of the characters `[`, `]`, `*` or `?`."
FIX = "Rename the folder so that it has none of these characters. The files in it are intact."
MORE = (
    "Writing takes the path as it is. `latest_checkpoint` returns `None`, and `max_to_keep` deletes nothing."
)
SEARCH = (
    "square brackets in the path of a checkpoint, glob pattern",
    "latest_checkpoint returns None with brackets in the directory name",
)
CAUSES = (
    {
        "message": "Failed to find any matching files for {path}",
        "when": {"text": r"matching files for \S*[\[\]*?]|(restore|latest_checkpoint)\(.*/\S*\[\w+\]"},
        "ask": "Does the path have [, ], * or ?",
    },
)
RELATED = ("no_path_given", "step_left_out", "directory_moved", "no_file_of_that_name")
SHOWS = {
    "fail": (),
    "fix": ("files in run_[1]", "latest_checkpoint in run_[1]", "h, v from run_1"),
}
YOURS = """directory = os.path.dirname({prefix})
os.rename(directory, re.sub(r"[\\[\\]*?]", "", directory))"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/run_[1]/model_final")


def fail(directory: Path) -> Seen:
    h_est = tf.Variable(0.0, name="hor_estimate")
    checkpoint = tf.train.Checkpoint(h_est=h_est)
    checkpoint.restore(f"{directory}/run_[1]/model_final")
    return {"restored h": str(h_est.numpy())}


def fix(directory: Path) -> Seen:
    files = names(sorted((directory / "run_[1]").iterdir()))
    before = tf.train.latest_checkpoint(directory / "run_[1]")
    renamed = shutil.move(directory / "run_[1]", directory / "run_1")
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{renamed}/model_final")
        return {
            "files in run_[1]": files,
            "latest_checkpoint in run_[1]": str(before),
            "h, v from run_1": shown(sess.run([h_est, v_est])),
        }
