"""Card 58: no SavedModel at that path."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "SavedModel"
TITLE = "SavedModel file does not exist at that path"
ERROR = "OSError"
MESSAGE = "SavedModel file does not exist at: ./exports/{saved_model.pbtxt|saved_model.pb}"
WHY = (
    "`tf.saved_model.load` gets the path of the exports, of the file `saved_model.pb` itself, or of "
    "an `.h5` file. A SavedModel is a directory, and `saved_model.pb` must lie directly in it. "
    "`exports` holds numbered directories, each a SavedModel. A file is none, whatever its ending; "
    "older `load_model` took every unknown path for a SavedModel, so a wrong path to an `.h5` file "
    "also ends here."
)
CHECK = "`tf.saved_model.contains_saved_model(path)` answers without an exception."
FIX = "Give the directory in which `saved_model.pb` lies: find it with `rglob`, the newest number last."
SEARCH = ("saved_model.pb missing",)
CAUSES = (
    {
        "message": "SavedModel file does not exist at: {path}/{saved_model.pbtxt|saved_model.pb}",
    },
    {
        "message": "SavedModel file does not exist at: {path}",
    },
    {
        "message": "Could not find SavedModel .pb or .pbtxt at supplied export directory path",
    },
    {
        "message": "Could not find SavedModel .pb or .cpb at supplied export directory path",
    },
)
RELATED = ("frozen_as_saved_model", "keras_refuses", "directory_as_h5", "no_path_given")
SHOWS = {
    "fail": (),
    "fix": ("a SavedModel at exports", "found", "y at x = 3"),
}
YOURS = """print(sorted(Path({directory}).parent.rglob("saved_model.pb")))  # give the directory of one"""


def prepare(directory: Path) -> None:
    for number in (1, 2):
        export(f"{directory}/exports/{number}", [tf.compat.v1.saved_model.tag_constants.SERVING])


def fail(directory: Path) -> Seen:
    loaded = tf.saved_model.load(f"{directory}/exports")
    return {"signatures": str(list(loaded.signatures))}


def fix(directory: Path) -> Seen:
    found = sorted(file.parent for file in (directory / "exports").rglob("saved_model.pb"))
    loaded = tf.saved_model.load(str(found[-1]))
    y = loaded.signatures["serving_default"](x=tf.constant(3.0))["y"]
    return {
        "a SavedModel at exports": str(tf.saved_model.contains_saved_model(directory / "exports")),
        "found": ", ".join(str(path.relative_to(directory)) for path in found),
        "y at x = 3": str(y.numpy()),
    }
