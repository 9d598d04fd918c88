"""Card 50: a file of weights is not a model."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "No model config found: the file holds weights only"
ERROR = "ValueError"
MESSAGE = "No model config found in the file at"
WHY = (
    "`load_model` gets a file that `save_weights`, or `ModelCheckpoint(save_weights_only=True)`, "
    "wrote. It is expected to return the model. `save_weights` writes the values and not the layers. "
    "`load_model` looks for the attribute `model_config` and there is none. Older Keras said `No "
    "model found in config file`. The ending `.h5` does not tell the two kinds apart."
)
CHECK = "Give weights the ending `.weights.h5`, as Keras 3 demands, and models `.keras`."
FIX = "Build the model from code and call `load_weights`; or save the whole model: `model.save('m.keras')`."
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
