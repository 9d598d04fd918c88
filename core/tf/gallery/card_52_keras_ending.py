"""Card 52: the ending that Keras 3 wants for a model."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names, weights

GROUP = "versions"
TITLE = "Keras 3 wants .keras for a model"
ERROR = "ValueError"
MESSAGE = "Invalid filepath extension for saving"
WHY = (
    "Keras 3 saves a model in a file that ends in `.keras`, or in `.h5`. A name without an ending "
    "meant a SavedModel in Keras 2."
)
CHECK = "`tf.keras.__version__` is 3 or later, and the name has no ending."
FIX = "To continue with Keras: `model.save('model.keras')`. To serve a SavedModel: `model.export('Model')`."
MORE = (
    "`ModelCheckpoint` needs one of the endings too; early releases of Keras 3 refused `.h5` there. "
    "`save_format='tf'` is refused, `save_format='h5'` only gives a warning."
)
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
