"""Card 62: a place where one may not write."""

import os
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names

GROUP = "error"
TITLE = "Permission denied, or a read-only place"
ERROR = "PermissionDeniedError"
MESSAGE = "/sys/run; Operation not permitted"
WHY = "The path is where the user of this process may not write. Here it is `/sys/run`, where nobody may."
CHECK = (
    "The reason is after the file name: `Permission denied`, `Operation not permitted`, `Read-only "
    "file system`."
)
FIX = "Choose a folder of your own, and write a small file into it before training."
MORE = "In a container often only `/tmp` is writable. On Kaggle `/kaggle/input` is read-only."
SEARCH = ("cannot write the checkpoint directory",)
CAUSES = (
    {
        "message": "; Permission denied",
        "only": r"SaveV2|tempstate|\.save\(|save_weights|saver\.save|o_flags = [^0]|makedirs.*(ckpt|checkpoint)|create file|ModelCheckpoint|write_graph|_temp_|PermissionDeniedError",
    },
    {
        "message": "[Errno 13] Permission denied",
        "only": r"SaveV2|tempstate|\.save\(|save_weights|saver\.save|o_flags = [^0]|makedirs.*(ckpt|checkpoint)|create file|ModelCheckpoint|write_graph|_temp_|PermissionDeniedError",
    },
    {
        "message": "error message = 'Permission denied'",
        "when": {"text": "create file|o_flags = [1-9]"},
        "ask": "Is the file being written, and may this user write there?",
    },
    {
        "message": "Read-only file system",
        "only": r"SaveV2|MergeV2|saver|\.save\(|save_weights|save_model|checkpoint|ckpt|\.h5|hdf5|\.keras\b|tempstate|saved_model",
    },
    {
        "message": "; Operation not permitted",
        "only": r"SaveV2|tempstate|\.save\(|save_weights|saver\.save|o_flags = [^0]|makedirs.*(ckpt|checkpoint)|create file|ModelCheckpoint|write_graph|_temp_|PermissionDeniedError",
    },
)
RELATED = ("disk_full", "parent_missing", "rename_refused", "directory_as_h5")
SHOWS = {
    "fail": (),
    "fix": ("writable", "files"),
}


def save(prefix: str) -> str:
    """Save two variables under the prefix."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        return str(tf.compat.v1.train.Saver().save(sess, prefix))


def fail(directory: Path) -> Seen:
    return {"saved": Path(save("/sys/run/model_final")).name}


def fix(directory: Path) -> Seen:
    run = directory / "run"
    run.mkdir()
    (run / "trial").write_text("may I?")
    (run / "trial").unlink()
    save(f"{run}/model_final")
    return {"writable": str(os.access(run, os.W_OK)), "files": names(sorted(run.iterdir()))}
