"""Card 18: the values have a checksum."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names, save_trained, shown

GROUP = "error"
TITLE = "The data file is damaged: the checksum does not match"
ERROR = "DataLossError"
MESSAGE = "Checksum does not match: stored"
WHY = (
    "The `.index` file has a checksum of every value. The bytes in `.data` no longer match it, so "
    "TensorFlow refuses them."
)
CHECK = (
    "Read every tensor once with `tf.train.load_checkpoint(prefix)` and `get_tensor`. The file is "
    "damaged if one of them fails."
)
FIX = (
    "First exclude what can be fixed: a `.data` file of another checkpoint (card 40), a Git-LFS "
    "pointer, half a copy. If the bytes are damaged, restore the newest checkpoint that reads "
    "completely."
)
MORE = (
    "`Saver.restore` reports a file that was cut off as `OutOfRangeError: Read less bytes than "
    "requested`. `tf.train.Checkpoint` reports the same as `IndexError`. Keep more than one "
    "checkpoint."
)
CAUSES = (
    {
        "message": "Checksum does not match: stored {number}",
        "ask": "Was the .data file damaged, or is its copy incomplete?",
    },
    {
        "message": "Read less bytes than requested",
        "ask": "Is the .data file shorter than where it was written?",
    },
    {
        "message": "TensorBundle at {path} shard {number}",
        "ask": "Was the .data file damaged, or is its copy incomplete?",
    },
    {
        "message": "corrupted compressed block contents",
        "only": r"save|restor|checkpoint|ckpt|\.h5|hdf5|\.keras|saved_model|load_model|load_weights|SaveV2|RestoreV2|tempstate|MergeV2",
    },
    {
        "message": "block checksum mismatch",
        "only": r"save|restor|checkpoint|ckpt|\.h5|hdf5|\.keras|saved_model|load_model|load_weights|SaveV2|RestoreV2|tempstate|MergeV2",
    },
)
RELATED = ("mixed_pair", "data_missing", "index_pointer", "files")
SHOWS = {
    "fail": (),
    "fix": ("refused", "restored from", "restored h, v"),
}


def prepare(directory: Path) -> None:
    for step in range(3):
        save_trained(f"{directory}/model_iter-{step}", h=step / 4, v=-step / 2)
    newest = directory / "model_iter-2.data-00000-of-00001"
    content = bytearray(newest.read_bytes())
    content[0] ^= 1
    newest.write_bytes(content)


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, tf.train.latest_checkpoint(directory))
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    refused = []
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        for prefix in reversed(checkpoints(directory)):
            try:
                saver.restore(sess, str(prefix))
                break
            except (tf.errors.DataLossError, tf.errors.OutOfRangeError):
                refused.append(prefix)
        return {
            "refused": names(refused),
            "restored from": prefix.name,
            "restored h, v": shown(sess.run([h_est, v_est])),
        }
