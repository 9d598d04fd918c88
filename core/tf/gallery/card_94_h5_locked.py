"""Card 94: an HDF5 file that another program has open."""

import fcntl
import shutil
from pathlib import Path

import h5py
import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "HDF5: unable to lock file, resource temporarily unavailable"
ERROR = "BlockingIOError"
MESSAGE = "(unable to lock file, errno = 11, error message = 'Resource temporarily unavailable')"
WHY = (
    "HDF5 locks a file while it is open. Another program, or another process of your training, has this "
    "one open."
)
CHECK = "`fuser model.h5` or `lsof model.h5` shows who has it open."
FIX = (
    "Close the other program, and use `with h5py.File(…)`. With several processes, let only the first one "
    "save, or give each its own file name."
)
MORE = (
    "Some network file systems have no locks: `errno = 38, Function not implemented`, or `errno = 95`. If "
    "nobody else writes, set `HDF5_USE_FILE_LOCKING=FALSE` before Python starts. `.keras` files are not "
    "locked. `unable to truncate a file which is already open` means your own program."
)
SEARCH = ("several processes save the same h5 file",)
CAUSES = (
    {
        "message": "unable to lock file, errno = {number}, error message = '{error}'",
    },
    {
        "message": "file locking disabled on this file system (use HDF5_USE_FILE_LOCKING environment variable to override)",
    },
    {
        "message": "unable to truncate a file which is already open",
    },
    {
        "message": "file is already open for read-only",
    },
    {
        "message": "file is already open for write",
    },
)
RELATED = ("no_permission", "name_already_exists", "rename_refused")
SHOWS = {
    "fail": (),
    "fix": (
        "in the file, opened without a lock",
        "weights of a copy, while it is locked",
        "weights, after the other has closed it",
    ),
}


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.h5")


def fail(directory: Path) -> Seen:
    with open(directory / "model.h5", "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)  # as another process that writes it
        loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    path = directory / "model.h5"
    with open(path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        shutil.copy(path, directory / "copy.h5")
        with h5py.File(path, locking=False) as file:
            found = list(file)
    return {
        "in the file, opened without a lock": ", ".join(found),
        "weights of a copy, while it is locked": weights(tf.keras.models.load_model(directory / "copy.h5")),
        "weights, after the other has closed it": weights(tf.keras.models.load_model(path)),
    }
