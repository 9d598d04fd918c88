"""Card 53: a file that Keras 2 wrote."""

import json
from pathlib import Path
from typing import Any

import h5py
import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "versions"
TITLE = "A file from Keras 2 in Keras 3: unrecognized keyword arguments"
ERROR = "TypeError"
MESSAGE = "Unrecognized keyword arguments passed to DepthwiseConv2D: {'groups': 1}"
WHY = (
    "The file has each layer's arguments as Keras 2 had them. Keras 3 no longer has `groups` of "
    "`DepthwiseConv2D`, and refuses it."
)
CHECK = "`h5py.File(path).attrs['keras_version']` begins with 2, and `tf.keras.__version__` with 3."
FIX = (
    "Pass a class that drops the argument in `custom_objects`, and save as `.keras`. Or use Keras 2: "
    "`pip install tf_keras`, and set `TF_USE_LEGACY_KERAS=1` before TensorFlow is imported."
)
MORE = (
    "`time_major` of `LSTM` and `lr` of optimizers are refused too. `decay` only gives a warning and "
    "is ignored. A module `keras.src.engine` in the message also means a Keras 2 file. Here the "
    "configuration is as Keras 2.10 wrote it."
)
SEARCH = ("model saved with Keras 2 does not load in Keras 3, tf_keras, TF_USE_LEGACY_KERAS",)
CAUSES = (
    {
        "message": "Unrecognized keyword arguments passed to {layer}: {arguments}",
        "only": r"\A(?![\s\S]*\bquantization_config\b)[\s\S]*(load|deserial|from_config|h5|\.keras|Unrecognized keyword arguments passed to \w+: \{'(groups|time_major|batch_input_shape|implementation|unit_forget_bias|input_dim)')",
        "ask": "Was the file saved by Keras 2, or TensorFlow 2.15 and earlier?",
    },
    {
        "message": "Unknown layer: {name}",
        "when": {"name": r"^\W*(TensorFlowOpLayer|TFOpLambda|SlicingOpLambda)\b"},
        "ask": "Was the file saved by Keras 2, which wrote operations as layers?",
    },
    {
        "message": "Argument(s) not recognized: {arguments}",
        "when": {"arguments": "lr|decay|name"},
        "ask": "Was the file saved by Keras 2?",
    },
    {
        "message": "because its parent module keras.{module} cannot be imported. Full object config: ",
        "when": {
            "module": r"^(src\.)?(engine|layers\.core\.tf_op_layer|saving\.legacy|optimizers\.legacy|layers\.\w+\.\w+)|^api\._v2"
        },
        "ask": "Was the file saved by Keras 2, as keras.src.engine says?",
    },
    {
        "message": "We could not automatically infer the shape of the Lambda's output",
        "only": ".",
        "ask": "Was the file with the Lambda layer saved by Keras 2?",
    },
)
RELATED = ("keras_three_file", "keras_refuses", "h5py_strings", "lambda_bytecode")
SHOWS = {
    "fail": (),
    "fix": ("written by Keras", "loaded with Keras", "shape of its kernel", "first value"),
}
YOURS = """class Old{class_name}(tf.keras.layers.{class_name}):
    def __init__(self, {argument}=None, **kwargs):
        super().__init__(**kwargs)  # Keras 3 has no {argument}


model = tf.keras.models.load_model(path, custom_objects={{"{class_name}": Old{class_name}}})"""

OLD = {"name": "dw", "kernel_size": [3, 3], "use_bias": False, "groups": 1}


def prepare(directory: Path) -> None:
    first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4, 4, 1], "name": "i"}}
    layers = [first, {"class_name": "DepthwiseConv2D", "config": OLD}]
    config = {"class_name": "Sequential", "config": {"name": "old", "layers": layers}}
    with h5py.File(directory / "model.h5", "w") as file:
        file.attrs.update(model_config=json.dumps(config), keras_version="2.10.0", backend="tensorflow")
        group = file.create_group("model_weights")
        group.attrs.update(layer_names=["dw"], keras_version="2.10.0", backend="tensorflow")
        group.create_group("dw").attrs["weight_names"] = ["dw/depthwise_kernel:0"]
        group["dw"].create_dataset("dw/depthwise_kernel:0", data=[[[[1.01]]] * 3] * 3, dtype="float32")


class DepthwiseConv2D(tf.keras.layers.DepthwiseConv2D):  # type: ignore[misc]
    def __init__(self, groups: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # Keras 3 has no groups; 1 was its only value


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {"layers": str(len(loaded.layers))}


def fix(directory: Path) -> Seen:
    own = {"DepthwiseConv2D": DepthwiseConv2D}
    loaded = tf.keras.models.load_model(f"{directory}/model.h5", custom_objects=own)
    with h5py.File(directory / "model.h5") as file:
        version = file.attrs["keras_version"]
    loaded.save(f"{directory}/model.keras")
    return {
        "written by Keras": str(version),
        "loaded with Keras": tf.keras.__version__[:1],
        "shape of its kernel": str(loaded.get_weights()[0].shape),
        "first value": str(loaded.get_weights()[0].flat[0]),
    }
