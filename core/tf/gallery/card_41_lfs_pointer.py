"""Card 41: a Git-LFS pointer, or a page, in place of the file."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "The file is not HDF5: a Git-LFS pointer or a web page came instead"
ERROR = "OSError"
MESSAGE = "(file signature not found)"
WHY = (
    "The repository was cloned, or a file was downloaded from its page. `model.h5` is there, and "
    "`load_model` is expected to read it. An HDF5 file begins with eight fixed bytes, and this one "
    "does not. Large files are kept by Git-LFS: without it a clone gets a pointer of three lines of "
    "text. A download that needs a login, or the page around a file, gives HTML. Both keep the "
    "file's name."
)
CHECK = "A model of a few hundred bytes is none: print the size and the first bytes before you load it."
FIX = (
    "Look at the first bytes and the size. For a pointer: `git lfs install`, then `git lfs pull`. "
    "For a page: download the raw file. A file that was found damaged in a cache must be deleted "
    "there first."
)
SEARCH = ("git clone did not bring the weights, git lfs pull",)
CAUSES = (
    {
        "message": "file signature not found",
        "only": r"h5|hdf5|open file|file signature not found\)",
        "ask": "Does the file begin with text, such as `version https://git-lfs` or `<!DOCTYPE html>`?",
    },
)
RELATED = ("h5_truncated", "directory_as_h5", "index_pointer", "open")
SHOWS = {
    "fail": (),
    "fix": ("it began with", "it begins with", "weights"),
}
YOURS = """print(os.path.getsize({file}), open({file}, "rb").read(64))"""

POINTER = """version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 13432
"""


def prepare(directory: Path) -> None:
    line().save(f"{directory}/lfs_storage.h5")
    (directory / "model.h5").write_text(POINTER)


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {"weights": weights(loaded)}


def fix(directory: Path) -> Seen:
    file = directory / "model.h5"
    begins = file.read_bytes()[:20]
    if begins.startswith(b"version https://git-"):
        file.write_bytes((directory / "lfs_storage.h5").read_bytes())  # what git lfs pull does
    return {
        "it began with": str(begins),
        "it begins with": str(file.read_bytes()[:8]),
        "weights": weights(tf.keras.models.load_model(file)),
    }
