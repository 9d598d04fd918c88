"""Card 34: a graph that a newer TensorFlow wrote."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, graph_in, model, save_trained, shown

GROUP = "versions"
TITLE = "import_meta_graph fails: a newer TensorFlow wrote the graph"
ERROR = "ValueError"
MESSAGE = "GraphDef min consumer version"
WHY = (
    "The model was trained with a newer TensorFlow than the one that imports its `.meta` file. "
    "Graphs are expected to open everywhere. Old graphs open in a new TensorFlow, but not the other "
    "way round. Each `.meta` file says which version wrote it and the oldest version that may read "
    "it (here it was set higher than this TensorFlow's). TensorFlow 1 did not say it so clearly: it "
    "failed at the first operation that it did not have, with a bare `KeyError` of its name, or at "
    "an attribute: `NodeDef mentions attr 'x' not in Op`."
)
CHECK = "Write the version of TensorFlow beside the run (`pip freeze`), and build from code where you can."
FIX = (
    "Import it with a TensorFlow at least as new as the one that wrote it: `tensorflow_version` in "
    "the file says which. Or leave the `.meta` file aside, build the model from code, and restore "
    "the values, whose format has not changed."
)
SEARCH = ("import_meta_graph raises KeyError 'IteratorGetDevice'",)
CAUSES = (
    {
        "message": "GraphDef min consumer version {number} above current version {number} for TensorFlow",
    },
    {
        "message": "NodeDef mentions attr '{attribute}' not in {operation}",
        "ask": "Was the graph written by a newer TensorFlow?",
    },
    {
        "message": "Check whether your GraphDef-interpreting binary is up to date with your GraphDef-generating binary",
    },
    {
        "message": "No op named {operation} in defined operations",
        "ask": "Was the graph written by a newer TensorFlow?",
    },
    {
        "message": "KeyError: '{operation}'",
        "when": {"operation": r"^[A-Z][A-Za-z]*[a-z](V\d)?(?=\W|$)"},
        "only": "import_meta_graph|import_graph_def|import_scoped_meta_graph|op_def",
        "ask": "Does the error come from import_meta_graph or import_graph_def?",
    },
    {
        "message": "Forward compatibility load error: Unable to load checkpoint saved in future version of TensorFlow",
    },
)
RELATED = ("op_not_registered", "keras_three_file", "files")
SHOWS = {
    "fail": (),
    "fix": ("written by TensorFlow", "this is TensorFlow", "h, v from code and checkpoint"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")
    graph = graph_in(f"{directory}/model_final.meta")
    graph.graph_def.versions.min_consumer = 100_000
    (directory / "model_final.meta").write_bytes(graph.SerializeToString())


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        return {"restored h": str(sess.run("hor_estimate/Read/ReadVariableOp:0"))}


def fix(directory: Path) -> Seen:
    written = graph_in(f"{directory}/model_final.meta").meta_info_def.tensorflow_version
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {
            "written by TensorFlow": written,
            "this is TensorFlow": tf.__version__,
            "h, v from code and checkpoint": shown(sess.run([h_est, v_est])),
        }
