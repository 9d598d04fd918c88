"""Card 88: a converter made for Keras 2."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "versions"
TITLE = "No attribute _get_save_spec: a converter for Keras 2 gets something else"
ERROR = "AttributeError"
MESSAGE = "object has no attribute '_get_save_spec'"
WHY = (
    "The converter asks the model for its input shapes with `_get_save_spec`, a method of Keras 2 models. "
    "What it got here is another kind of object."
)
CHECK = "`hasattr(model, '_get_save_spec')` returns `False`."
FIX = (
    "Export a SavedModel and convert that: `model.export(path)`, then "
    "`TFLiteConverter.from_saved_model(path)`. It needs no method of the model."
)
MORE = (
    "`tf2onnx` takes a SavedModel too. Newer Keras 3 models have the method again. Here the "
    "converter gets a class of our own."
)
RECORDED = (
    "With TensorFlow 2.16 and the first versions of Keras 3, every Keras model gave this message. Today the "
    "same line of the converter raises it for a class that is no model."
)
SEARCH = ("convert a keras 3 model to tflite or onnx fails with _get_save_spec",)
CAUSES = (
    {
        "message": "object has no attribute '_get_save_spec'",
    },
)
RELATED = ("keras_refuses", "user_object")
SHOWS = {
    "fail": (),
    "fix": ("kind of file", "bytes"),
}


class Wrapper:
    """What a program may keep around a model."""

    def __init__(self) -> None:
        self.model = line()

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.model(x)


def fail(directory: Path) -> Seen:
    converter = tf.lite.TFLiteConverter.from_keras_model(Wrapper())
    return {"bytes": str(len(converter.convert()))}


def fix(directory: Path) -> Seen:
    line().export(f"{directory}/SavedModel", verbose=False)
    content = tf.lite.TFLiteConverter.from_saved_model(f"{directory}/SavedModel").convert()
    (directory / "model.tflite").write_bytes(content)
    return {"kind of file": content[4:8].decode(), "bytes": f"more than {len(content) // 500 * 500}"}
