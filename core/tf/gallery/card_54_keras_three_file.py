"""Card 54: a file that Keras 3 wrote, in Keras 2."""

import json
import zipfile
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "versions"
TITLE = "A file from Keras 3 in Keras 2: unrecognized keyword batch_shape"
ERROR = None
MESSAGE = "recorded from Keras 2.15: ValueError: Unrecognized keyword arguments: ['batch_shape']"
WHY = (
    "A model was trained and saved with TensorFlow 2.16 or later (Keras 3), and is loaded where an "
    "older TensorFlow is installed. Old files may open in a newer Keras; newer ones do not open in "
    "an older one. Keras 3 writes the input layer's shape as `batch_shape`, which Keras 2 called "
    "`batch_input_shape`, and its types as `DTypePolicy`. Keras 2 stops at the first word that it "
    "does not know."
)
CHECK = (
    "A `.keras` file is a zip; `metadata.json` in it has `keras_version`. Pin that version where it "
    "is served."
)
FIX = (
    "Load it with Keras 3 (TensorFlow 2.16 or later). For a program that must stay with the old "
    "version, export a SavedModel: `model.export(path)`. It is a graph, and `tf.saved_model.load` "
    "opens it."
)
SEARCH = ("No module named 'keras.src.engine' / keras.src.models.sequential cannot be imported",)
CAUSES = (
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
SHOWS = {
    "fail": ("written by Keras", "the input layer in the file", "recorded from Keras 2.15"),
    "fix": ("y at x = 0, from the SavedModel",),
}
RECORDED = (
    "Keras 2 is not installed here, so its message is shown as Keras 2.15 gives it, from public "
    "threads. The rest is read from a file that was just written."
)


def fail(directory: Path) -> Seen:
    line().save(f"{directory}/model.keras")
    with zipfile.ZipFile(directory / "model.keras") as file:
        version = json.loads(file.read("metadata.json"))["keras_version"]
        layers = json.loads(file.read("config.json"))["config"]["layers"]
    return {
        "written by Keras": version[:1],
        "the input layer in the file": ", ".join(k for k in layers[0]["config"] if "shape" in k),
        "recorded from Keras 2.15": "ValueError: Unrecognized keyword arguments: ['batch_shape']",
    }


def fix(directory: Path) -> Seen:
    line().save(f"{directory}/model.keras")
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    loaded.export(f"{directory}/SavedModel", verbose=False)
    served = tf.saved_model.load(f"{directory}/SavedModel")
    y = served.serve(tf.constant([[0.0]]))
    return {"y at x = 0, from the SavedModel": str(y.numpy()[0, 0])}
