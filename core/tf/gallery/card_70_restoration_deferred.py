"""Card 70: layers that are not built yet when they are restored."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, shown

GROUP = "silent"
TITLE = "Restored before the layers were built: the values are not assigned yet"
ERROR = None
MESSAGE = "variables right after restore: 0"
WHY = (
    "The layers have no variables before their first call. `restore` keeps the values and assigns "
    "them later; if the model is never called, it never does."
)
CHECK = (
    "`len(model.variables)` is 0 when you restore. The log ends with `Unresolved object in "
    "checkpoint` and the name of a layer."
)
FIX = (
    "Call the model once with data of the right shape, then restore. Check with "
    "`assert_existing_objects_matched()`."
)
SEARCH = (
    "restored model gives random predictions, weights are not loaded from tf.train.Checkpoint",
    "saved weights are random after loading them in the model",
)
CAUSES = (
    {
        "message": "Unresolved object in checkpoint: {object}",
        "when": {"text": r"Unresolved object in checkpoint: \(root\)\.(?!optimizer|save_counter)\w"},
        "ask": "Was the restore before the first call of the model, when its layers had no variables?",
    },
    {
        "message": "Unresolved object in checkpoint {object}",
        "when": {"text": r"Unresolved object in checkpoint \(root\)\.(?!optimizer|save_counter)\w"},
        "ask": "Was the restore before the first call of the model, when its layers had no variables?",
    },
    {
        "message": "Value in checkpoint could not be found in the restored object: {object}",
        "when": {"text": r"restored object: \(root\)\.(?!optimizer|save_counter|keras_api)\w"},
        "ask": "Was the restore before the first call of the model, when its layers had no variables?",
    },
)
RELATED = ("values_not_used", "not_built_yet", "object_based")
SHOWS = {
    "fail": ("variables right after restore", "values in the copy"),
    "fix": ("h, v right after restore", "values in the copy"),
}


class Line(tf.Module):  # type: ignore[misc]
    """A module that makes its variables at the first call, as layers do."""

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        if not hasattr(self, "h_est"):
            self.h_est, self.v_est = tf.Variable(0.0), tf.Variable(0.0)
        return tf.square(x - self.h_est) + self.v_est


def prepare(directory: Path) -> None:
    trained = Line()
    trained(3.0)
    trained.h_est.assign(1.01)
    trained.v_est.assign(-1.96)
    tf.train.Checkpoint(line=trained).write(f"{directory}/ckpt")


def fail(directory: Path) -> Seen:
    fresh = Line()
    tf.train.Checkpoint(line=fresh).read(f"{directory}/ckpt").expect_partial()
    restored = len(fresh.variables)
    tf.train.Checkpoint(line=fresh).write(f"{directory}/copy")  # nothing is in it
    copied = [name for name, _ in tf.train.list_variables(f"{directory}/copy") if "line" in name]
    return {"variables right after restore": str(restored), "values in the copy": str(len(copied))}


def fix(directory: Path) -> Seen:
    fresh = Line()
    fresh(3.0)
    status = tf.train.Checkpoint(line=fresh).read(f"{directory}/ckpt")
    status.assert_consumed()
    tf.train.Checkpoint(line=fresh).write(f"{directory}/copy")
    copied = [name for name, _ in tf.train.list_variables(f"{directory}/copy") if "line" in name]
    return {
        "h, v right after restore": shown([fresh.h_est.numpy(), fresh.v_est.numpy()]),
        "values in the copy": str(len(copied)),
    }
