"""Card 78: a SavedModel without signatures."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "SavedModel"
TITLE = "KeyError: 'serving_default', the SavedModel has no such signature"
ERROR = "KeyError"
MESSAGE = "'serving_default'"
WHY = (
    "A signature is a function with fixed tensors. A plain `tf.Module` has none, and "
    "`tf.saved_model.save` succeeds without."
)
CHECK = "`list(loaded.signatures)` is empty, or has other names."
FIX = (
    "Name it at export: `tf.saved_model.save(module, path, signatures={'serving_default': "
    "function})`. The function needs an input signature."
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
