"""Card 24: each thread has a default graph of its own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained

GROUP = "error"
TITLE = "It works, but not in another thread"
ERROR = "RuntimeError"
MESSAGE = "When eager execution is enabled, `var_list` must specify a list or dict of variables to save"
WHY = (
    "Each thread has its own default graph. A new thread has none, so TensorFlow runs eagerly there, "
    "and `Saver()` finds no variables."
)
CHECK = "`tf.executing_eagerly()` in the thread returns `True`."
FIX = "Make the graph the default in the thread that uses it: `with graph.as_default():` there."
MORE = (
    "With a list of variables the message is `Can only save/restore ResourceVariables when executing "
    "eagerly`."
)
SEARCH = ("thread default graph",)
CAUSES = (
    {
        "message": "When eager execution is enabled, `var_list` must specify a list or dict of variables to save",
        "ask": "Does this run in a thread, or without a graph as the default?",
    },
    {
        "message": "Can only save/restore ResourceVariables when executing eagerly, got type: {type}",
        "ask": "Does this run in a thread, or without a graph as the default?",
    },
)
RELATED = ("not_an_element", "eager_habits")
SHOWS = {
    "fail": (),
    "fix": ("eager in the thread by itself", "hor_estimate restored in the thread"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess, ThreadPoolExecutor(1) as thread:
        h_est, _ = model()

        def restore() -> str:
            tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
            return str(sess.run(h_est))

        return {"hor_estimate restored in the thread": thread.submit(restore).result()}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default() as graph, ThreadPoolExecutor(1) as thread:
        h_est, _ = model()

        def restore() -> str:
            with graph.as_default(), tf.compat.v1.Session() as sess:
                tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
                return str(sess.run(h_est))

        return {
            "eager in the thread by itself": str(thread.submit(tf.executing_eagerly).result()),
            "hor_estimate restored in the thread": thread.submit(restore).result(),
        }
