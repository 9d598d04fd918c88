"""Card 90: ModelCheckpoint cannot know which model is the best."""

import warnings
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "silent"
TITLE = "ModelCheckpoint does not keep the best: can save best model only with val_loss available"
ERROR = None
MESSAGE = "the only sign of it: UserWarning: Can save best model only with val_loss available."
WHY = (
    "`save_best_only=True` compares `monitor` after each epoch, by default `val_loss`. Here training has no "
    "validation data, so the file has the last epoch, not the best."
)
CHECK = "`history.history.keys()` does not have the name in the message."
FIX = (
    "Give `fit` validation data, or monitor what there is: `monitor='loss'`. A metric has the name that "
    "you compiled with: `val_accuracy`, not `val_acc`."
)
MORE = (
    "Until Keras 3.8 the warning ends in `skipping`, and nothing is saved. Own metrics also need "
    "`mode='max'` or `mode='min'`, or `ModelCheckpoint` refuses. A file name with `{val_loss:.2f}` fails "
    "with `KeyError` for the same reason."
)
SEARCH = (
    "ModelCheckpoint does not save the best model",
    "ModelCheckpoint save_best_only monitor val_acc not available",
)
CAUSES = (
    {
        "message": "Can save best model only with {metric} available",
    },
    {
        "message": "ModelCheckpoint callback received monitor={metric}, but Keras isn't able to automatically determine whether that metric should be maximized or minimized.",
    },
    {
        "message": "Failed to format this callback filepath: {path}. Reason: {metric}",
    },
)
RELATED = ("keras_slots_lost", "epoch_restarts", "only_the_last_five")
SHOWS = {
    "fail": ("loss of the saved model", "the only sign of it"),
    "fix": ("loss of the saved model, with validation data", "loss of the saved model, monitor='loss'"),
}

X = tf.constant([[1.0]])
Y = tf.constant([[3.0]])


def loss_of_saved(path: Path, monitor: str, **options: object) -> str:
    """Trains three epochs with too large a step, so that the first one is the best."""
    built = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")])
    built.compile(optimizer=tf.keras.optimizers.SGD(0.6), loss="mse")
    save = tf.keras.callbacks.ModelCheckpoint(path, monitor=monitor, save_best_only=True)
    built.fit(X, Y, epochs=3, verbose=0, callbacks=[save], **options)
    return f"{float((tf.keras.models.load_model(path)(X) - Y)[0, 0]) ** 2:.1f}"


def fail(directory: Path) -> Seen:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        loss = loss_of_saved(directory / "best.keras", "val_loss")
    sign = next(each for each in said if "best model" in str(each.message))
    return {
        "loss of the saved model": loss,
        "the only sign of it": f"{sign.category.__name__}: {sign.message}",
    }


def fix(directory: Path) -> Seen:
    path = directory / "best.keras"
    return {
        "loss of the saved model, with validation data": loss_of_saved(
            path, "val_loss", validation_data=(X, Y)
        ),
        "loss of the saved model, monitor='loss'": loss_of_saved(path, "loss"),
    }
