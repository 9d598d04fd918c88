"""Card 60: saved_model.pb read as a frozen graph."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "SavedModel"
TITLE = "DecodeError: saved_model.pb was read as a frozen graph"
ERROR = "DecodeError"
MESSAGE = "Error parsing message"
WHY = (
    "`GraphDef.ParseFromString` reads the bytes as a frozen graph. `saved_model.pb` is a "
    "`SavedModel`, another message."
)
CHECK = "There is a folder `variables` beside the file: then it is a SavedModel."
FIX = (
    "Load the folder as a SavedModel. If only a frozen graph will do, load it into a session and "
    "call `convert_variables_to_constants`."
)
MORE = (
    "A Git-LFS pointer, a `.pbtxt` file or half a download gives the same error. The function is "
    "deprecated; for a `tf.function` use `convert_variables_to_constants_v2`."
)
CAUSES = (
    {
        "message": "Error parsing message",
        # A loader of SavedModels says "Cannot parse file": there the file is damaged.
        "only": r"\A(?![\s\S]*Cannot parse file)[\s\S]*(GraphDef|graph_def|ParseFromString|\.pb\b|DecodeError)",
    },
    {
        "message": "Wire format was corrupt",
        "only": r"GraphDef|SavedModel|MetaGraph|\.pb\b",
    },
    {
        "message": "Wrong wire type in tag",
        "only": r"graph|\.pb\b|DecodeError",
    },
    {
        "message": "DecodeError: Truncated message",
        "only": r"graph|\.pb\b",
    },
)
RELATED = ("frozen_as_saved_model", "saved_model_missing", "tensor_name")
SHOWS = {
    "fail": (),
    "fix": ("y at x = 3, SavedModel", "y at x = 3, frozen graph"),
}


def prepare(directory: Path) -> None:
    export(f"{directory}/SavedModel", [tf.compat.v1.saved_model.tag_constants.SERVING])


def fail(directory: Path) -> Seen:
    graph_def = tf.compat.v1.GraphDef()
    graph_def.ParseFromString((directory / "SavedModel/saved_model.pb").read_bytes())
    return {"nodes": str(len(graph_def.node))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.compat.v1.saved_model.loader.load(sess, ["serve"], f"{directory}/SavedModel")
        y = sess.run("prediction:0", {"X:0": 3.0})
        freeze = tf.compat.v1.graph_util.convert_variables_to_constants
        frozen = freeze(sess, sess.graph.as_graph_def(), ["prediction"])
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.import_graph_def(frozen, name="")
        return {
            "y at x = 3, SavedModel": str(y),
            "y at x = 3, frozen graph": str(sess.run("prediction:0", {"X:0": 3.0})),
        }
