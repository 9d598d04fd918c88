"""Card 92: TensorFlow Serving finds no version."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names

GROUP = "SavedModel"
TITLE = "TensorFlow Serving: No versions of servable found under base path"
ERROR = None
MESSAGE = "versions under exports/line: none"
WHY = (
    "Serving looks for folders whose name is a number, and takes the highest as the newest version. Under "
    "this base path the SavedModel is there directly, without a number."
)
CHECK = "List the base path. It needs `1/saved_model.pb`, not `saved_model.pb`."
FIX = (
    "Export into a numbered folder: `model.export('exports/line/1')`. Give Serving the folder above it: "
    "`--model_base_path=/models/line`."
)
MORE = (
    "In Docker the base path is a path inside the container: `-v $PWD/exports/line:/models/line`. A path "
    "that ends in `/1` or `/variables` is one folder too deep. An export that is still being copied has a "
    "name without a number until it is renamed."
)
RECORDED = (
    "TensorFlow Serving is not here. Its message is recorded from public threads; what it looks for is "
    "looked at here."
)
SEARCH = ("tensorflow serving docker cannot find the model, model_base_path",)
CAUSES = (
    {
        "message": "No versions of servable {name} found under base path {path}",
    },
)
RELATED = ("saved_model_missing", "export_directory_exists", "no_signatures")
SHOWS = {
    "fail": ("files under exports/line", "versions under exports/line"),
    "fix": ("versions under exports/line", "y at x = 3, from the newest"),
}


def versions(base: Path) -> list[Path]:
    """What Serving takes for a version of the model."""
    found = [path for path in base.iterdir() if path.is_dir() and path.name.isdigit()]
    return sorted((path for path in found if (path / "saved_model.pb").exists()), key=lambda p: int(p.name))


def prepare(directory: Path) -> None:
    line().export(f"{directory}/exports/line", verbose=False)


def fail(directory: Path) -> Seen:
    base = directory / "exports" / "line"
    return {
        "files under exports/line": names(sorted(base.iterdir())),
        "versions under exports/line": names(versions(base)),
    }


def fix(directory: Path) -> Seen:
    base = directory / "exports" / "line"
    base.rename(directory / "2")
    base.mkdir()
    shutil.move(directory / "2", base / "2")
    loaded = tf.saved_model.load(str(versions(base)[-1]))
    y = loaded.serve(tf.constant([[3.0]]))
    return {
        "versions under exports/line": names(versions(base)),
        "y at x = 3, from the newest": str(y.numpy()[0, 0]),
    }
