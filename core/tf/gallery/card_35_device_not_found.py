"""Card 35: devices are part of the graph."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained

GROUP = "error"
TITLE = "Cannot assign a device: the graph was saved on a machine with a GPU"
ERROR = "InvalidArgumentError"
MESSAGE = "Cannot assign a device for operation"
WHY = (
    "The model was built inside `tf.device('/device:GPU:7')`, and the graph stores that name. This "
    "machine has no such device."
)
CHECK = (
    "Print `{node.device for node in graph_def.node}`. It has a device that the message does not "
    "list as available."
)
FIX = (
    "Use `import_meta_graph(…, clear_devices=True)`. Or let the session choose: "
    "`ConfigProto(allow_soft_placement=True)`."
)
MORE = (
    "The values are not tied to a device. `export_meta_graph(clear_devices=True)` writes a graph "
    "without devices."
)
SEARCH = ("clear_devices, model saved on GPU restored on CPU",)
CAUSES = (
    {
        "message": "Cannot assign a device for operation {operation}",
        "only": "explicitly assigned|available devices|no devices matching|not a valid device|No supported|satisf",
        "ask": "Was the graph saved on a machine with other devices?",
    },
    {
        "message": "Cannot assign a device to node '{operation}'",
        "ask": "Was the graph saved on a machine with other devices?",
    },
    {
        "message": "Could not satisfy explicit device specification '{device}'",
        "ask": "Was the graph saved on a machine with other devices?",
    },
    {
        "message": "was explicitly assigned to {device} but available devices are",
        "ask": "Was the graph saved on a machine with other devices?",
    },
)
RELATED = ("op_not_registered", "newer_graph", "files")
SHOWS = {
    "fail": (),
    "fix": ("devices in the graph", "h restored, clear_devices", "h restored, soft placement"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")
    with tf.Graph().as_default(), tf.device("/device:GPU:7"):
        model()
        saver = tf.compat.v1.train.Saver()
        saver.export_meta_graph(f"{directory}/model_final.meta")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        return {"restored h": str(sess.run("hor_estimate/Read/ReadVariableOp:0"))}


def fix(directory: Path) -> Seen:
    meta = f"{directory}/model_final.meta"
    seen = {}
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(meta, clear_devices=True)
        saver.restore(sess, f"{directory}/model_final")
        seen["devices in the graph"] = str({operation.device for operation in graph.get_operations()})
        seen["h restored, clear_devices"] = str(sess.run("hor_estimate/Read/ReadVariableOp:0"))
    soft = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    with tf.Graph().as_default(), tf.compat.v1.Session(config=soft) as sess:
        saver = tf.compat.v1.train.import_meta_graph(meta)
        saver.restore(sess, f"{directory}/model_final")
        seen["h restored, soft placement"] = str(sess.run("hor_estimate/Read/ReadVariableOp:0"))
    return seen
