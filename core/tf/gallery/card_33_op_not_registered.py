"""Card 33: an operation that this process does not know."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, graph_in, model, save_trained, shown

GROUP = "versions"
TITLE = "Op type not registered: the graph uses an operation from a library"
ERROR = "NotFoundError"
MESSAGE = "Op type not registered 'NativeLstm2' in binary running on"
WHY = (
    "A `.meta` file of a model with an operation of its own (`NativeLstm2`) is imported in a program "
    "that has only TensorFlow. A graph names its operations; the code behind them is not saved with "
    "it. Operations from `tf.contrib`, from `tensorflow_text`, `tensorflow_addons` or from a library "
    "of one's own exist only after that library was loaded. (Here the operation was written into a "
    "real `.meta` file.)"
)
CHECK = (
    "`meta_info_def.stripped_op_list` of a `.meta` file lists the operations that it needs; Files shows them."
)
FIX = (
    "Load what registers it first: `import tensorflow_text`, or `tf.load_op_library('….so')`. When "
    "the library cannot be had, the values can: read them by name, or restore them into a model "
    "built from code without that operation."
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
YOURS = """# load what registers {operation} before the import
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
