"""Card 76: what tf.saved_model.load returns."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line

GROUP = "SavedModel"
TITLE = "'_UserObject' object has no attribute 'predict'"
ERROR = "AttributeError"
MESSAGE = "'_UserObject' object has no attribute 'predict'"
WHY = (
    "A Keras model was exported as a SavedModel. `tf.saved_model.load(path).predict(x)` is expected "
    "to work as on the model. `tf.saved_model.load` gives back an object with the functions and "
    "variables that were exported. It is no Keras model: `predict`, `fit`, `summary`, `layers` are "
    "Keras' own and not part of a SavedModel."
)
CHECK = "`saved_model_cli show --dir SavedModel --all` lists what can be called."
FIX = (
    "Call a signature, or the function that `export` made, `serve`. To have a Keras model again, "
    "save one: `model.save('m.keras')` and `load_model`."
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
