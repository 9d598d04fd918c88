"""Card 33: an operation that this process does not know."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, graph_in, model, save_trained, shown

GROUP = "versions"
TITLE = "Op type not registered: the graph uses an operation from a library"
ERROR = "NotFoundError"
MESSAGE = "Op type not registered 'NativeLstm2' in binary running on"
WHY = (
    "A graph stores the names of its operations, not their code. The code of `NativeLstm2` is in a "
    "library that this program has not loaded."
)
CHECK = (
    "The name in the message is not TensorFlow's own. `meta_info_def.stripped_op_list` of the "
    "`.meta` file lists all operations."
)
FIX = (
    "Load the library first: `import tensorflow_text`, or `tf.load_op_library('….so')`. If you do "
    "not have it, restore the values into a model from code."
)
MORE = (
    "Typical sources are `tf.contrib`, `tensorflow_text` and `tensorflow_addons`. Here the operation "
    "was written into a real `.meta` file."
)
SEARCH = (
    "loading a saved graph which used ops from tf.contrib, contrib ops are lazily registered when the module is first accessed",
    "custom op library tf.load_op_library before import_meta_graph",
)
CAUSES = (
    {
        "message": "Op type not registered '{operation}' in binary running on",
        "ask": "Is the operation from a library, such as tf.contrib, tensorflow_text or your own?",
    },
)
RELATED = ("newer_graph", "device_not_found", "files")
SHOWS = {
    "fail": (),
    "fix": ("operations unknown to this TensorFlow", "h, v from code and checkpoint"),
}
YOURS = """# Load the library that has {operation} before the import.
tf.load_op_library("the library that has {operation}.so")"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")
    graph = graph_in(f"{directory}/model_final.meta")
    graph.graph_def.node.add(name="lstm", op="NativeLstm2")
    (directory / "model_final.meta").write_bytes(graph.SerializeToString())


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        return {"restored h": str(sess.run("hor_estimate/Read/ReadVariableOp:0"))}


def fix(directory: Path) -> Seen:
    nodes = graph_in(f"{directory}/model_final.meta").graph_def.node
    unknown = sorted({node.op for node in nodes if not hasattr(tf.raw_ops, node.op)})
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {
            "operations unknown to this TensorFlow": ", ".join(unknown),
            "h, v from code and checkpoint": shown(sess.run([h_est, v_est])),
        }
