"""Card 97: a path that is not UTF-8."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "UnicodeDecodeError: the path has letters that are not ASCII, often on Windows"
ERROR = "UnicodeDecodeError"
MESSAGE = "'utf-8' codec can't decode byte 0xe9 in position"
WHY = (
    "TensorFlow's answer had the path in the system's own encoding, and Python reads it as UTF-8. The byte "
    "`0xe9` is an é in Latin-1."
)
CHECK = "The path has letters beyond ASCII. The same code works in `C:\\\\models`."
FIX = (
    "Move the project to a path of plain letters. If there is another reason behind it, such as a missing "
    "file, the message then says so."
)
MORE = (
    "A user name with such letters is part of `Path.home()` and of the temporary folder: set `TMP` to "
    "another one. `.meta` and `.index` files give this message too if they are opened as text. In UTF-8, "
    "such letters work."
)
RECORDED = "Windows is not here. On Linux, the same happens with a path in bytes of Latin-1, as it runs here."
SEARCH = ("save or restore a model in a folder with Chinese, Cyrillic or accented letters on Windows",)
CAUSES = (
    {
        "message": "'utf-8' codec can't decode byte {byte} in position {number}: invalid",
        "only": r"saver|restore|checkpoint|ckpt|load_model|load_weights|save_model|save_weights|saved_model|\.save\(|tensorflow[\s\S]*file_io|py_checkpoint_reader",
    },
)
RELATED = ("brackets_in_path", "no_path_given", "file_system_scheme")
SHOWS = {
    "fail": (),
    "fix": ("from the folder ete", "from the folder été, in UTF-8"),
}


def fail(directory: Path) -> Seen:
    found = tf.train.load_checkpoint(f"{directory}/été/ckpt".encode("latin-1"))
    return {"variables": str(found.get_variable_to_shape_map())}


def fix(directory: Path) -> Seen:
    seen = []
    for folder in ("ete", "été"):
        tf.train.Checkpoint(value=tf.Variable(1.01)).write(f"{directory}/{folder}/ckpt")
        value = tf.Variable(0.0)
        tf.train.Checkpoint(value=value).read(f"{directory}/{folder}/ckpt").assert_consumed()
        seen.append(str(value.numpy()))
    return {"from the folder ete": seen[0], "from the folder été, in UTF-8": seen[1]}
