"""Card 65: the text file checkpoint cannot be parsed."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, save_trained, shown

GROUP = "error"
TITLE = "The file checkpoint cannot be read, so it is ignored"
ERROR = "ValueError"
MESSAGE = "Can't load save_path when it is None."
WHY = (
    "The file `checkpoint` is a protocol buffer in text form, with paths in double quotes. This one "
    "has none, so it is ignored."
)
CHECK = (
    "`tf.train.get_checkpoint_state(directory)` returns `None`, and the log has `ParseError` and "
    "`Checkpoint ignored`."
)
FIX = (
    "Write the file again with `update_checkpoint_state`, from the `.index` files. Or restore by the prefix."
)
SEARCH = ("Expected string or bytes in model_checkpoint_path; checkpoint file edited by hand",)
CAUSES = (
    {
        "message": "Can't load save_path when it is None.",
        "when": {"text": "Checkpoint ignored|ParseError"},
        "ask": "Does the log say Checkpoint ignored?",
    },
    {
        "message": ": Checkpoint ignored",
    },
    {
        "message": "ParseError: {place} : 'model_checkpoint_path",
    },
)
RELATED = ("directory_moved", "stale_checkpoint_file", "rename_refused", "files")
SHOWS = {
    "fail": (),
    "fix": ("the file now", "restored h, v"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")
    (directory / "checkpoint").write_text("model_checkpoint_path: None\n")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        latest = tf.train.latest_checkpoint(directory)
        tf.compat.v1.train.Saver().restore(sess, latest)
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    found = checkpoints(directory)
    tf.compat.v1.train.update_checkpoint_state(
        str(directory),
        found[-1].name,
        all_model_checkpoint_paths=[prefix.name for prefix in found],
    )
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        latest = tf.train.latest_checkpoint(directory)
        tf.compat.v1.train.Saver().restore(sess, latest)
        return {
            "the file now": (directory / "checkpoint").read_text().splitlines()[0],
            "restored h, v": shown(sess.run([h_est, v_est])),
        }
