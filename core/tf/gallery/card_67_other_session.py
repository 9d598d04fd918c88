"""Card 67: a session of one graph, a Saver of another."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "The session belongs to another graph than the Saver"
ERROR = "TypeError"
MESSAGE = (
    "Cannot interpret feed_dict key as Tensor: The name 'save/Const:0' refers to a Tensor which does "
    "not exist"
)
WHY = (
    "A session belongs to the graph that was the default when it was opened. The `Saver` was made "
    "later, in another graph."
)
CHECK = "`sess.graph is tf.compat.v1.get_default_graph()` returns `False` when the `Saver` is made."
FIX = (
    "First the graph, then the session: `with tf.Graph().as_default() as graph, "
    "tf.compat.v1.Session(graph=graph)`."
)
SEARCH = (
    'Tensor Tensor("save/Const:0") is not an element of this graph after reset_default_graph',
    "Fetch argument cannot be interpreted as a Tensor, not an element of this graph, session opened before tf.reset_default_graph",
    "The Session graph is empty import_meta_graph after the session",
)
CAUSES = (
    {
        "message": "The name 'save{number}/Const:0' refers to a Tensor which does not exist",
    },
    {
        "message": "Tensor {tensor} is not an element of this graph.",
        "when": {"tensor": r"save(_\d+)?/"},
        "ask": "Does the name begin with save/?",
    },
)
RELATED = ("not_an_element", "other_thread", "tensor_name")
SHOWS = {
    "fail": (),
    "fix": ("one graph", "restored h, v"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default():
        model()
        sess = tf.compat.v1.Session()
    with sess, tf.Graph().as_default():  # as reset_default_graph() does
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        return {"restored h": str(sess.run("hor_estimate/Read/ReadVariableOp:0"))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        same = sess.graph is tf.compat.v1.get_default_graph()
        saver.restore(sess, f"{directory}/model_final")
        values = sess.run([f"{name}/Read/ReadVariableOp:0" for name in ("hor_estimate", "ver_estimate")])
        return {"one graph": str(same), "restored h, v": shown(values)}
