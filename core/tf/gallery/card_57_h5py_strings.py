"""Card 57: h5py gives text where old Keras expects bytes."""

from pathlib import Path

import h5py

from core.tf.gallery._scene import Seen, line, weights

GROUP = "versions"
TITLE = "'str' object has no attribute 'decode': old Keras with h5py 3"
ERROR = "AttributeError"
MESSAGE = "'str' object has no attribute 'decode'"
WHY = (
    "h5py 3 returns text attributes as `str`; before it was `bytes`. Keras up to 2.3 and TensorFlow "
    "up to 2.4 call `.decode('utf8')` on them."
)
CHECK = (
    "`h5py.__version__` is 3 or later, and Keras or TensorFlow is old. (Here the one line of that "
    "Keras runs.)"
)
FIX = (
    "In the old environment: `pip install 'h5py<3'`, and restart. Better: a newer Keras, which reads "
    "the same file."
)
SEARCH = ("h5py<3.0.0 load_model load_weights",)
CAUSES = (
    {
        "message": "'str' object has no attribute 'decode'",
        "only": r"keras|h5py|hdf5|\.h5|f\.attrs|load_model|load_weights|model_config",
    },
    {
        "message": "f.attrs['{name}'].decode(",
    },
)
RELATED = ("keras_two_file", "lambda_bytecode", "lfs_pointer")
SHOWS = {
    "fail": (),
    "fix": ("type of the attribute", "weights"),
}


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.h5")


def fail(directory: Path) -> Seen:
    with h5py.File(directory / "model.h5") as f:
        original_keras_version = f.attrs["keras_version"].decode("utf8")  # as Keras 2.3 has it
    return {"written by Keras": original_keras_version}


def fix(directory: Path) -> Seen:
    with h5py.File(directory / "model.h5") as f:
        version = f.attrs["keras_version"]
    fresh = line()
    fresh.load_weights(directory / "model.h5")
    return {"type of the attribute": type(version).__name__, "weights": weights(fresh)}
