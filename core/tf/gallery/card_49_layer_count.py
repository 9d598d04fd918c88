"""Card 49: a weight file of another architecture."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "A weight file with another number of layers than the model"
ERROR = "ValueError"
MESSAGE = (
    "Layer count mismatch when loading weights from file. Model expected 1 layers, found 2 saved layers."
)
WHY = (
    "An `.h5` file is read in the order of the layers, so their number must agree. The file has two "
    "layers, and the model has one."
)
CHECK = "The numbers in the message differ. A file with 0 layers is of another format or version."
FIX = (
    "Build the model that was saved. To take what agrees from an `.h5` file, give layers their names "
    "and use `load_weights(path, by_name=True)`."
)
MORE = (
    "`.weights.h5` files differ. `by_name` is refused. If the model has fewer layers than the file, "
    "the rest is silently left out. If it has more: `expected 2 variables, but received 0 "
    "variables`."
)
SEARCH = (
    "expected 2 variables, but received 0 variables during loading. List of objects that could not be loaded",
    "Layer weight shape not compatible with provided weight shape. Shape mismatch in layer. Weight expects shape. Received saved weight with shape",
)
CAUSES = (
    {
        "message": "`by_name` only supports loading legacy '.h5' or '.hdf5' files.",
    },
    {
        "message": "Layer count mismatch when loading weights from file. Model expected {number} layers, found {number} saved layers",
    },
    {
        "message": "You are trying to load a weight file containing {saved} layers into a model with {model} layers",
    },
    {
        "message": "A total of {number} objects could not be loaded. Example error message for object",
        "when": {"text": r"expected \d+ variables, but received \d+"},
        "ask": "Does the model have other layers than the saved one?",
    },
    {
        "message": "expects {number} weight(s), but the saved weights have {number} element(s)",
    },
    {
        "message": "expects {number} weights, but the saved weights have {number} elements",
    },
    {
        "message": "axes don't match array",
        "only": r"load_weights|load_model|hdf5|preprocess_weights|\.h5",
    },
    {
        "message": "Weight count mismatch for layer",
    },
    {
        "message": "Shape mismatch in {layer} for weight {weight}. Weight expects shape {model}. Received saved weight with shape {saved}",
    },
)
RELATED = ("no_model_config", "not_built_yet", "classes_changed")
SHOWS = {
    "fail": (),
    "fix": ("layers in the file", "layers in the model", "weights of the one that both have"),
}


def prepare(directory: Path) -> None:
    built = line(layers=2)
    built.save(f"{directory}/model.h5")


def fail(directory: Path) -> Seen:
    smaller = line(layers=1)
    smaller.load_weights(f"{directory}/model.h5")
    return {"weights": weights(smaller)}


def fix(directory: Path) -> Seen:
    saved = tf.keras.models.load_model(f"{directory}/model.h5")
    first = saved.layers[0].name
    smaller = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1, name=first)])
    smaller.load_weights(f"{directory}/model.h5", by_name=True)
    return {
        "layers in the file": str(len(saved.layers)),
        "layers in the model": str(len(smaller.layers)),
        "weights of the one that both have": weights(smaller),
    }
