"""Card 41: a Git-LFS pointer, or a page, in place of the file."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "The file is not HDF5: it is a Git-LFS pointer or a web page"
ERROR = "OSError"
MESSAGE = "(file signature not found)"
WHY = (
    "An HDF5 file begins with eight fixed bytes, and this one does not. A clone without Git-LFS, or "
    "a download that needs a login, gives a small text file of the same name."
)
CHECK = "Print the size and the first 64 bytes. A few hundred bytes of text are not a model."
FIX = (
    "For a pointer, run `git lfs install` and `git lfs pull`. For a page, download the raw file. "
    "Delete a damaged file from the cache first."
)
MORE = (
    "The same in a `.keras` file says `File not found: … accessible .keras zip file` (card 84). "
    "`load_weights` of it says `File is not a zip file`."
)
SEARCH = ("git clone did not bring the weights, git lfs pull",)
CAUSES = (
    {
        "message": "File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file.",
        "when": {"text": r"(?i)\blfs\b"},
        "ask": "Is the file there, smaller than 1 kB, and text that begins with `version https://git-lfs`?",
    },
    {
        "message": "Cannot parse file {path}: Error parsing message",
        "ask": "Is saved_model.pb smaller than it was, or text, such as `version https://git-lfs`?",
    },
    {
        "message": "file signature not found",
        "only": r"h5|hdf5|open file|file signature not found\)",
        "ask": "Does the file begin with text, such as `version https://git-lfs` or `<!DOCTYPE html>`?",
    },
)
RELATED = ("h5_truncated", "directory_as_h5", "index_pointer", "inspect")
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
