"""Card 69: the checkpoint has more than the program."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Values in the checkpoint were not used: expect_partial"
ERROR = "AssertionError"
MESSAGE = "Unresolved object in checkpoint (root).optimizer"
WHY = (
    "The checkpoint was written in training, with the optimizer. A program that only predicts "
    "restores it into a `tf.train.Checkpoint` without one, and asks `assert_consumed()` whether all "
    "went well. The checkpoint holds values for which this program has no object: the optimizer's. "
    "Without the question TensorFlow logs them when the program ends: `deleted with unrestored "
    "values`, `Value in checkpoint could not be found in the restored object`. For an optimizer that "
    "is not needed it is harmless."
)
CHECK = (
    "Read the names in the log: `optimizer`, `iter`, `beta_1`, `m`, `v` are harmless for prediction; "
    "the name of a layer is not (card 70)."
)
FIX = (
    "Say that you expect it: `status.expect_partial()` silences the log. Ask the other way round, "
    "`assert_existing_objects_matched()`: every variable of *this* program got a value."
)
SEARCH = ("expect_partial",)
CAUSES = (
    {
        "message": "Unresolved object in checkpoint {object}",
        "ask": "Does the program only predict, and are the names those of the optimizer?",
    },
    {
        "message": "Unresolved object in checkpoint: {object}",
        "when": {"object": r"^\(root\)\.(optimizer|save_counter|_CHECKPOINTABLE)|\.optimizer"},
        "ask": "Are the names those of the optimizer?",
    },
    {
        "message": "Value in checkpoint could not be found in the restored object: {object}",
        "ask": "Does the program only predict, and are the names those of the optimizer?",
    },
    {
        "message": "is being deleted with unrestored values. See the following logs",
    },
    {
        "message": "A checkpoint was restored (e.g. tf.train.Checkpoint.restore or tf.keras.Model.load_weights) but not all checkpointed values were used",
    },
    {
        "message": "Unused attributes in these objects (the attributes exist in the checkpoint but were not restored)",
    },
)
RELATED = ("restoration_deferred", "object_based", "object_other_shape", "open")
SHOWS = {
    "fail": (),
    "fix": ("of the optimizer, in the checkpoint", "restored h"),
}


def prepare(directory: Path) -> None:
    h_est = tf.Variable(1.01)
    optimizer = tf.keras.optimizers.Adam(0.05)
    optimizer.build([h_est])
    tf.train.Checkpoint(h_est=h_est, optimizer=optimizer).save(f"{directory}/ckpt")


def fail(directory: Path) -> Seen:
    h_est = tf.Variable(0.0)
    status = tf.train.Checkpoint(h_est=h_est).restore(f"{directory}/ckpt-1")
    status.assert_consumed()
    return {"restored h": str(h_est.numpy())}


def fix(directory: Path) -> Seen:
    stored = [name for name, _ in tf.train.list_variables(f"{directory}/ckpt-1")]
    h_est = tf.Variable(0.0)
    status = tf.train.Checkpoint(h_est=h_est).restore(f"{directory}/ckpt-1")
    status.assert_existing_objects_matched()
    status.expect_partial()
    return {
        "of the optimizer, in the checkpoint": str(sum(name.startswith("optimizer") for name in stored)),
        "restored h": str(h_est.numpy()),
    }
