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
    "`.index` says where each value is, and the values are in `.data-00000-of-00001`. That file was "
    "not copied."
)
CHECK = (
    "List `prefix.*`: the file that the message names is missing. (Its first sentence, about a "
    "missing name, is misleading.)"
)
FIX = (
    "Fetch the missing file and put it beside its `.index`, with the same prefix. The other files do "
    "not have the values."
)
MORE = (
    "There can be several `.data` files (`-00000-of-00002`, `-00001-of-00002`), and all are needed. "
    "`checkpoint_exists` looks only for `.index`."
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
RELATED = ("mixed_pair", "torn_data", "no_path_given", "files", "inspect")
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
