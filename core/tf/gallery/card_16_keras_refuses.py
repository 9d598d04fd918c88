"""Card 16: Keras 3 and SavedModel."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "versions"
TITLE = "Keras 3 does not load a SavedModel"
ERROR = "ValueError"
MESSAGE = "the legacy SavedModel format is not supported by `load_model()` in Keras 3"
WHY = (
    "Keras 3 (TensorFlow 2.16 and later) loads `.keras` and `.h5` files. A SavedModel is a folder "
    "with a graph, and `load_model` no longer reads it."
)
CHECK = "The path is a folder with `saved_model.pb` in it, and `tf.keras.__version__` is 3 or later."
FIX = (
    "Call a signature through `tf.saved_model.load`. If you need a layer, use "
    "`tf.keras.layers.TFSMLayer(path, call_endpoint='serving_default')`."
)
MORE = (
    "Keras calls that layer inference-only, but its variables are trainable. Set `layer.trainable = "
    "False` if they must not change."
)
SEARCH = (
    "In order to reload a TensorFlow SavedModel as an inference-only layer in Keras 3, use keras.layers.TFSMLayer",
)
CAUSES = (
    {
        "message": "File format not supported: filepath={path}. Keras 3 only supports V3 `.keras` files",
        "when": {"path": r"^(?!.*\.(keras|h5|hdf5)\W*$)"},
        # load_weights names its own format, load_model does not.
        "only": r"\A(?![\s\S]*Keras 3 only supports V3 `?\.keras`? files, `?\.weights\.h5)",
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
RELATED = ("user_object", "keras_two_file", "compare")
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
