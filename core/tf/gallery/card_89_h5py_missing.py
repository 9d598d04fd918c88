"""Card 89: h5py is not installed."""

import types
from importlib.util import find_spec
from pathlib import Path

import tensorflow as tf
from keras.src.legacy.saving import legacy_h5_format

from core.tf.gallery._scene import Seen, line, weights

GROUP = "versions"
TITLE = "h5py is not installed: save_model using h5 format requires h5py"
ERROR = "ImportError"
MESSAGE = "`save_model()` using h5 format requires h5py. Could not import h5py."
WHY = (
    "Keras reads and writes `.h5` files with the package `h5py`. Python could not import it, so Keras goes "
    "without, and says so when it is needed."
)
CHECK = (
    "`python -c 'import h5py'` fails. Its message says more than Keras': not installed, or a broken library."
)
FIX = (
    "Install it into the environment of your program: `python -m pip install --force-reinstall h5py`. Start "
    "Python again."
)
MORE = (
    "The kernel of a notebook may be another Python than the shell's: `sys.executable` shows it. "
    "`tf.train.Checkpoint` and `model.export` work without h5py; `.keras` files do not. Here Keras' own "
    "function runs with `h5py = None`, as after a failed import."
)
SEARCH = ("keras cannot import h5py although pip says it is installed",)
CAUSES = (
    {
        "message": "`load_weights` requires h5py",
    },
    {
        "message": "`save_weights` requires h5py",
    },
    {
        "message": "`save_model` requires h5py",
    },
    {
        "message": "`load_model` requires h5py",
    },
    {
        "message": "using h5 format requires h5py. Could not import h5py.",
    },
    {
        "message": "Loading HDF5 files requires the h5py package. You can install it via `pip install h5py`",
    },
    {
        "message": "Loading a H5 file requires `h5py` to be installed.",
    },
    {
        "message": "h5py must be installed in order to save a model.",
    },
    {
        "message": "Filepath looks like a hdf5 file but h5py is not available. filepath={path}",
    },
    {
        "message": "No module named 'h5py'",
    },
)
RELATED = ("h5py_strings", "keras_ending", "directory_as_h5")
SHOWS = {
    "fail": (),
    "fix": ("h5py is here", "weights from model.h5", "weights from a checkpoint, without h5py"),
}


def fail(directory: Path) -> Seen:
    save = legacy_h5_format.save_model_to_hdf5
    without = types.FunctionType(save.__code__, {**save.__globals__, "h5py": None})
    without(line(), f"{directory}/model.h5", True, True)
    return {"saved": "model.h5"}


def fix(directory: Path) -> Seen:
    line().save(f"{directory}/model.h5")
    tf.train.Checkpoint(line()).write(f"{directory}/ckpt")
    other = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    tf.train.Checkpoint(other).read(f"{directory}/ckpt").expect_partial()
    return {
        "h5py is here": str(find_spec("h5py") is not None),
        "weights from model.h5": weights(tf.keras.models.load_model(f"{directory}/model.h5")),
        "weights from a checkpoint, without h5py": weights(other),
    }
