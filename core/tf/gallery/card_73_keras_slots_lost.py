"""Card 73: weights without the optimizer."""

import warnings
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "silent"
TITLE = "load_weights restores the weights, but the optimizer starts from zero"
ERROR = None
MESSAGE = "iterations of the optimizer after load_weights: 0"
WHY = (
    "A new optimizer has no slots before its first update, so those in the file are skipped. Adam "
    "starts at iteration 0, with empty averages."
)
CHECK = (
    "`model.optimizer.iterations` is 0 after loading. The only sign is a warning: `Skipping variable "
    "loading for optimizer`."
)
FIX = (
    "Save and load the whole model: `model.save('m.keras')`. Or call "
    "`model.optimizer.build(model.trainable_variables)` before `load_weights`."
)
MORE = (
    "Keras 3.15 has a second way to lose it. After `model.save('m.h5')`, a later "
    "`model.save('m.keras')` has no optimizer, and loads with `RMSprop`."
)
SEARCH = (
    "optimizer state lost after load_weights, loss jumps when training is resumed in Keras",
    "resume training from ModelCheckpoint save_weights_only, learning rate schedule restarts",
)
CAUSES = (
    {
        "message": "Skipping variable loading for optimizer '{name}', because it has {number} variables whereas the saved optimizer has {number} variables",
    },
    {
        "message": "Error in loading the saved optimizer state. As a result, your model is starting with a freshly initialized optimizer",
        "ask": "Do you resume training?",
    },
)
RELATED = ("restored_without_slots", "epoch_restarts", "slots_in_another_order", "resume")
SHOWS = {
    "fail": ("iterations of the optimizer after load_weights", "its variables", "the only sign of it"),
    "fix": ("iterations, load_model", "iterations, optimizer built before load_weights", "its variables"),
}


def prepare(directory: Path) -> None:
    built = line()
    built.compile(optimizer="adam", loss="mse")
    built.fit(tf.zeros((4, 1)), tf.zeros((4, 1)), epochs=3, verbose=0)
    built.save_weights(f"{directory}/model.weights.h5")
    built.save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    resumed = line()
    resumed.compile(optimizer="adam", loss="mse")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        resumed.load_weights(f"{directory}/model.weights.h5")
    return {
        "iterations of the optimizer after load_weights": str(int(resumed.optimizer.iterations)),
        "its variables": str(len(resumed.optimizer.variables)),
        "the only sign of it": f"{said[0].category.__name__}: {said[0].message}",
    }


def fix(directory: Path) -> Seen:
    whole = tf.keras.models.load_model(f"{directory}/model.keras")
    resumed = line()
    resumed.compile(optimizer="adam", loss="mse")
    resumed.optimizer.build(resumed.trainable_variables)
    resumed.load_weights(f"{directory}/model.weights.h5")
    return {
        "iterations, load_model": str(int(whole.optimizer.iterations)),
        "iterations, optimizer built before load_weights": str(int(resumed.optimizer.iterations)),
        "its variables": str(len(resumed.optimizer.variables)),
    }
