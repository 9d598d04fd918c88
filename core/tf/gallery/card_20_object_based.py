"""Card 20: checkpoints by object and checkpoints by name."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, save_trained, shown

GROUP = "silent"
TITLE = "tf.train.Checkpoint restores nothing, silently"
ERROR = None
MESSAGE = "h, v after restore: 0.0, 0.0"
WHY = (
    "`Saver` stores values by the names of variables, `tf.train.Checkpoint` by attributes of "
    "objects. Given a `Saver`'s file, it skips each variable whose name is not in it."
)
CHECK = (
    "`tf.train.list_variables(prefix)` has no `_CHECKPOINTABLE_OBJECT_GRAPH`: then a `Saver` wrote "
    "the checkpoint."
)
FIX = (
    "Give the variables the names in the checkpoint, and call `assert_existing_objects_matched()` on "
    "what `restore` returns. Then save once with `tf.train.Checkpoint`."
)
MORE = (
    "In eager code, variables without a name are all called `Variable`. `assert_consumed()` raises "
    "`AssertionError` here."
)
SEARCH = (
    "Restoring an object-based checkpoint using a name-based saver",
    "_CHECKPOINTABLE_OBJECT_GRAPH",
)
CAUSES = (
    {
        "message": "Some objects had attributes which were not restored",
    },
    {
        "message": "Python objects that were not bound to checkpointed values, likely due to changes in the Python program",
    },
    {
        "message": "Nothing except the root object matched a checkpointed value",
    },
    {
        "message": "does not appear to be object-based (saved with TF2) since it is missing the key",
    },
)
RELATED = ("values_not_used", "other_scope", "compare")
SHOWS = {
    "fail": ("names in the checkpoint", "names of the variables", "h, v after restore"),
    "fix": ("h, v by name", "keys in by_object", "h, v by object"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    h_est, v_est = tf.Variable(0.0), tf.Variable(0.0)
    checkpoint = tf.train.Checkpoint(h_est=h_est, v_est=v_est)
    checkpoint.restore(f"{directory}/model_final")
    return {
        "names in the checkpoint": ", ".join(
            name for name, _ in tf.train.list_variables(f"{directory}/model_final")
        ),
        "names of the variables": f"{h_est.name}, {v_est.name}",
        "h, v after restore": shown([h_est.numpy(), v_est.numpy()]),
    }


def fix(directory: Path) -> Seen:
    h_est = tf.Variable(0.0, name="hor_estimate")
    v_est = tf.Variable(0.0, name="ver_estimate")
    checkpoint = tf.train.Checkpoint(h_est=h_est, v_est=v_est)
    status = checkpoint.restore(f"{directory}/model_final")
    status.assert_existing_objects_matched()
    path = checkpoint.write(f"{directory}/by_object")

    other_h, other_v = tf.Variable(0.0), tf.Variable(0.0)  # names do not matter any more
    status = tf.train.Checkpoint(h_est=other_h, v_est=other_v).restore(path)
    status.assert_existing_objects_matched()
    return {
        "h, v by name": shown([h_est.numpy(), v_est.numpy()]),
        "keys in by_object": ", ".join(name for name, _ in tf.train.list_variables(path)),
        "h, v by object": shown([other_h.numpy(), other_v.numpy()]),
    }
