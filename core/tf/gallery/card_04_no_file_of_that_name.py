"""Card 4: a checkpoint is a prefix, not a file."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, names, save_trained, shown

GROUP = "error"
TITLE = "There is no file model_final.ckpt"
ERROR = "ValueError"
MESSAGE = "The passed save_path is not a valid checkpoint"
WHY = (
    "A checkpoint is three files with one prefix: `.index`, `.data-00000-of-00001` and `.meta`. "
    "`restore` takes the prefix, and no file has that name."
)
CHECK = (
    "List the folder: your name with `.index` after it must be there. "
    "`Path(f'{prefix}.index').exists()` returns `False`."
)
FIX = "Give `restore` what `save` returned, or the name of the `.index` file without `.index`."
MORE = (
    "`.ckpt` is part of the prefix only if `save` was called with it. With a `global_step`, the step "
    "is part of the prefix (card 38)."
)
SEARCH = (
    "not a valid checkpoint",
    "model.ckpt file not found",
    "where is the ckpt file",
)
CAUSES = (
    {
        "message": "The passed save_path is not a valid checkpoint: {path}",
        "ask": "Is there an .index file of exactly this name, without the ending .index?",
    },
    {
        "message": "The passed save_path is not a valid checkpoint",
        "ask": "Is there an .index file of exactly this name, without the ending .index?",
    },
)
RELATED = ("step_left_out", "one_of_the_files", "no_path_given", "files")
SHOWS = {
    "fail": (),
    "fix": ("files", "restored h, v"),
}
YOURS = """print(sorted(glob.glob(glob.escape({stem}) + "*.index")))  # without .index, one of these"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, f"{directory}/model_final.ckpt")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        saver = tf.compat.v1.train.Saver()
        saver.restore(sess, f"{directory}/model_final")
        return {
            "files": names(sorted(directory.iterdir())),
            "restored h, v": shown(sess.run([h_est, v_est])),
        }
