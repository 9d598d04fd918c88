"""Card 19: a tensor of one graph in a session of another."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained

GROUP = "error"
TITLE = "Tensor is not an element of this graph"
ERROR = "ValueError"
MESSAGE = "is not an element of this graph"
WHY = (
    "A session belongs to one graph: the default graph when the session was made. The tensor is from "
    "another graph, even if the same code built both."
)
CHECK = "`tensor.graph is sess.graph` is `False`."
FIX = "Keep the graph together with its tensors, and open the session on it: `Session(graph=graph)`."
CAUSES = (
    {
        "message": "Tensor {tensor} is not an element of this graph.",
        "when": {"tensor": r"^(?!.*save(_\d+)?/)"},
        "ask": "Does the session belong to the graph in which the tensor was made?",
    },
    {
        "message": "must be from the same graph as",
        "only": "Tensor|Operation",
        "ask": "Were the two tensors made in different graphs?",
    },
)
RELATED = ("other_thread", "other_session")
SHOWS = {
    "fail": (),
    "fix": ("prediction at x = 3",),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default():
        h_est, v_est = model()
        prediction = tf.square(3.0 - h_est) + v_est
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"prediction at x = 3": str(sess.run(prediction))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default() as graph:
        h_est, v_est = model()
        prediction = tf.square(3.0 - h_est) + v_est
        saver = tf.compat.v1.train.Saver()
    with tf.compat.v1.Session(graph=graph) as sess:
        saver.restore(sess, f"{directory}/model_final")
        return {"prediction at x = 3": str(sess.run(prediction))}
