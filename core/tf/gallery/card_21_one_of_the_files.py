"""Card 21: .meta, .index or .data given to restore."""

import re
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "One of the three files given to restore"
ERROR = "DataLossError"
MESSAGE = (
    "not an sstable (bad magic number): perhaps your file is in a different file format and you "
    "need to use a different restore operator?"
)
WHY = (
    "`restore` takes the prefix `model_final`, not a file. Given a file name, TensorFlow reads that "
    "file as a checkpoint of the first format, and fails."
)
CHECK = "The path in the message ends in `.meta`, `.index` or `.data-00000-of-00001`."
FIX = "Remove the ending: `restore` takes the prefix alone."
MORE = (
    "`.meta` gives this message. A small `.data` file is `too short to be an sstable`. An `.index` "
    'file gives `Tensor name "hor_estimate" not found in checkpoint files`.'
)
SEARCH = ("DATA_LOSS: not an sstable",)
CAUSES = (
    {
        "message": "Unable to open table file {path}: {error}: not an sstable (bad magic number)",
        "when": {"path": r"\.(meta|index|data-\d+-of-\d+)\W*$|[/\\]checkpoint\W*$"},
        "ask": "Does the path end in .meta, .index, .data-… or checkpoint?",
    },
    {
        "message": "perhaps your file is in a different file format and you need to use a different restore operator?",
        "ask": "Is the path a file, and not the prefix of a checkpoint?",
    },
    {
        "message": "file is too short to be an sstable",
        "ask": "Was the .data file given to restore in place of the prefix?",
    },
    {
        "message": 'Tensor name "{key}" not found in checkpoint files {path}',
        "when": {"path": r"\.(meta|index|data-\d+-of-\d+)\W*$"},
        "ask": "Does the path end in .index?",
    },
)
RELATED = ("index_pointer", "no_file_of_that_name", "files")
SHOWS = {
    "fail": (),
    "fix": (
        "h, v from model_final.data-00000-of-00001 without its ending",
        "h, v from model_final.index without its ending",
        "h, v from model_final.meta without its ending",
    ),
}
YOURS = """saver.restore(sess, {prefix})"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, f"{directory}/model_final.meta")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    seen = {}
    for file in sorted(directory.glob("model_final.*")):
        prefix = re.sub(r"\.(meta|index|data-\d+-of-\d+)$", "", str(file))
        with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
            h_est, v_est = model()
            saver = tf.compat.v1.train.Saver()
            saver.restore(sess, prefix)
            seen[f"h, v from {file.name} without its ending"] = shown(sess.run([h_est, v_est]))
    return seen
