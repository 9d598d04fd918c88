"""Card 46: an optimizer, loss or metric of one's own."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "Unknown optimizer, loss or metric when the model is loaded"
ERROR = "TypeError"
MESSAGE = "Could not locate class 'AdamLR'"
WHY = (
    "What `compile` got is saved by name and built again when the model is loaded. Keras does not "
    "know the class `AdamLR`."
)
CHECK = "`load_model(path, compile=False)` works."
FIX = (
    "To predict, load with `compile=False`. To train, give the class: `custom_objects={'AdamLR': "
    "AdamLR}`, or compile again."
)
MORE = (
    "An `.h5` file says it differently. For an optimizer: `Could not interpret optimizer "
    "identifier`. For a loss: `string indices must be integers`. Even the built-in name `'mse'` "
    "fails there: `Could not deserialize 'keras.metrics.mse'`."
)
SEARCH = ("load_model compile=False custom loss",)
CAUSES = (
    {
        "message": "Unknown optimizer: {name}",
    },
    {
        "message": "Unknown loss function: {name}",
    },
    {
        "message": "Unknown metric function: {name}",
    },
    {
        "message": "Unknown loss: {name}",
    },
    {
        "message": "Unknown metric: {name}",
    },
    {
        "message": "Could not locate class '{name}'. Make sure custom classes",
        "when": {
            "name": r"(?i)optimi|adam|sgd|rmsprop|loss|metric|error|accuracy|precision|recall|iou|dice|f1|score|entropy|mse\b"
        },
        "ask": "Is it a loss, a metric or an optimizer?",
    },
    {
        "message": "string indices must be integers",
        "only": r"legacy_h5_format|saving_utils|load_model",
    },
    {
        "message": "Could not locate function '{name}'. Make sure custom classes",
        "ask": "Is it a loss or a metric of your own?",
    },
    {
        "message": "Could not interpret optimizer identifier: {name}",
        "only": r"save|restor|checkpoint|ckpt|\.h5|hdf5|\.keras|saved_model|load_model|load_weights|SaveV2|RestoreV2|tempstate|MergeV2",
    },
    {
        "message": "Could not interpret loss function identifier: {name}",
        "only": r"save|restor|checkpoint|ckpt|\.h5|hdf5|\.keras|saved_model|load_model|load_weights|SaveV2|RestoreV2|tempstate|MergeV2",
    },
    {
        "message": "Could not deserialize '{name}' because it is not a KerasSaveable subclass",
        "ask": "Was the model compiled with a loss or metric by its short name?",
    },
    {
        "message": "Unable to restore custom metric",
    },
)
RELATED = ("unknown_layer", "needs_get_config", "keras_slots_lost")
SHOWS = {
    "fail": (),
    "fix": ("weights, compile=False", "weights, custom_objects", "its optimizer"),
}
YOURS = """model = tf.keras.models.load_model(path, compile=False)  # to predict
model = tf.keras.models.load_model(path, custom_objects={{"{class_name}": {class_name}}})  # to train"""


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
