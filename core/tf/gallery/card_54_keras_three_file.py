"""Card 54: a file that Keras 3 wrote, in Keras 2."""

import json
import zipfile
from pathlib import Path

import tensorflow as tf
from tensorflow.python.keras import models as keras_2

from core.tf.gallery._scene import Seen, line, weights

GROUP = "versions"
TITLE = "A file from Keras 3 in Keras 2: unrecognized keyword batch_shape"
ERROR = "ValueError"
MESSAGE = "('Unrecognized keyword arguments:', dict_keys(['batch_shape', 'optional']))"
WHY = (
    "Keras 3 writes the input shape as `batch_shape`; Keras 2 called it `batch_input_shape`. An "
    "older Keras stops at the first name that it does not know."
)
CHECK = "`metadata.json` in a `.keras` file has `keras_version`. It begins with 3, and your Keras is 2."
FIX = (
    "Load it with Keras 3 (TensorFlow 2.16 or later). For a program with the old version, export a "
    "SavedModel: `model.export(path)`."
)
MORE = (
    "Keras 2.15 says `Unrecognized keyword arguments: ['batch_shape']`. Other forms are `Unknown "
    "dtype policy: DTypePolicy`, and `keras.src.models.functional cannot be imported`."
)
SEARCH = ("No module named 'keras.src.engine' / keras.src.models.sequential cannot be imported",)
CAUSES = (
    {
        "message": "Unrecognized keyword arguments:', dict_keys(['batch_shape'",
    },
    {
        "message": "Unrecognized keyword arguments: ['batch_shape'",
    },
    {
        "message": "Unrecognized keyword arguments passed to InputLayer: {'batch_shape'",
    },
    {
        "message": "Unknown dtype policy: {name}",
        "when": {"name": "DTypePolicy"},
    },
    {
        "message": "Unknown layer: DTypePolicy",
    },
    {
        "message": "because its parent module keras.{module} cannot be imported. Full object config: ",
        "when": {"module": r"^src\.(models|layers\.\w+\.\w+$|dtype_policies|initializers)"},
        "ask": "Was the file saved by Keras 3, as keras.src.models says?",
    },
    {
        "message": "No module named 'keras.src.models",
        "only": r"keras\.src\.models",
    },
    {
        "message": "No module named 'keras.src.{module}'",
        "only": "load|pickle",
    },
    {
        "message": "Unrecognized keyword arguments: ['batch_shape', 'optional']",
    },
)
RELATED = ("keras_two_file", "keras_refuses", "newer_graph")
SHOWS = {"fail": (), "fix": ("written by Keras", "y at x = 0, from the SavedModel")}
RECORDED = (
    "The reader here is the copy of Keras 2 that TensorFlow still has inside. Keras 2.15 writes the same "
    "message with a list: `['batch_shape']`."
)


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.h5")


def fail(directory: Path) -> Seen:
    loaded = keras_2.load_model(f"{directory}/model.h5")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    line().save(f"{directory}/model.keras")
    with zipfile.ZipFile(directory / "model.keras") as file:
        version = json.loads(file.read("metadata.json"))["keras_version"]
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    loaded.export(f"{directory}/SavedModel", verbose=False)
    served = tf.saved_model.load(f"{directory}/SavedModel")
    y = served.serve(tf.constant([[0.0]]))
    return {"written by Keras": version[:1], "y at x = 0, from the SavedModel": str(y.numpy()[0, 0])}
