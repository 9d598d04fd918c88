"""Card 100: TensorFlow.js does not find the input shape."""

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "versions"
TITLE = "TensorFlow.js: an InputLayer should be passed either a batchInputShape or an inputShape"
ERROR = None
MESSAGE = "the shape's name in model.json: batch_shape"
WHY = (
    "Keras 3 writes the input shape as `batch_shape`. TensorFlow.js reads files of Keras 2, where it is "
    "`batch_input_shape`, and finds none."
)
CHECK = "Search `model.json` for `batch_shape`."
FIX = (
    "Rename `batch_shape` to `batch_input_shape` in `model.json`. Or write the file with Keras 2: install "
    "`tf_keras`, and set `TF_USE_LEGACY_KERAS=1` before TensorFlow is imported."
)
MORE = (
    "Other names of Keras 3 may follow: a `dtype` that is a dictionary, or `inbound_nodes` of a functional "
    "model. A SavedModel from `model.export` converts to a graph model, without these names."
)
RECORDED = (
    "TensorFlow.js is not here. Its message is recorded from public threads; the configuration is what "
    "Keras writes here."
)
SEARCH = ("tensorflowjs converter, keras 3 model does not load in the browser",)
CAUSES = (
    {
        "message": "An InputLayer should be passed either a `batchInputShape` or an `inputShape`.",
    },
)
RELATED = ("keras_three_file", "get_save_spec", "serving_versions")
SHOWS = {
    "fail": ("the shape's name in model.json", "batch_input_shape is there"),
    "fix": ("the shape's name in model.json", "input shape, read again"),
}


def topology(path: Path) -> Any:
    """The first layer's arguments, as in the `modelTopology` of a `model.json`."""
    return json.loads(path.read_text())["modelTopology"]["model_config"]["config"]["layers"][0]["config"]


def prepare(directory: Path) -> None:
    model = {"modelTopology": {"model_config": json.loads(line().to_json())}}
    (directory / "model.json").write_text(json.dumps(model))


def fail(directory: Path) -> Seen:
    layer = topology(directory / "model.json")
    return {
        "the shape's name in model.json": ", ".join(name for name in layer if "shape" in name),
        "batch_input_shape is there": str("batch_input_shape" in layer),
    }


def fix(directory: Path) -> Seen:
    path = directory / "model.json"
    path.write_text(path.read_text().replace('"batch_shape"', '"batch_input_shape"'))
    config = json.loads(path.read_text())["modelTopology"]["model_config"]
    return {
        "the shape's name in model.json": ", ".join(name for name in topology(path) if "shape" in name),
        "input shape, read again": str(tf.keras.models.model_from_json(json.dumps(config)).input_shape),
    }
