"""Card 85: two weights of one name in an HDF5 file."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "HDF5: unable to create dataset, name already exists"
ERROR = "ValueError"
MESSAGE = "Unable to synchronously create dataset (name already exists)"
WHY = (
    "An `.h5` file has one entry for each name. Two weights of this layer have the same name, `w`, so the "
    "second cannot be written."
)
CHECK = "Print `[w.path for w in model.weights]`. One path is there twice."
FIX = "Give each weight its own name in `add_weight`, and each layer its own `name`. Or save as `.keras`."
MORE = (
    "The file has been started and is incomplete: delete it. A `.keras` file numbers the weights, so equal "
    "names do no harm. Keras 2 said `Unable to create link (name already exists)`."
)
SEARCH = ("two layers or weights with the same name, model.save h5 fails",)
CAUSES = (
    {
        "message": "name already exists",
        "only": r"create (dataset|link|group)|h5py|\.h5\b|hdf5|keras",
    },
)
RELATED = ("keras_ending", "automatic_names")
SHOWS = {
    "fail": (),
    "fix": ("names in model.h5", "weights in model.keras, equal names"),
}


class Twice(tf.keras.layers.Layer):  # type: ignore[misc]
    names = ("w", "w")

    def build(self, shape: tuple[int, ...]) -> None:
        self.both = [self.add_weight(name=name, shape=(1,)) for name in self.names]

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * self.both[0] + self.both[1]


class Named(Twice):
    names = ("slope", "offset")


def fail(directory: Path) -> Seen:
    tf.keras.Sequential([tf.keras.Input((1,)), Twice()]).save(f"{directory}/model.h5")
    return {"saved": "model.h5"}


def fix(directory: Path) -> Seen:
    tf.keras.Sequential([tf.keras.Input((1,)), Named()]).save(f"{directory}/model.h5")
    tf.keras.Sequential([tf.keras.Input((1,)), Twice()]).save(f"{directory}/model.keras")
    own = {"Named": Named, "Twice": Twice}
    named = tf.keras.models.load_model(f"{directory}/model.h5", custom_objects=own)
    twice = tf.keras.models.load_model(f"{directory}/model.keras", custom_objects=own)
    return {
        "names in model.h5": ", ".join(weight.name for weight in named.weights),
        "weights in model.keras, equal names": str(len(twice.weights)),
    }
