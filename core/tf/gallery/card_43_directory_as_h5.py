"""Card 43: a directory where a file is expected."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names, weights

GROUP = "error"
TITLE = "A folder was opened as an HDF5 file"
ERROR = "IsADirectoryError"
MESSAGE = "error message = 'Is a directory'"
WHY = (
    "HDF5 opens only files. Under this name is a folder: a SavedModel, which Keras 2 wrote if the "
    "name had no ending."
)
CHECK = "`Path(name).is_dir()` returns `True`."
FIX = (
    "Load a folder with `saved_model.pb` by `tf.saved_model.load`. For a file, save under a name "
    "that ends in `.keras`."
)
MORE = "On Linux the reason is errno 21, `Is a directory`. On Windows it is errno 13, `Permission denied`."
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
    "fix": ("in the folder model.h5", "prediction of the SavedModel", "weights from the file model.keras"),
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
        "in the folder model.h5": names(sorted((directory / "model.h5").iterdir())),
        "prediction of the SavedModel": str(loaded.serve(tf.constant([[0.0]])).numpy()[0, 0]),
        "weights from the file model.keras": weights(tf.keras.models.load_model(f"{directory}/model.keras")),
    }
