"""Card 14: the builder wants an empty directory."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export, names

GROUP = "SavedModel"
TITLE = "The export folder already exists"
ERROR = "AssertionError"
MESSAGE = "already exists, and isn't empty. Please choose a different export directory"
WHY = (
    "`SavedModelBuilder` never overwrites. It refuses a folder that is not empty, and the first "
    "export stays as it is."
)
CHECK = "List the folder that the message names. It has a `saved_model.pb` from an earlier export."
FIX = (
    "Give each export its own folder, for example a number that grows. To replace one, export beside "
    "it and rename at the end."
)
CAUSES = (
    {
        "message": "Export directory {path} already exists, and isn't empty. Please choose a different export directory",
        "ask": "Does the export directory have files of an earlier export?",
    },
    {
        "message": "Export directory already exists, and isn't empty. Please choose a different export directory",
        "ask": "Does the export directory have files of an earlier export?",
    },
    {
        "message": "Export directory already exists. Please specify a different export directory",
        "ask": "Does the export directory have files of an earlier export?",
    },
)
RELATED = ("saved_model_missing", "compare")
SHOWS = {
    "fail": (),
    "fix": ("exports", "files in the new one"),
}
YOURS = """print(os.listdir({directory}))  # then choose a name that is not taken"""


def prepare(directory: Path) -> None:
    export(f"{directory}/SavedModel/1", [tf.compat.v1.saved_model.tag_constants.TRAINING])


def fail(directory: Path) -> Seen:
    export(f"{directory}/SavedModel/1", [tf.compat.v1.saved_model.tag_constants.TRAINING])
    return {"exports": names(sorted((directory / "SavedModel").iterdir()))}


def fix(directory: Path) -> Seen:
    exports = directory / "SavedModel"
    number = max(int(path.name) for path in exports.iterdir()) + 1
    export(f"{exports}/{number}", [tf.compat.v1.saved_model.tag_constants.TRAINING])
    return {
        "exports": names(sorted(exports.iterdir())),
        "files in the new one": names(sorted((exports / str(number)).iterdir())),
    }
