"""Card 98: a function that was never called before the export."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "SavedModel"
TITLE = "Found untraced functions: a function that was never called is not in the SavedModel"
ERROR = "ValueError"
MESSAGE = "Found zero restored functions for caller function."
WHY = (
    "A SavedModel has graphs. A `tf.function` gets its graph at its first call, and `predict` was never "
    "called before saving."
)
CHECK = "`len(module.predict._list_all_concrete_functions())` is 0 before saving."
FIX = (
    "Call each function once before saving, or give it an `input_signature`. If only `serve` or "
    "`__call__` is used later, the warning does no harm."
)
MORE = (
    "Keras 2 warns of layers' own functions: `Found untraced functions such as lstm_cell_layer_call_fn "
    "while saving`. The model's predictions are not affected. After loading, such functions of single "
    "layers cannot be called."
)
SEARCH = ("warning about untraced functions while saving a SavedModel",)
CAUSES = (
    {
        "message": "Found untraced functions such as {list} while saving",
    },
    {
        "message": "Found zero restored functions for caller function.",
    },
)
RELATED = ("no_signatures", "no_matching_function", "user_object")
SHOWS = {
    "fail": (),
    "fix": ("y at x = 3, called before saving", "y at x = 3, with an input_signature"),
}


class Line(tf.Module):  # type: ignore[misc]
    def __init__(self, signature: list[tf.TensorSpec] | None = None) -> None:
        super().__init__()
        self.slope = tf.Variable(2.0)
        self.predict = tf.function(lambda x: self.slope * x, input_signature=signature)


def y_of_loaded(module: Line, path: str) -> str:
    tf.saved_model.save(module, path)
    loaded = tf.saved_model.load(path)
    return str(loaded.predict(tf.constant(3.0)).numpy())


def fail(directory: Path) -> Seen:
    return {"y at x = 3": y_of_loaded(Line(), f"{directory}/SavedModel")}


def fix(directory: Path) -> Seen:
    called = Line()
    called.predict(tf.constant(0.0))
    signed = Line([tf.TensorSpec([], tf.float32)])
    return {
        "y at x = 3, called before saving": y_of_loaded(called, f"{directory}/called"),
        "y at x = 3, with an input_signature": y_of_loaded(signed, f"{directory}/signed"),
    }
