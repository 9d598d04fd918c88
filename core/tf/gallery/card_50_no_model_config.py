"""Card 50: a file of weights is not a model."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "No model config found: the file has only weights"
ERROR = "ValueError"
MESSAGE = "No model config found in the file at"
WHY = "`save_weights` writes the values, not the layers. `load_model` looks for the layers and finds none."
CHECK = "The file was written by `save_weights`, or by `ModelCheckpoint(save_weights_only=True)`."
FIX = "Build the model from code and call `load_weights`. Or save the whole model: `model.save('m.keras')`."
MORE = (
    "The ending `.h5` does not show which of the two it is. Older Keras said `No model found in config file`."
)
SEARCH = (
    "Cannot create group in read only mode. load_model",
    "load_model on a file of weights",
)
CAUSES = (
    {
        "message": "No model config found in the file at {path}",
    },
    {
        "message": "No model found in config file",
    },
    {
        "message": "Cannot create group in read-only mode",
        "only": "load_model|model_config",
    },
)
RELATED = ("layer_count", "weights_ending", "keras_ending")
SHOWS = {
    "fail": (),
    "fix": ("weights into a model from code", "weights of the whole model"),
}
YOURS = """model.load_weights({file})  # into a model that was built from code"""


def prepare(directory: Path) -> None:
    line().save_weights(f"{directory}/model.weights.h5")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.weights.h5")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    built = line()
    built.load_weights(f"{directory}/model.weights.h5")
    built.save(f"{directory}/model.keras")
    return {
        "weights into a model from code": weights(built),
        "weights of the whole model": weights(tf.keras.models.load_model(f"{directory}/model.keras")),
    }
