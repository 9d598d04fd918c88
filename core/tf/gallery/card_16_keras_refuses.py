"""Card 16: Keras 3 and SavedModel."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "versions"
TITLE = "Keras 3 does not load a SavedModel"
ERROR = "ValueError"
MESSAGE = "the legacy SavedModel format is not supported by `load_model()` in Keras 3"
WHY = (
    "`tf.keras.models.load_model` gets the directory of a SavedModel, as it could with Keras 2. "
    "Keras 3, which comes with TensorFlow 2.16 and later, loads files in its own format: `.keras`, "
    "and `.h5` from earlier times. A SavedModel is a directory with a graph, not a Keras model, and "
    "was given up there. TensorFlow itself still loads it."
)
CHECK = "`tf.keras.__version__` tells: 3 and later refuse. Look for `saved_model.pb` in the path."
FIX = (
    "Call the signature through `tf.saved_model.load`. Where a Keras layer is needed, use "
    "`tf.keras.layers.TFSMLayer` with `call_endpoint='serving_default'`. Keras calls it an "
    "inference-only layer, but its variables are trainable and get gradients: set `layer.trainable = "
    "False` where they must stay as they are. What it lacks are layers and a `get_config`."
)
SEARCH = (
    "In order to reload a TensorFlow SavedModel as an inference-only layer in Keras 3, use keras.layers.TFSMLayer",
)
CAUSES = (
    {
        "message": "File format not supported: filepath={path}. Keras 3 only supports V3 `.keras` files",
        "when": {"path": r"^(?!.*\.(keras|h5|hdf5)\W*$)"},
        "ask": "Is the path a SavedModel: a directory with saved_model.pb?",
    },
    {
        "message": "File format not supported: filepath={path} Keras Core only supports V3 `.keras`",
        "ask": "Is the path a SavedModel: a directory with saved_model.pb?",
    },
    {
        "message": "the legacy SavedModel format is not supported by `load_model()` in Keras 3",
        "ask": "Is the path a SavedModel: a directory with saved_model.pb?",
    },
)
RELATED = ("user_object", "keras_two_file", "ways")
SHOWS = {
    "fail": (),
    "fix": (
        "y at x = 3, tf.saved_model.load",
        "y at x = 3, TFSMLayer",
        "gradient of y, in its trainable weights",
    ),
}
YOURS = """loaded = tf.saved_model.load({file})
layer = tf.keras.layers.TFSMLayer({file}, call_endpoint="serving_default")"""


def prepare(directory: Path) -> None:
    export(f"{directory}/SavedModel", [tf.compat.v1.saved_model.tag_constants.SERVING])


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/SavedModel")
    return {"loaded": type(loaded).__name__}


def fix(directory: Path) -> Seen:
    x = tf.constant(3.0)
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    predict = loaded.signatures["serving_default"]
    layer = tf.keras.layers.TFSMLayer(f"{directory}/SavedModel", call_endpoint="serving_default")
    with tf.GradientTape() as tape:
        y = layer(x)["y"]
    gradients = tape.gradient(y, layer.trainable_weights)
    return {
        "y at x = 3, tf.saved_model.load": str(predict(x=x)["y"].numpy()),
        "y at x = 3, TFSMLayer": str(y.numpy()),
        "gradient of y, in its trainable weights": str([float(g) for g in gradients]),
    }
