"""Card 56: bytecode of another Python."""

import codecs
import json
import marshal
from pathlib import Path

import h5py
import tensorflow as tf

from core.tf.gallery._scene import Seen, weights

GROUP = "versions"
TITLE = "Bad marshal data: a Lambda layer from another version of Python"
ERROR = "ValueError"
MESSAGE = "bad marshal data (unknown type code)"
WHY = (
    "Keras stores a lambda as Python's bytecode, which changes with every minor version of Python. "
    "(Here the file has bytes that no Python knows.)"
)
CHECK = "The file has a `Lambda` layer, and was saved under another version of Python."
FIX = (
    "Load it with the Python that saved it. Or build the model from code and take the weights with "
    "`load_weights`."
)
MORE = (
    "Other forms are `unknown opcode`, `code() argument 13 must be str, not int`, or a crash. The "
    "weights are not affected."
)
CAUSES = (
    {
        "message": "bad marshal data",
        "ask": "Does the model have a Lambda layer, and was it saved by another version of Python?",
    },
    {
        "message": "SystemError: unknown opcode",
        "ask": "Does the model have a Lambda layer, and was it saved by another version of Python?",
    },
    {
        "message": "code() argument {number} must be str, not int",
    },
    {
        "message": "code expected at least {number} arguments, got",
    },
    {
        "message": "code() takes at least {number} arguments",
        "only": "marshal|func_load|lambda|load_model",
    },
)
RELATED = ("lambda_refused", "keras_two_file", "h5py_strings")
SHOWS = {
    "fail": (),
    "fix": ("weight from the file", "y at x = 2"),
}


def prepare(directory: Path) -> None:
    code = codecs.encode(b"\xff" + marshal.dumps((lambda x: x**2).__code__), "base64").decode()
    config = {"name": "l", "function": [code, None, None], "function_type": "lambda", "arguments": {}}
    first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 1], "name": "i"}}
    layers = [first, {"class_name": "Lambda", "config": config}]
    model = {"class_name": "Sequential", "config": {"name": "old", "layers": layers}}
    with h5py.File(directory / "model.h5", "w") as file:
        file.attrs.update(model_config=json.dumps(model), keras_version="2.3.0", backend="tensorflow")
        group = file.create_group("model_weights")
        group.attrs.update(layer_names=["dense"], keras_version="2.3.0", backend="tensorflow")
        group.create_group("dense").attrs["weight_names"] = ["dense/kernel:0"]
        group["dense"].create_dataset("dense/kernel:0", data=[[1.01]], dtype="float32")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.h5", safe_mode=False)
    return {"layers": str(len(loaded.layers))}


def fix(directory: Path) -> Seen:
    dense = tf.keras.layers.Dense(1, use_bias=False, name="dense")
    rebuilt = tf.keras.Sequential([tf.keras.Input((1,)), dense])
    rebuilt.load_weights(f"{directory}/model.h5")
    y = tf.square(rebuilt(tf.constant([[2.0]])))
    return {"weight from the file": weights(rebuilt), "y at x = 2": str(y.numpy()[0, 0])}
