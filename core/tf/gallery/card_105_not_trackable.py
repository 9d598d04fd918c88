"""Card 105: tf.train.Checkpoint is given what it cannot track."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Checkpoint was expecting optimizer, or something else, to be a trackable object"
ERROR = "ValueError"
MESSAGE = "`Checkpoint` was expecting loss to be a trackable object (an object derived from `Trackable`)"
WHY = (
    "`tf.train.Checkpoint` takes what TensorFlow tracks: variables, modules, models, optimizers. A Keras 3 "
    "metric, a loss, a plain number or text is none of these."
)
CHECK = "The message names the argument and shows its value."
FIX = (
    "Give its variables as a list: `[v.value for v in metric.variables]`. A counter becomes "
    "`tf.Variable(0)`. What has no variables need not be saved."
)
MORE = (
    "With TensorFlow 2.16 and early Keras 3, Keras' optimizers gave this too: update Keras. It also happens "
    "if Keras runs on another backend, or if `keras` and `tf.keras` are mixed before TensorFlow 2.16."
)
SEARCH = ("save a keras 3 optimizer or metric with tf.train.Checkpoint, not a trackable object",)
CAUSES = (
    {
        "message": "`Checkpoint` was expecting {name} to be a trackable object (an object derived from `Trackable`), got",
    },
    {
        "message": "`Checkpoint` was expecting a trackable object (an object derived from `Trackable`), got",
    },
    {
        "message": "`Checkpoint` was expecting a trackable object (an object derived from `TrackableBase`), got",
    },
)
RELATED = ("untracked", "object_based", "dictionary_wrapper", "legacy_optimizer")
SHOWS = {
    "fail": (),
    "fix": ("mean, restored", "step, restored", "an optimizer is taken"),
}


def fail(directory: Path) -> Seen:
    loss = tf.keras.metrics.Mean()
    loss.update_state([1.0, 3.0])
    tf.train.Checkpoint(loss=loss, step=7).write(f"{directory}/ckpt")
    return {"saved": "ckpt"}


def parts(loss: tf.keras.metrics.Metric, step: tf.Variable) -> tf.train.Checkpoint:
    adam = tf.keras.optimizers.Adam()
    return tf.train.Checkpoint(loss=[v.value for v in loss.variables], step=step, optimizer=adam)


def fix(directory: Path) -> Seen:
    loss = tf.keras.metrics.Mean()
    loss.update_state([1.0, 3.0])
    prefix = parts(loss, tf.Variable(7)).write(f"{directory}/ckpt")
    new, step = tf.keras.metrics.Mean(), tf.Variable(0)
    parts(new, step).read(prefix).assert_existing_objects_matched()
    return {
        "mean, restored": str(float(new.result())),
        "step, restored": str(int(step)),
        "an optimizer is taken": str(any("optimizer" in name for name, _ in tf.train.list_variables(prefix))),
    }
