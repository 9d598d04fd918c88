"""Card 69: the checkpoint has more than the program."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Values in the checkpoint were not used: expect_partial"
ERROR = "AssertionError"
MESSAGE = "Unresolved object in checkpoint (root).optimizer"
WHY = (
    "The checkpoint also has the optimizer's values, and this program has no optimizer. "
    "`assert_consumed()` wants every saved value to be used."
)
CHECK = (
    "Read the names: `optimizer`, `iter`, `beta_1`, `m` and `v` are harmless for prediction. The "
    "name of a layer is not (card 70)."
)
FIX = (
    "Say that you expect it: `status.expect_partial()`. To check your own variables, use "
    "`assert_existing_objects_matched()`."
)
MORE = (
    "Without the question, TensorFlow logs at the end: `deleted with unrestored values`, `Value in "
    "checkpoint could not be found in the restored object`."
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
RELATED = ("restoration_deferred", "object_based", "object_other_shape", "inspect")
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
