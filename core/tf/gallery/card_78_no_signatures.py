"""Card 78: a SavedModel without signatures."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "SavedModel"
TITLE = "KeyError: 'serving_default', the SavedModel has no such signature"
ERROR = "KeyError"
MESSAGE = "'serving_default'"
WHY = (
    "A `tf.Module` was saved with `tf.saved_model.save`. The serving code asks for "
    "`loaded.signatures['serving_default']`, as every guide does. A signature is a function with a "
    "fixed list of tensors. TensorFlow writes one by itself only when the object has exactly one "
    "function that says which tensors it takes; a plain module has none, and the export succeeds "
    "without."
)
CHECK = "`saved_model_cli show --dir SavedModel --tag_set serve` right after the export lists the signatures."
FIX = (
    "Name it at export: `tf.saved_model.save(module, path, signatures={'serving_default': "
    "function})`, where the function has an input signature. Existing exports: list "
    "`loaded.signatures` and take what there is."
)
CAUSES = (
    {
        "message": "KeyError: 'serving_default'",
    },
    {
        "message": 'Serving signature name: "{name}" not found in signature def',
    },
    {
        "message": "Only support at least one signature key",
    },
    {
        "message": "_SignatureMap({})",
    },
)
RELATED = ("missing_signature", "user_object", "wrong_tag")
SHOWS = {
    "fail": (),
    "fix": ("signatures", "y at x = 3"),
}


class Parabola(tf.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.h = tf.Variable(1.0)

    @tf.function  # type: ignore[untyped-decorator]
    def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.square(x - self.h)}


def fail(directory: Path) -> Seen:
    tf.saved_model.save(Parabola(), f"{directory}/SavedModel")
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    predict = loaded.signatures["serving_default"]
    return {"y at x = 3": str(predict(x=tf.constant(3.0))["y"].numpy())}


def fix(directory: Path) -> Seen:
    module = Parabola()
    predict = module.predict.get_concrete_function(tf.TensorSpec([], tf.float32, name="x"))
    tf.saved_model.save(module, f"{directory}/SavedModel", signatures={"serving_default": predict})
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    y = loaded.signatures["serving_default"](x=tf.constant(3.0))["y"]
    return {"signatures": ", ".join(loaded.signatures), "y at x = 3": str(y.numpy())}
