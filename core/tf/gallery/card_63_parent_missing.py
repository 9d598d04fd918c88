"""Card 63: the directory is not there."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names, weights

GROUP = "error"
TITLE = "The parent folder does not exist, can't save"
ERROR = "FileNotFoundError"
MESSAGE = "No such file or directory: './runs/today/model.keras'"
WHY = "Saving `.keras` and `.weights.h5` files does not make missing folders. `runs/today` does not exist."
CHECK = "`Path(path).parent.exists()` returns `False`. A relative path begins where the program was started."
FIX = "Make the folder before saving: `Path(path).parent.mkdir(parents=True, exist_ok=True)`."
MORE = (
    "`model.save('….h5')`, `ModelCheckpoint`, `export` and `tf.train.Checkpoint` make all missing "
    "folders. `Saver` makes only the last one. Without it, `Saver` says `Parent directory of … "
    "doesn't exist, can't save.`. If the name has no folder, it says so for other errors too: read "
    "the exception before it."
)
CAUSES = (
    {
        "message": "Parent directory of {path} doesn't exist, can't save",
    },
    {
        "message": "[Errno 2] No such file or directory: '{path}'",
        "when": {
            "path": r"\.(keras|h5|hdf5)\W*$",
            "text": r"(save_weights|save_model|\.save)\(|in save|ModelCheckpoint|on_epoch_end",
        },
        "only": r"\.(keras|h5|hdf5)\b|save_weights|save_model",
        "ask": "Was the model being saved, not loaded?",
    },
    {
        "message": "Unable to create file (unable to open file: name = '{path}', errno = 2",
    },
    {
        "message": "Unable to synchronously create file (unable to open file: name = '{path}', errno = 2",
    },
)
RELATED = ("no_permission", "no_path_given", "disk_full")
SHOWS = {
    "fail": (),
    "fix": ("files", "weights"),
}
YOURS = """Path({directory}).parent.mkdir(parents=True, exist_ok=True)"""


def fail(directory: Path) -> Seen:
    line().save(f"{directory}/runs/today/model.keras")
    return {"files": names(sorted(directory.rglob("*")))}


def fix(directory: Path) -> Seen:
    path = directory / "runs" / "today" / "model.keras"
    path.parent.mkdir(parents=True, exist_ok=True)
    line().save(path)
    return {
        "files": names(sorted(path.parent.iterdir())),
        "weights": weights(tf.keras.models.load_model(path)),
    }
