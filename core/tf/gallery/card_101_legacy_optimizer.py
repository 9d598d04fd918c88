"""Card 101: an optimizer of Keras before 2.11."""

from pathlib import Path

import tensorflow as tf
from tensorflow.python.keras.optimizer_v2.adam import Adam

from core.tf.gallery._scene import Seen

GROUP = "versions"
TITLE = "A legacy optimizer: keras.optimizers.legacy is not supported in Keras 3"
ERROR = "ImportError"
MESSAGE = "`keras.optimizers.legacy` is not supported in Keras 3"
WHY = (
    "Keras 2.11 replaced all optimizers and moved the old ones to `legacy`; Keras 3 has none. Their slots "
    "have other names in a checkpoint."
)
CHECK = "`tf.train.list_variables(path)` has names with `.OPTIMIZER_SLOT`."
FIX = (
    "Restore the model alone, with `expect_partial()`. To resume training, copy the slots by their names. "
    "Or install `tf_keras` and set `TF_USE_LEGACY_KERAS=1`."
)
MORE = (
    "Keras 2.11 to 2.15 say `You are trying to restore a checkpoint from a legacy Keras optimizer into a "
    "v2.11+ Optimizer`; there `tf.keras.optimizers.legacy.Adam` reads the file. `The optimizer cannot "
    "recognize variable` means one optimizer for two models: make a new one."
)
SEARCH = ("checkpoint from tensorflow 2.10 optimizer, cannot resume in a newer tensorflow",)
CAUSES = (
    {
        "message": "`keras.optimizers.legacy` is not supported in Keras 3.",
    },
    {
        "message": "You are trying to restore a checkpoint from a legacy Keras optimizer into a v2.11+ Optimizer",
    },
    {
        "message": "You are trying to restore a checkpoint from a legacy TF-Keras optimizer into a v2.11+ Optimizer",
    },
    {
        "message": "The optimizer cannot recognize variable {name}. This usually means you are trying to call the optimizer to update different parts of the model separately.",
    },
)
RELATED = ("optimizer_changed", "keras_slots_lost", "keras_two_file", "slots_in_another_order")
SHOWS = {
    "fail": (),
    "fix": ("h, restored", "its slots in the checkpoint", "momentum in the new optimizer"),
}


def prepare(directory: Path) -> None:
    h, old = tf.Variable(1.01), Adam(0.1)
    old.apply_gradients([(tf.constant(0.5), h)])
    h.assign(1.01)
    tf.train.Checkpoint(h=h, optimizer=old).write(f"{directory}/ckpt")


def fail(directory: Path) -> Seen:
    old = tf.keras.optimizers.legacy.Adam(0.1)
    tf.train.Checkpoint(h=tf.Variable(0.0), optimizer=old).read(f"{directory}/ckpt")
    return {"optimizer": type(old).__name__}


def fix(directory: Path) -> Seen:
    prefix = f"{directory}/ckpt"
    h, new = tf.keras.Variable(0.0, name="h"), tf.keras.optimizers.Adam(0.1)
    tf.train.Checkpoint(h=h.value).read(prefix).expect_partial()
    new.build([h])
    slot = "h/.OPTIMIZER_SLOT/optimizer/{}/.ATTRIBUTES/VARIABLE_VALUE"
    for name, variable in {"m": new._momentums[0], "v": new._velocities[0]}.items():
        variable.assign(tf.train.load_variable(prefix, slot.format(name)))
    found = [name.split("/")[3] for name, _ in tf.train.list_variables(prefix) if "SLOT" in name]
    return {
        "h, restored": str(h.numpy()),
        "its slots in the checkpoint": ", ".join(found),
        "momentum in the new optimizer": f"{float(new._momentums[0]):.3f}",
    }
