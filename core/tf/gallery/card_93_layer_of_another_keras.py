"""Card 93: a layer that this Keras does not have."""

from pathlib import Path

import tensorflow as tf
from tensorflow.python.keras import layers as layers_2
from tensorflow.python.keras import models as keras_2

from core.tf.gallery._scene import Seen

GROUP = "versions"
TITLE = "Unknown layer: Functional, or another layer of Keras' own, in an older version"
ERROR = "ValueError"
MESSAGE = (
    "Unknown layer: RMSNormalization. Please ensure this object is passed to the `custom_objects` argument"
)
WHY = (
    "The name in the message is a class of Keras, but of a newer version than the one that reads. Keras "
    "2.4 renamed `Model` to `Functional`; older versions do not know it."
)
CHECK = "You have no class of that name. The file's `keras_version` is higher than `keras.__version__`."
FIX = (
    "Read the file with the version that wrote it, or a newer one. If that is not possible, build the "
    "model from code and use `load_weights`."
)
MORE = (
    "`h5py.File(path).attrs['keras_version']` shows the version. `keras` and `tf.keras` are different "
    "libraries before TensorFlow 2.16: use the one that saved. `custom_objects` does not help here, since "
    "there is no class to pass."
)
RECORDED = "The reader here is the copy of Keras 2 that TensorFlow still has inside, and the layer is one of Keras 3."
SEARCH = ("Unknown layer Functional when loading with an older keras or tensorflow version",)
CAUSES = (
    {
        "message": "Unknown layer: {name}",
        "when": {
            "name": r"^\W*(Functional|Sequential|Model|Conv2D|Dense|BatchNormalizationV[12]|RMSNormalization|EinsumDense|Rescaling|GroupNormalization|UnitNormalization)\b"
        },
        "ask": "Is it a layer of Keras' own?",
    },
    {
        "message": "Unrecognized keyword arguments passed to {layer}: {arguments}",
        "when": {"arguments": "quantization_config|lora_alpha"},
        "ask": "Is the file's keras_version higher than keras.__version__?",
    },
)
RELATED = ("unknown_layer", "keras_three_file", "keras_two_file", "newer_graph")
SHOWS = {
    "fail": (),
    "fix": ("layer, read by Keras 3", "layers that Keras 2 does not have"),
}
YOURS = """# {class_name}: which Keras reads, and which one wrote?
print(keras.__version__, h5py.File(path).attrs["keras_version"])"""


def prepare(directory: Path) -> None:
    built = tf.keras.Sequential([tf.keras.layers.RMSNormalization()])
    (directory / "model.json").write_text(built.to_json())


def fail(directory: Path) -> Seen:
    built = keras_2.model_from_json((directory / "model.json").read_text())
    return {"layers": str(len(built.layers))}


def fix(directory: Path) -> Seen:
    built = tf.keras.models.model_from_json((directory / "model.json").read_text())
    used = {type(layer).__name__ for layer in built.layers}
    return {
        "layer, read by Keras 3": ", ".join(used),
        "layers that Keras 2 does not have": ", ".join(name for name in used if not hasattr(layers_2, name)),
    }
