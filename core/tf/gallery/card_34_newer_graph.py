"""Card 34: a graph that a newer TensorFlow wrote."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, graph_in, model, save_trained, shown

GROUP = "versions"
TITLE = "import_meta_graph fails: a newer TensorFlow wrote the graph"
ERROR = "ValueError"
MESSAGE = "GraphDef min consumer version"
WHY = (
    "A `.meta` file says which version wrote it, and which version it needs. This TensorFlow is "
    "older than that."
)
CHECK = "Compare `tensorflow_version` in the `.meta` file with `tf.__version__`."
FIX = (
    "Import it with a TensorFlow at least as new. Or build the model from code and restore the "
    "values, whose format has not changed."
)
MORE = (
    "Here the number was raised on purpose. TensorFlow 1 said it less clearly: a `KeyError` with the "
    "name of an operation, or `NodeDef mentions attr 'x' not in Op`."
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
