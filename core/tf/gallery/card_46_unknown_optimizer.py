"""Card 46: an optimizer, loss or metric of one's own."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "Unknown optimizer, loss or metric when the model is loaded"
ERROR = "TypeError"
MESSAGE = "Could not locate class 'AdamLR'"
WHY = (
    "The model was compiled with an optimizer, a loss or a metric of its own and saved. Only its "
    "predictions are wanted from the loaded model. What `compile` was given is saved by name, and "
    "built again when the model is loaded. Keras 2 says `Unknown optimizer`, `Unknown loss function` "
    "or `Unknown metric function`; Keras 3 says that it cannot locate the class or function."
)
CHECK = "Load the model once in a fresh process, right after the first save."
FIX = (
    "To predict, none of it is needed: `load_model(path, compile=False)`. To go on training, give "
    "the class: `custom_objects={'AdamLR': AdamLR}`, or compile the loaded model again."
)
SEARCH = (
    "ValueError: Unknown optimizer",
    "ValueError: Unknown loss function",
    "ValueError: Unknown metric function",
    "Could not interpret optimizer identifier / Could not locate function. Make sure custom classes "
    "are decorated with `@keras.saving.register_keras_serializable()`",
    "Could not deserialize 'keras.metrics.mse' because it is not a KerasSaveable subclass",
    "load_model compile=False custom loss",
    "Could not locate class 'AdamLR'. Make sure custom classes and functions are decorated with "
    "`@keras.saving.register_keras_serializable()`. If they are already decorated, make sure they are "
    "all imported so that the decorator is run before trying to load them. Full object config: "
    "{'class_name': 'AdamLR', 'config': {'learning_rate': 0.01, 'weight_decay': None, 'clipnorm': None",
)
RELATED = ("unknown_layer", "needs_get_config", "keras_slots_lost")
SHOWS = {
    "fail": (),
    "fix": ("weights, compile=False", "weights, custom_objects", "its optimizer"),
}
YOURS = """model = tf.keras.models.load_model(path, compile=False)  # to predict
model = tf.keras.models.load_model(path, custom_objects={{"{class_name}": {class_name}}})  # to train on"""


class AdamLR(tf.keras.optimizers.Adam):  # type: ignore[misc]
    """Adam under a name of one's own."""


def prepare(directory: Path) -> None:
    built = line()
    built.compile(optimizer=AdamLR(0.01), loss="mse")
    built.optimizer.build(built.trainable_variables)
    built.save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    path = f"{directory}/model.keras"
    predicts = tf.keras.models.load_model(path, compile=False)
    trains = tf.keras.models.load_model(path, custom_objects={"AdamLR": AdamLR})
    return {
        "weights, compile=False": weights(predicts),
        "weights, custom_objects": weights(trains),
        "its optimizer": type(trains.optimizer).__name__,
    }
