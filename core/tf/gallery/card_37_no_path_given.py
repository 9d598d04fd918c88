"""Card 37: an empty path, or one where nothing lies."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, names, save_trained

GROUP = "error"
TITLE = "Failed to find any matching files: the path is empty or wrong"
ERROR = "NotFoundError"
MESSAGE = "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for"
WHY = (
    "TensorFlow looks for the prefix with `.index` after it, and finds no such file. The message "
    "ends with what it was given: here nothing."
)
CHECK = (
    "Read what comes after `matching files for`. Then print `os.path.abspath` of it, and list that folder."
)
FIX = (
    "Check the path in Python before TensorFlow gets it. The prefix is the name of an `.index` file "
    "without its ending."
)
MORE = (
    "A relative path begins where the program was started. `~` is not replaced. On Windows, `\\t` in "
    "a path is a tab unless the string is raw."
)
SEARCH = (
    "Error when restoring from checkpoint or SavedModel at. Please double-check that the path is correct.",
    "checkpoint path does not exist",
)
CAUSES = (
    {
        "message": "Failed to find any matching files for {path}",
        "ask": "Is there a file of this name with .index at its end?",
    },
    {
        "message": "Failed to get matching files on {path}",
        "ask": "Does the directory of the path exist?",
    },
    {
        "message": "The passed save_path is not a valid checkpoint: {path}",
        "when": {"path": r"^\W*$|^None$"},
        "ask": "Is the path empty?",
    },
)
RELATED = ("brackets_in_path", "step_left_out", "no_file_of_that_name", "data_missing", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("prefixes in the folder", "exists, without a path", "exists, with it", "read h"),
}
YOURS = """print(os.path.exists({prefix} + ".index"), os.path.abspath({prefix}))"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    checkpoint_path = ""  # the option was not given
    reader = tf.train.load_checkpoint(checkpoint_path)
    return {"read h": str(reader.get_tensor("hor_estimate"))}


def fix(directory: Path) -> Seen:
    found = checkpoints(directory)
    prefix = str(found[-1])
    return {
        "prefixes in the folder": names(found),
        "exists, without a path": str(Path(".index").exists()),
        "exists, with it": str(Path(f"{prefix}.index").exists()),
        "read h": str(tf.train.load_checkpoint(prefix).get_tensor("hor_estimate")),
    }
