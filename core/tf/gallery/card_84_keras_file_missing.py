"""Card 84: no Keras file at that path."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "The .keras or .h5 file is not there: File not found, unable to open file"
ERROR = "ValueError"
MESSAGE = "Please ensure the file is an accessible `.keras` zip file"
WHY = (
    "A relative path starts at the folder where the program was started, not at the script's. At that "
    "place, there is no such file."
)
CHECK = "`Path(path).resolve()` is the place where Keras looked. `Path(path).exists()` returns `False`."
FIX = "Build the path from the script: `Path(__file__).parent / 'model.keras'`. Train or download it first."
MORE = (
    "If the file exists, it is no zip file: a Git LFS pointer (card 41) or cut off (card 42). An `.h5` or "
    "`.weights.h5` that is missing says `unable to open file … No such file or directory`. `No such file "
    "or directory: 'model.weights.h5'` while a `.keras` file is loaded was a bug of Keras 3.4.0."
)
SEARCH = ("load_model cannot find my keras file although it is in the folder",)
CAUSES = (
    {
        "message": "File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file.",
        "ask": "Is there no file at that path?",
    },
    {
        "message": "unable to open file: name = '{path}', errno = {number}, error message = '{error}'",
        "when": {"error": "(?i)no such file"},
        "ask": "Is there no file at that path?",
    },
    {
        "message": "No such file or directory",
        "only": r"model\.weights\.h5|load_model\(|load_weights\(",
    },
)
RELATED = ("lfs_pointer", "h5_truncated", "no_path_given", "saved_model_missing")
SHOWS = {
    "fail": (),
    "fix": ("there from here", "there from the script's folder", "weights"),
}
YOURS = (
    """print(Path({file}).resolve(), Path({file}).exists())  # where Keras looked, and whether it is there"""
)


def prepare(directory: Path) -> None:
    (directory / "project").mkdir()
    line().save(f"{directory}/project/model.keras")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    script = directory / "project" / "train.py"  # in your program: Path(__file__)
    path = script.parent / "model.keras"
    return {
        "there from here": str((directory / "model.keras").exists()),
        "there from the script's folder": str(path.exists()),
        "weights": weights(tf.keras.models.load_model(path)),
    }
