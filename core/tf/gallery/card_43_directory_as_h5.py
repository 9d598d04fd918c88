"""Card 43: a directory where a file is expected."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names, weights

GROUP = "error"
TITLE = "A directory was opened as an HDF5 file"
ERROR = "IsADirectoryError"
MESSAGE = "error message = 'Is a directory'"
WHY = (
    "The model was saved under a name, and the same name is read as an `.h5` file. Under that name "
    "lies a directory: a SavedModel, which older Keras wrote when the name had no ending. HDF5 opens "
    "files only. On Linux the system says errno 21, `Is a directory`; on Windows the same mistake is "
    "errno 13, `Permission denied`, which sends people looking for rights. What Keras 2 wrote "
    "depended on the ending: `.h5` or `.hdf5` a file, anything else a directory."
)
CHECK = "`Path(name).is_dir()` tells. Always write the ending yourself: Keras 3 demands it."
FIX = (
    "Look at what lies there. A directory with `saved_model.pb` is read by `tf.saved_model.load`. "
    "For a file, save under a name that ends in `.keras`, or in `.h5`."
)
SEARCH = ("load_weights PermissionError the filepath is a directory",)
CAUSES = (
    {
        "message": "error message = 'Is a directory'",
        "only": "h5|hdf5|errno",
    },
    {
        "message": "[Errno 21] Is a directory: '{path}'",
        "only": r"load_model|load_weights|h5py|\.h5|\.keras|hdf5|saving_api|save\(",
    },
    {
        "message": "PermissionError: [Errno 13] Permission denied: '{path}'",
        "when": {"path": r"^(?!.*\.\w+$)"},
        "only": "load_model|load_weights",
        "ask": "Is the path a directory?",
    },
    {
        "message": "error message = 'Permission denied'",
        "when": {"text": r"open file[\s\S]*o_flags = 0\b"},
        "ask": "Is the path a directory, such as a SavedModel?",
    },
)
RELATED = ("lfs_pointer", "h5_truncated", "no_permission", "saved_model_missing")
SHOWS = {
    "fail": (),
    "fix": ("in the directory model.h5", "prediction of the SavedModel", "weights from the file model.keras"),
}
YOURS = """print(os.path.isdir({file}), os.listdir({file}))"""


def prepare(directory: Path) -> None:
    line().export(f"{directory}/model.h5", verbose=False)


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    loaded = tf.saved_model.load(f"{directory}/model.h5")
    line().save(f"{directory}/model.keras")
    return {
        "in the directory model.h5": names(sorted((directory / "model.h5").iterdir())),
        "prediction of the SavedModel": str(loaded.serve(tf.constant([[0.0]])).numpy()[0, 0]),
        "weights from the file model.keras": weights(tf.keras.models.load_model(f"{directory}/model.keras")),
    }
