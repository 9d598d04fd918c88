"""Card 61: no space left."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names, save_trained

GROUP = "error"
TITLE = "No space left on device, or disk quota exceeded"
ERROR = "ResourceExhaustedError"
MESSAGE = "No space left on device"
WHY = (
    "The disk or the quota is full. A new checkpoint is written before the oldest is deleted, so one "
    "more than `max_to_keep` must fit."
)
CHECK = (
    "`shutil.disk_usage(directory).free` is smaller than one checkpoint. The message names a file; "
    "without a file it is memory."
)
FIX = (
    "Free space, and stop training at the first error of `save`. Keep fewer checkpoints, and ask "
    "before each save how much is free."
)
MORE = (
    "With Adam a checkpoint has three values for each weight. Left-over `*.tempstate*` files take "
    "space too. Here the values are written to `/dev/full`, a device of Linux that is always full."
)
SEARCH = ("disk is full while saving a checkpoint",)
CAUSES = (
    {
        "message": "No space left on device",
        "only": r"SaveV2|MergeV2|saver|\.save\(|save_weights|save_model|checkpoint|ckpt|\.h5|hdf5|\.keras\b|tempstate|saved_model|\bsav(e|ing)\b|Resource ?Exhausted",
    },
    {
        "message": "disk quota exceeded",
        "only": r"SaveV2|MergeV2|saver|\.save\(|save_weights|save_model|checkpoint|ckpt|\.h5|hdf5|\.keras\b|tempstate|saved_model|\bsav(e|ing)\b|Resource ?Exhausted",
    },
    {
        "message": "Error writing (tmp) checkpoint file",
        "only": "Resource ?exhausted|space",
    },
    {
        "message": ".tempstate{number}",
        "only": "resource ?exhausted",
    },
)
RELATED = ("no_permission", "only_the_last_five", "restart_forgets", "retention")
SHOWS = {
    "fail": (),
    "fix": ("room for one more", "checkpoints"),
}


def prepare(directory: Path) -> None:
    for step in range(4):
        save_trained(f"{directory}/model_iter-{step}")


def fail(directory: Path) -> Seen:
    values = (directory / "model_iter-3.data-00000-of-00001").read_bytes()
    with tf.io.gfile.GFile("/dev/full", "wb") as file:
        file.write(values * 10_000)
    return {"written": str(len(values) * 10_000)}


def fix(directory: Path) -> Seen:
    found = checkpoints(directory)
    for old in found[:-1]:
        tf.compat.v1.train.remove_checkpoint(str(old))
    kept = sum(file.stat().st_size for file in directory.glob(f"{found[-1].name}.*"))
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        saver = tf.compat.v1.train.Saver(max_to_keep=1)
        saver.restore(sess, str(found[-1]))
        enough = shutil.disk_usage(directory).free > 2 * kept
        if enough:
            saver.save(sess, f"{directory}/model_iter", global_step=4)
    return {"room for one more": str(enough), "checkpoints": names(checkpoints(directory))}
