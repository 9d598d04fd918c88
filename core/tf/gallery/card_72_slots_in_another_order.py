"""Card 72: the optimizer counts its variables."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "Other layers are trainable now, and the optimizer's slots do not fit"
ERROR = "ValueError"
MESSAGE = "Received incompatible tensor with shape"
WHY = (
    "A Keras optimizer numbers its variables in the order of the trainable weights. More layers are "
    "trainable now, so each number means another weight."
)
CHECK = "`len(model.trainable_variables)` was different when the checkpoint was saved."
FIX = (
    "Restore the model alone, and let the optimizer start from zero. Or make the same layers "
    "trainable, restore, then unfreeze and compile again."
)
MORE = "Where the shapes agree by chance, a slot gets another weight's value, without an error."
SEARCH = (
    "Adam/m/ Adam/v/ shape mismatch load_weights after setting trainable = True, fine-tuning",
    "slot variables in another order, unfreeze layers then load_weights",
    "A total of 1 objects could not be loaded <keras.src.optimizers.adam.Adam> expected 18 variables, but received 10 variables during loading",
)
CAUSES = (
    {
        "message": "Received incompatible tensor with shape {saved} when attempting to restore variable with shape {model} and name {name}",
        "when": {
            "name": r"^\W*\w*(Adam|RMSprop|SGD|Nadam|Adagrad|Optimizer)\w*/(m|v|vhat|momentum|velocity|rms)/"
        },
        "ask": "Is the variable a slot of the optimizer, such as Adam/m/…?",
    },
    {
        "message": "Received incompatible tensor with shape {saved} when attempting to restore variable with shape {model}",
        "when": {"text": "(?i)trainable|set_weights|optimizer.*(name|variable)"},
        "ask": "Are other layers trainable now than when it was saved?",
    },
)
RELATED = ("object_other_shape", "keras_slots_lost", "restored_without_slots", "resume")
SHOWS = {
    "fail": (),
    "fix": ("trainable now", "weights of the first layer"),
}
YOURS = """# The checkpoint has {saved_shape}, the program {graph_shape}: restore the model alone.
tf.train.Checkpoint(model=model).restore(prefix).expect_partial()"""


def build(frozen: bool) -> tuple[tf.keras.Model, tf.train.Checkpoint]:
    """Two layers of three units and an Adam for those that are trainable."""
    built = line(layers=2, units=3)
    built.layers[0].trainable = not frozen
    optimizer = tf.keras.optimizers.Adam()
    optimizer.build(built.trainable_variables)
    return built, tf.train.Checkpoint(model=built, optimizer=optimizer)


def prepare(directory: Path) -> None:
    build(frozen=True)[1].write(f"{directory}/ckpt")


def fail(directory: Path) -> Seen:
    built, checkpoint = build(frozen=False)
    checkpoint.read(f"{directory}/ckpt")
    return {"trainable": str(len(built.trainable_variables))}


def fix(directory: Path) -> Seen:
    built, _ = build(frozen=False)
    for weight in built.layers[0].weights:
        weight.assign(tf.zeros_like(weight))
    # Only the model: a fresh optimizer then trains the layers that are trainable now.
    tf.train.Checkpoint(model=built).read(f"{directory}/ckpt").expect_partial()
    return {
        "trainable now": str(len(built.trainable_variables)),
        "weights of the first layer": weights(built.layers[0]),
    }
