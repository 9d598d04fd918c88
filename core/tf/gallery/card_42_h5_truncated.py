"""Card 42: an HDF5 file that was cut off."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "The .h5 file was cut off: truncated file"
ERROR = "OSError"
MESSAGE = "(truncated file: eof ="
WHY = (
    "A download or a copy of `model.h5` was interrupted, or the program stopped while saving. The "
    "file is there and has nearly the right size. An HDF5 file says in its head how long it is. "
    "`eof` is where the file ends and `stored_eof` where it should end: the rest is missing. Keras "
    "keeps downloaded weights in `~/.keras/models` and takes them from there again, so trying once "
    "more does not help."
)
CHECK = "Compare the size, or better the SHA-256, with that of the source: `get_file(…, file_hash=…)` does."
FIX = (
    "Delete the part, in the cache too, and fetch the whole file again. Save under another name "
    "first and rename when it is complete: then a file of the right name is always whole."
)
SEARCH = ("download of the weights was interrupted, delete the keras cache",)
CAUSES = (
    {
        "message": "truncated file: eof = {number}",
        "ask": "Is the file shorter than where it came from?",
    },
)
RELATED = ("lfs_pointer", "directory_as_h5", "torn_data")
SHOWS = {
    "fail": (),
    "fix": ("whole before", "whole now", "weights"),
}
YOURS = """os.remove({file})  # and fetch it again"""


def prepare(directory: Path) -> None:
    line().save(f"{directory}/source.h5")
    content = (directory / "source.h5").read_bytes()
    (directory / "model.h5").write_bytes(content[: len(content) // 2])


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    source, target = directory / "source.h5", directory / "model.h5"
    found = target.stat().st_size
    shutil.copy(source, directory / "model.h5.part")
    (directory / "model.h5.part").rename(target)
    return {
        "whole before": str(found == source.stat().st_size),
        "whole now": str(target.stat().st_size == source.stat().st_size),
        "weights": weights(tf.keras.models.load_model(target)),
    }
