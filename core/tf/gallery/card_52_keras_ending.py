"""Card 52: the ending that Keras 3 wants for a model."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names, weights

GROUP = "versions"
TITLE = "Keras 3 wants .keras for a model"
ERROR = "ValueError"
MESSAGE = "Invalid filepath extension for saving"
WHY = (
    "The model is saved as in Keras 2: `model.save('Model')`, which wrote a SavedModel into a "
    "directory. Keras 3 has one format for a model, a file that ends in `.keras`, and still writes "
    "`.h5`. A name without an ending meant a SavedModel, which Keras 3 writes by `export` only. "
    "Early releases of Keras 3 refused `.h5` in `ModelCheckpoint` as well. `save_format='tf'` is "
    "refused too."
)
CHECK = "Write the ending, always. What the code wrote before tells which of the two was meant."
FIX = "`model.save('model.keras')` to go on with Keras; `model.export('Model')` to serve a SavedModel."
SEARCH = ("ModelCheckpoint filepath must end in .keras",)
CAUSES = (
    {
        "message": "The filepath provided must end in `.keras` (Keras model format). Received: filepath={path}",
    },
    {
        "message": "Invalid filepath extension for saving. Please add either a `.keras` extension",
    },
    {
        "message": "The `save_format` argument is deprecated in Keras 3",
    },
    {
        "message": "The following argument(s) are not supported with the native Keras format: {arguments}",
    },
)
RELATED = ("weights_ending", "keras_refuses", "keras_three_file")
SHOWS = {
    "fail": (),
    "fix": ("weights in model.keras", "files in Model", "y at x = 0, served"),
}
YOURS = """model.save({stem} + ".keras")"""


def fail(directory: Path) -> Seen:
    line().save(f"{directory}/Model")
    return {"files": names(sorted(directory.iterdir()))}


def fix(directory: Path) -> Seen:
    built = line()
    built.save(f"{directory}/model.keras")
    built.export(f"{directory}/Model", verbose=False)
    served = tf.saved_model.load(f"{directory}/Model")
    return {
        "weights in model.keras": weights(tf.keras.models.load_model(f"{directory}/model.keras")),
        "files in Model": names(sorted((directory / "Model").iterdir())),
        "y at x = 0, served": str(served.serve(tf.constant([[0.0]])).numpy()[0, 0]),
    }
