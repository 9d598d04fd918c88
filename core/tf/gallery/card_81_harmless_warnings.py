"""Card 81: warnings that do not matter for predictions."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Log, Seen, line, weights

GROUP = "error"
TITLE = "No training configuration found: warnings that do no harm to predictions"
ERROR = None
MESSAGE = "the log: No training configuration found in the save file, so the model was *not* compiled"
WHY = (
    "The model was saved without `compile`, so the file has no optimizer and no loss. The weights are "
    "complete, and predictions are right."
)
CHECK = "You only predict. `model.get_weights()` returns the saved values."
FIX = (
    "To predict, do nothing, or load with `compile=False`. To train or evaluate, call `compile` after "
    "loading."
)
MORE = (
    "`the compiled metrics have yet to be built` is harmless too: metrics are built at the first "
    "`evaluate`. So is the note that HDF5 is a legacy format. `Error in loading the saved optimizer state` "
    "matters as soon as you resume training (card 73)."
)
SEARCH = ("the model was not compiled, compile it manually",)
CAUSES = (
    {
        "message": "No training configuration found in the save file, so the model was not compiled. Compile it manually.",
    },
    {
        "message": "No training configuration found in save file: the model was not compiled. Compile it manually.",
    },
    {
        "message": "No training configuration found in save file, so the model was not compiled. Compile it manually.",
    },
    {
        "message": "Compiled the loaded model, but the compiled metrics have yet to be built. `model.compile_metrics` will be empty until you train or evaluate the model.",
    },
    {
        "message": "You are saving your model as an HDF5 file via `model.save()`",
    },
    {
        "message": "Error in loading the saved optimizer state. As a result, your model is starting with a freshly initialized optimizer",
        "ask": "Do you only predict, and not resume training?",
    },
)
RELATED = ("keras_slots_lost", "unknown_optimizer", "keras_ending")
SHOWS = {
    "fail": ("the log", "weights", "has an optimizer"),
    "fix": ("lines of the log, compile=False", "weights", "optimizer, after compile"),
}


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.h5")


def fail(directory: Path) -> Seen:
    with Log("absl") as lines:
        loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {
        "the log": next(said for said in lines if "training" in said),
        "weights": weights(loaded),
        "has an optimizer": str(hasattr(loaded, "optimizer")),
    }


def fix(directory: Path) -> Seen:
    with Log("absl") as lines:
        loaded = tf.keras.models.load_model(f"{directory}/model.h5", compile=False)
    loaded.compile(optimizer="adam", loss="mse")
    return {
        "lines of the log, compile=False": str(len([said for said in lines if "training" in said])),
        "weights": weights(loaded),
        "optimizer, after compile": type(loaded.optimizer).__name__,
    }
