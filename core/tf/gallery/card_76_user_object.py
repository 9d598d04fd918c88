"""Card 76: what tf.saved_model.load returns."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "SavedModel"
TITLE = "'_UserObject' object has no attribute 'predict'"
ERROR = "AttributeError"
MESSAGE = "'_UserObject' object has no attribute 'predict'"
WHY = (
    "`tf.saved_model.load` returns an object with the exported functions and variables, not a Keras "
    "model. `predict`, `fit` and `summary` are not in it."
)
CHECK = "`type(loaded).__name__` is `_UserObject`."
FIX = (
    "Call a signature, or the function `serve` that `export` made. For a Keras model, save one: "
    "`model.save('m.keras')`."
)
CAUSES = (
    {
        "message": "'_UserObject' object has no attribute '{attribute}'",
    },
    {
        "message": "'_UserObject' object is not callable",
    },
    {
        "message": "'AutoTrackable' object has no attribute '{attribute}'",
    },
    {
        "message": "'AutoTrackable' object is not callable",
    },
)
RELATED = ("keras_refuses", "no_signatures", "no_matching_function")
SHOWS = {
    "fail": (),
    "fix": ("signatures", "y, the function serve", "y, a signature", "y, predict of model.keras"),
}
YOURS = """loaded = tf.saved_model.load(path)  # it has no {attribute}, but:
print(list(loaded.signatures), [name for name in dir(loaded) if not name.startswith("_")])"""


def prepare(directory: Path) -> None:
    built = line()
    built.save(f"{directory}/model.keras")
    built.export(f"{directory}/SavedModel", verbose=False)


def fail(directory: Path) -> Seen:
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    return {"y at x = 0": str(loaded.predict([[0.0]]))}


def fix(directory: Path) -> Seen:
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    x = tf.constant([[0.0]])
    whole = tf.keras.models.load_model(f"{directory}/model.keras")
    signature = loaded.signatures["serving_default"]
    argument, output = list(signature.structured_input_signature[1]), list(signature.structured_outputs)
    return {
        "signatures": ", ".join(sorted(loaded.signatures)),
        "y, the function serve": str(loaded.serve(x).numpy()[0, 0]),
        "y, a signature": str(signature(**{argument[0]: x})[output[0]].numpy()[0, 0]),
        "y, predict of model.keras": str(whole.predict(x, verbose=0)[0, 0]),
    }
