"""Card 39: the index is there, the values are not."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names, save_trained, shown

GROUP = "error"
TITLE = "The .data file is missing while the .index is there"
ERROR = "NotFoundError"
MESSAGE = "model_final.data-00000-of-00001; No such file or directory"
WHY = (
    "The small files of a checkpoint were copied or committed; `.data-00000-of-00001` was too large, "
    "or ignored, and stayed behind. The prefix exists, so `restore` is expected to work. `.index` "
    "says which value lies where, and `checkpoint_exists` looks for it alone. The values are in the "
    "`.data` files: one, or several (`-00000-of-00002`, `-00001-of-00002`), and all of them are "
    "needed. The first words of the message, about a missing name, mislead: the file after them is "
    "what is missing."
)
CHECK = "Copy `prefix.*`, never single files, and `.data` first; then `.index` proves that all is there."
FIX = (
    "Fetch the missing file from where the checkpoint was written, and put it beside its `.index`, "
    "under exactly the same prefix. Values cannot be had from the other files."
)
SEARCH = ("only the index file and the meta file are there, data file missing",)
CAUSES = (
    {
        "message": "data-{shard}; No such file or directory",
        "when": {"shard": r"^\d+-of-\d+$"},
        "ask": "Is the .index file there, but not the .data file?",
    },
    {
        "message": "data-{shard}: No such file or directory",
        "when": {"shard": r"^\d+-of-\d+$"},
        "ask": "Is the .index file there, but not the .data file?",
    },
)
RELATED = ("mixed_pair", "torn_data", "no_path_given", "files", "open")
SHOWS = {
    "fail": (),
    "fix": ("files before", "files now", "restored h, v"),
}
YOURS = """print(sorted(glob.glob(glob.escape({prefix}) + ".*")))  # .index alone is not enough"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/training/model_final")
    for ending in ("index", "meta"):
        shutil.copy(directory / "training" / f"model_final.{ending}", directory)


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    before = names(sorted(directory.glob("model_final.*")))
    for file in (directory / "training").glob("model_final.data-*"):
        shutil.copy(file, directory)
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {
            "files before": before,
            "files now": names(sorted(directory.glob("model_final.*"))),
            "restored h, v": shown(sess.run([h_est, v_est])),
        }
