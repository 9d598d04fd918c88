"""Card 58: no SavedModel at that path."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "SavedModel"
TITLE = "SavedModel file does not exist at that path"
ERROR = "OSError"
MESSAGE = "SavedModel file does not exist at: ./exports/{saved_model.pbtxt|saved_model.pb}"
WHY = (
    "A SavedModel is a folder with `saved_model.pb` directly in it. `exports` has numbered folders, "
    "and each of these is a SavedModel."
)
CHECK = "List the folder in the message. `tf.saved_model.contains_saved_model(path)` returns `False`."
FIX = "Give the folder that has `saved_model.pb`. `rglob` finds it; the highest number is the newest."
MORE = (
    "A file is no SavedModel, whatever its ending. Older `load_model` took every unknown path for "
    "one, so a wrong path to an `.h5` file also ends here."
)
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
