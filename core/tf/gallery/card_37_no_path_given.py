"""Card 37: an empty path, or one where nothing lies."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, names, save_trained

GROUP = "error"
TITLE = "Failed to find any matching files: the path is empty or wrong"
ERROR = "NotFoundError"
MESSAGE = "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for"
WHY = (
    "The program takes the path of the checkpoint from the command line, or joins it from parts. It "
    "was started without it, or with a directory that is not there. TensorFlow looks for "
    "`<prefix>.index` and finds none. The message ends with what it was given: here nothing at all. "
    "A relative path counts from the directory in which the program runs, `~` is not replaced, and "
    "on Windows `\\t` or `\\n` in a path is one character unless the string is raw."
)
CHECK = "`Path(f'{prefix}.index').exists()` answers without an exception."
FIX = (
    "Look at what stands behind `matching files for`. Check the path in Python before TensorFlow "
    "sees it, and list what the directory has: the prefix is the name of an `.index` file without "
    "its ending."
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
RELATED = ("brackets_in_path", "step_left_out", "no_file_of_that_name", "data_missing", "open")
SHOWS = {
    "fail": (),
    "fix": ("prefixes in the directory", "exists, without a path", "exists, with it", "read h"),
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
        "prefixes in the directory": names(found),
        "exists, without a path": str(Path(".index").exists()),
        "exists, with it": str(Path(f"{prefix}.index").exists()),
        "read h": str(tf.train.load_checkpoint(prefix).get_tensor("hor_estimate")),
    }
