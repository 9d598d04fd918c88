"""Card 96: a place that this TensorFlow cannot read."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "File system scheme '[local]' not implemented: a TPU, or s3:// without its library"
ERROR = "UnimplementedError"
MESSAGE = "File system scheme 's3' not implemented"
WHY = (
    "TensorFlow reads each kind of place with its own code. A remote TPU cannot reach your disk, `[local]`; "
    "`s3` is a separate library."
)
CHECK = "The scheme is in quotes in the message. `[local]` comes only with a TPU that is another machine."
FIX = (
    "For a TPU, save into a bucket: `gs://…`. For `s3://`, import `tensorflow_io`. Or save on the local "
    "disk and copy the files."
)
MORE = (
    "Keras can keep local files with a TPU: `save_weights` to `.weights.h5` runs on your computer. For a "
    "SavedModel use `tf.saved_model.SaveOptions(experimental_io_device='/job:localhost')`, and LoadOptions "
    "to load it."
)
RECORDED = "There is no TPU here. `[local]` is recorded from public threads; `s3` runs here."
SEARCH = (
    "save or load a model on a Colab TPU, local file system",
    "save a checkpoint to s3 with tensorflow",
)
CAUSES = (
    {
        "message": "File system scheme '{scheme}' not implemented (file: '{path}')",
        "only": r"ckpt|checkpoint|model|variables|saved|\.h5|\.keras|save|restore|tempstate|_temp",
    },
)
RELATED = ("no_permission", "no_path_given", "file_name_not_utf8")
SHOWS = {
    "fail": (),
    "fix": ("files in the bucket", "value from the copy"),
}


def fail(directory: Path) -> Seen:
    tf.train.Checkpoint(value=tf.Variable(1.01)).write("s3://bucket/model/ckpt")
    return {"saved": "ckpt"}


def fix(directory: Path) -> Seen:
    bucket = directory / "bucket"  # in your program: the tool that copies into the bucket
    prefix = tf.train.Checkpoint(value=tf.Variable(1.01)).write(f"{directory}/local/ckpt")
    shutil.copytree(directory / "local", bucket)
    value = tf.Variable(0.0)
    tf.train.Checkpoint(value=value).read(prefix.replace("local", "bucket")).assert_consumed()
    return {
        "files in the bucket": ", ".join(sorted(path.name for path in bucket.iterdir())),
        "value from the copy": str(value.numpy()),
    }
