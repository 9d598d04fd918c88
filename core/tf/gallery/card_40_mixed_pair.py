"""Card 40: files of two checkpoints under one name."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names, save_trained, shown

GROUP = "error"
TITLE = "The .index and the .data file are from two checkpoints"
ERROR = "DataLossError"
MESSAGE = "Checksum does not match: stored"
WHY = (
    "`.index` has a checksum of every value in its own `.data` file. This `.data` file is of another "
    "checkpoint, so no checksum matches."
)
CHECK = "The files have different times, or were renamed or downloaded one by one."
FIX = (
    "Find the right pair: it is the one that reads completely. Or download both files again, from "
    "the same step."
)
MORE = (
    "TensorFlow says the same about damaged files (card 18). If the other file is smaller, it says "
    "`Read less bytes than requested`."
)
SEARCH = ("renamed the data file of another checkpoint",)
CAUSES = (
    {
        "message": "Checksum does not match: stored {number}",
        "when": {
            "text": "(?i)renam|copied|different (step|checkpoint)|index of step|other (step|checkpoint)"
        },
        "ask": "Are .index and .data of the same step and the same run?",
    },
    {
        "message": "Read less bytes than requested",
        "when": {"text": "(?i)renam|copied|different (step|checkpoint)|other (step|checkpoint)"},
        "only": "restore|ckpt|checkpoint|bundle|RestoreV2",
        "ask": "Are .index and .data of the same step and the same run?",
    },
)
RELATED = ("torn_data", "data_missing", "lfs_pointer", "files", "inspect")
SHOWS = {
    "fail": (),
    "fix": (
        "prefixes",
        "model_iter-100.index belongs to model_iter-220.data-00000-of-00001, h",
        "model_iter-220.index belongs to model_iter-100.data-00000-of-00001, h",
    ),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_iter-100", h=0.5, v=-1.0)
    save_trained(f"{directory}/model_iter-220")
    shutil.move(directory / "model_iter-220.index", directory / "model_iter-220.keep")
    shutil.move(directory / "model_iter-100.index", directory / "model_iter-220.index")
    shutil.move(directory / "model_iter-220.keep", directory / "model_iter-100.index")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_iter-220")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    found = {"prefixes": names(checkpoints(directory))}
    trial = directory / "trial"
    trial.mkdir()
    for index in sorted(directory.glob("*.index")):
        for data in sorted(directory.glob("*.data-*")):
            pair = trial / f"{index.stem}_with_{data.stem}"
            shutil.copy(index, f"{pair}.index")
            shutil.copy(data, f"{pair}.data-00000-of-00001")
            try:
                h = tf.train.load_checkpoint(str(pair)).get_tensor("hor_estimate")
                found[f"{index.name} belongs to {data.name}, h"] = str(h)
            except tf.errors.OpError:
                continue
    return found
