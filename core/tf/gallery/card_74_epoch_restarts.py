"""Card 74: the counter is not in the checkpoint."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, checkpoints, model, names

GROUP = "silent"
TITLE = "After a restart the steps count from 0 again, and old checkpoints are overwritten"
ERROR = None
MESSAGE = "h in model_iter-0: 0.5"
WHY = (
    "The counter is a Python variable, and a checkpoint has only TensorFlow's variables. After a "
    "restart the loop writes over the first files."
)
CHECK = "After the second start, the `.index` files have the same names and newer times."
FIX = (
    "Save the counter too: a `global_step` variable, or `tf.Variable(0)` in a `tf.train.Checkpoint`. "
    "In Keras use `fit(initial_epoch=…)` or `BackupAndRestore`."
)
SEARCH = (
    "h in model_iter-0, checkpoints after two starts, each counting from 0: model_iter-0, model_iter-1",
    "epoch counter starts from 0 after restoring a checkpoint",
    "global_step is reset when training is resumed",
    "resume training: checkpoint numbers start again and overwrite old files",
    "how to continue from the last epoch initial_epoch",
    "training starts again from epoch 0 after a restart",
)
RELATED = ("restart_forgets", "keras_slots_lost", "restored_without_slots", "resume")
SHOWS = {
    "fail": ("checkpoints after two starts, each counting from 0", "h in model_iter-0"),
    "fix": ("latest after two starts", "h in it"),
}


def run(directory: Path, counted: bool) -> None:
    """One start of the program: restore if there is something, three steps, each saved."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = model()
        step = tf.compat.v1.Variable(0, name="global_step", dtype=tf.int64)
        saver = tf.compat.v1.train.Saver(None if counted else [h_est])
        sess.run(tf.compat.v1.global_variables_initializer())
        latest = tf.train.latest_checkpoint(directory)
        if latest:
            saver.restore(sess, latest)
        for i in range(3):
            sess.run(h_est.assign_add(0.125))
            number = sess.run(step) if counted else i
            sess.run(step.assign_add(1))
            saver.save(sess, f"{directory}/model_iter", global_step=number)


def fail(directory: Path) -> Seen:
    run(directory, counted=False)
    run(directory, counted=False)
    found = checkpoints(directory)
    seen = {"checkpoints after two starts, each counting from 0": names(found)}
    return seen | {f"h in {found[0].name}": str(tf.train.load_variable(str(found[0]), "hor_estimate"))}


def fix(directory: Path) -> Seen:
    run(directory, counted=True)
    run(directory, counted=True)
    found = checkpoints(directory)[-1]
    return {
        "latest after two starts": found.name,
        "h in it": str(tf.train.load_variable(str(found), "hor_estimate")),
    }
