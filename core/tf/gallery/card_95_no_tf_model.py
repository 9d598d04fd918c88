"""Card 95: Transformers looks for files of its own."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, names

GROUP = "error"
TITLE = "Error no file named tf_model.h5 in the folder (Transformers)"
ERROR = None
MESSAGE = "tf_model.h5 is there: False"
WHY = (
    "`from_pretrained` reads what `save_pretrained` wrote: `config.json` and `tf_model.h5`. This folder has "
    "a TensorFlow checkpoint, or weights of PyTorch."
)
CHECK = "List the folder. `.ckpt.index` is a TensorFlow checkpoint; `pytorch_model.bin` or `.safetensors` is PyTorch."
FIX = (
    "For PyTorch weights, use `from_pretrained(path, from_pt=True)`. A checkpoint is restored by the code "
    "that wrote it; then call `save_pretrained`."
)
MORE = (
    "For the original BERT checkpoints there is `transformers-cli convert`. `load_weights` takes a "
    "checkpoint that your own training wrote, if the model is built from the same configuration."
)
RECORDED = (
    "Transformers is not here. Its message is recorded from public threads; the folder and the checkpoint "
    "are real."
)
SEARCH = ("from_pretrained with a tensorflow checkpoint, tf_model.h5 not found",)
CAUSES = (
    {
        "message": "Error no file named {name} found in directory {path}",
    },
)
RELATED = ("no_file_of_that_name", "keras_file_missing", "object_based")
SHOWS = {
    "fail": ("files", "tf_model.h5 is there"),
    "fix": ("variables in the checkpoint", "pooler, restored"),
}


def prepare(directory: Path) -> None:
    pooler = tf.Variable([1.01, -1.96])
    tf.train.Checkpoint(pooler=pooler).write(f"{directory}/bert_model.ckpt")
    (directory / "config.json").write_text("{}")


def fail(directory: Path) -> Seen:
    return {
        "files": names(sorted(directory.iterdir())),
        "tf_model.h5 is there": str((directory / "tf_model.h5").exists()),
    }


def fix(directory: Path) -> Seen:
    prefix = f"{directory}/bert_model.ckpt"
    found = [name for name, _ in tf.train.list_variables(prefix) if name.endswith("VARIABLE_VALUE")]
    pooler = tf.Variable([0.0, 0.0])
    tf.train.Checkpoint(pooler=pooler).read(prefix).assert_consumed()
    return {"variables in the checkpoint": ", ".join(found), "pooler, restored": str(pooler.numpy())}
