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
    "An HDF5 file says at its beginning how long it is (`stored_eof`). This file ends earlier "
    "(`eof`), because a download, a copy or a save was interrupted."
)
CHECK = "The two numbers in the message differ."
FIX = (
    "Delete the part, also in `~/.keras/models`, and fetch the whole file again. Save under another "
    "name and rename at the end."
)
MORE = (
    "A `.keras` file that was cut off says `File not found: … accessible .keras zip file` (card 84). "
    "`get_file(…, file_hash=…)` checks a download."
)
SEARCH = ("download of the weights was interrupted, delete the keras cache",)
CAUSES = (
    {
        "message": "truncated file: eof = {number}",
        "ask": "Is the file shorter than where it came from?",
    },
    {
        "message": "File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file.",
        "when": {"text": r"(?i)\b(truncated|interrupted|incomplete)\b"},
        "ask": "Is the file there, but shorter than where it came from?",
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
