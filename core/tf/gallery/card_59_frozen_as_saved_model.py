"""Card 59: a frozen graph in place of saved_model.pb."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "SavedModel"
TITLE = "saved_model.pb has no graph: it is a frozen graph, or empty"
ERROR = "ValueError"
MESSAGE = "there are 0 MetaGraphs in the SavedModel with tag sets: []"
WHY = (
    "A frozen graph is a `GraphDef`; a SavedModel is a list of graphs with tags. The file was "
    "renamed, and what the loader cannot read it skips."
)
CHECK = "There is no folder `variables` beside the file, or the file has 0 bytes."
FIX = (
    "Read it as a frozen graph: `GraphDef.FromString`, then `import_graph_def`. For a SavedModel, "
    "import it and export it with a signature."
)
SEARCH = (
    "with available tags '[]'",
    "frozen_inference_graph.pb renamed to saved_model.pb",
)
CAUSES = (
    {
        "message": "MetaGraphDef associated with tags {tags} could not be found in SavedModel",
        "when": {"text": r"available[_ ]tags:? '?\[\]"},
        "ask": "Are the available tags an empty list?",
    },
    {
        "message": "but there are {number} MetaGraphs in the SavedModel with tag sets",
        "when": {"number": "^0$"},
        "ask": "Are there 0 MetaGraphs?",
    },
    {
        "message": "Importing a SavedModel with tf.saved_model.load requires a 'tags=' argument if there is more than one MetaGraph",
        "only": "there are 0 MetaGraphs",
        "ask": "Are there 0 MetaGraphs?",
    },
)
RELATED = ("saved_model_as_graph", "wrong_tag", "saved_model_missing")
SHOWS = {
    "fail": (),
    "fix": ("y at x = 3, as a frozen graph", "y at x = 3, as a SavedModel"),
}


def prepare(directory: Path) -> None:
    with tf.Graph().as_default() as graph:
        X = tf.compat.v1.placeholder(tf.float32, name="X")
        tf.add(tf.square(X - 1.01), -1.96, name="prediction")
    (directory / "frozen").mkdir()
    (directory / "frozen/saved_model.pb").write_bytes(graph.as_graph_def().SerializeToString())


def fail(directory: Path) -> Seen:
    loaded = tf.saved_model.load(f"{directory}/frozen")
    return {"signatures": str(list(loaded.signatures))}


def fix(directory: Path) -> Seen:
    content = (directory / "frozen/saved_model.pb").read_bytes()
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.import_graph_def(tf.compat.v1.GraphDef.FromString(content), name="")
        y = sess.run("prediction:0", {"X:0": 3.0})
        x, out = (sess.graph.get_tensor_by_name(name) for name in ("X:0", "prediction:0"))
        tf.compat.v1.saved_model.simple_save(sess, f"{directory}/SavedModel", {"x": x}, {"y": out})
    signature = tf.saved_model.load(f"{directory}/SavedModel").signatures["serving_default"]
    return {
        "y at x = 3, as a frozen graph": str(y),
        "y at x = 3, as a SavedModel": str(signature(x=tf.constant(3.0))["y"].numpy()),
    }
