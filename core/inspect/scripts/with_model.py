"""Scripts that need the model itself: between TensorFlow's formats and Keras' own.

A `.keras` file and a whole `.h5` say how to build it; for all others the visitor's program does.
"""

from __future__ import annotations

from collections import Counter

from core.inspect.find import KERAS
from core.inspect.model import Listing
from core.inspect.scripts import parts
from core.inspect.scripts.of_objects import copy_of
from core.inspect.scripts.script import Script, filled

OBJECTS, EXPORTED, WEIGHTS, WHOLE = "objects", "saved_model", ".weights.h5", ".keras"
_TITLES = {
    OBJECTS: "To an object-based checkpoint",
    EXPORTED: "To a SavedModel",
    WEIGHTS: "To a .weights.h5",
    WHOLE: "To a .keras",
}
_OWN = """
from your_program import model  # your own model, built, with the layers that the file has
"""
_BUILT = """
import keras

model = keras.saving.load_model(FILE, compile=False)  # import your own layers before, if it has some
"""
_LOAD_KERAS = """
model.load_weights(FILE)
"""
_ASSIGN = """
import tensorflow as tf

reader = tf.train.load_checkpoint(FILE)
missing = []
for weight in model.weights:
    keys = [key for name, key in NAMES.items() if f"/{weight.path}".endswith(f"/{name}")]
    if len(keys) == 1:
        weight.assign(reader.get_tensor(keys[0]))
    else:
        missing.append(weight.path)
count(f"{FILE} into the model", missing, model.weights)
"""
_SAVE = {
    OBJECTS: """
import tensorflow as tf

checkpoint = tf.train.Checkpoint(model=model)
checkpoint.write(COPY)
values = emptied(model)
checkpoint.read(COPY).assert_existing_objects_matched()
compare(COPY, model, values)
""",
    EXPORTED: """
import tensorflow as tf

model.export(COPY, verbose=False)
loaded = [variable.numpy().tobytes() for variable in tf.saved_model.load(COPY).variables]
lost = [weight.path for weight in model.weights if weight.numpy().tobytes() not in loaded]
count(COPY, lost, model.weights)
""",
    WEIGHTS: """
model.save_weights(COPY)
values = emptied(model)
model.load_weights(COPY)
compare(COPY, model, values)
""",
    WHOLE: """
model.save(COPY)
values = emptied(model)
model.load_weights(COPY)
compare(COPY, model, values)
""",
}


def convert(found: Listing, path: str, into: str) -> Script:
    """From any format into one of OBJECTS, EXPORTED, WEIGHTS and WHOLE, by way of the model."""
    is_keras = found.kind == KERAS
    ending = into if into in (WEIGHTS, WHOLE) else {OBJECTS: "-objects", EXPORTED: "-saved-model"}[into]
    stem = copy_of(path, "")[:-1]
    for each in (".weights.h5", ".weights.json", ".keras", ".h5", ".hdf5"):
        stem = stem.removesuffix(each) if is_keras else stem
    # A .h5 of weights alone does not say how to build the model, nor does a .weights.h5.
    whole = is_keras and bool(found.kinds) and not path.endswith((".weights.h5", ".weights.json"))
    constants: dict[str, object] = {"FILE": path, "COPY": f"{stem}{ending}"}
    source = (_BUILT,) if whole else (_OWN, _LOAD_KERAS) if is_keras else (_OWN, _ASSIGN)
    if not is_keras:
        constants["NAMES"] = _labels(found)
    text = filled(f"{_TITLES[into]}.", constants, parts.COUNT, parts.MODEL, *source, _SAVE[into])
    effect = (str(constants["COPY"]), *(each.name for each in found.weights()))
    return Script(f"to_{into.strip('.').replace('.', '_')}.py", _TITLES[into], text, effect)


def _labels(found: Listing) -> dict[str, str]:
    """Layer and name of each weight, to its key: what ends the path of a weight in Keras, too.

    Raises:
        ValueError: two weights have the same.
    """
    labels = {"/".join(each.name.split("/")[-2:]): each.key for each in found.weights()}
    twice = Counter("/".join(each.name.split("/")[-2:]) for each in found.weights()).most_common(1)
    if twice and twice[0][1] > 1:
        raise ValueError(f"Two weights of {found.path} are called {twice[0][0]}.")
    return labels
