"""Card 80: the graph itself holds the data."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "silent"
TITLE = "The graph grows with the data, up to the limit of 2 GB"
ERROR = None
MESSAGE = "bytes of model_final.meta: more than 1,000,000"
WHY = (
    "A NumPy array that meets a tensor becomes a constant of the graph. It is then in every `.meta` "
    "file and every export."
)
CHECK = (
    "Print `graph.as_graph_def().ByteSize()` before training, and again after a few iterations. It "
    "must be small, and must not grow."
)
FIX = (
    "Feed data through a placeholder or `tf.data`. Put large embeddings into a variable. "
    "`graph.finalize()` before the loop finds operations that are added in it."
)
MORE = (
    "A protocol buffer cannot exceed 2 GB: `Cannot serialize protocol buffer of type "
    "tensorflow.GraphDef … larger than the limit`."
)
CAUSES = (
    {
        "message": "GraphDef cannot be larger than 2GB",
    },
    {
        "message": "Cannot serialize protocol buffer of type tensorflow.GraphDef as the serialized size",
    },
    {
        "message": "Message tensorflow.GraphDef exceeds maximum protobuf size of 2GB",
    },
    {
        "message": "A protocol message was rejected because it was too big",
        "only": r"meta|graph|saved_model|\.pb",
    },
)
RELATED = ("edited_meta", "disk_full", "files")
SHOWS = {
    "fail": ("bytes of model_final.meta", "bytes of the values"),
    "fix": ("bytes of model_final.meta",),
}
RECORDED = (
    "The message of the limit is recorded from public threads: reaching it takes 2 GB. What leads to "
    "it runs here, with one megabyte."
)


def save(directory: Path, data: tf.Tensor) -> int:
    """Save a model that computes with the data, and return the bytes of its graph on disk."""
    with tf.compat.v1.Session() as sess:
        h_est = tf.compat.v1.Variable(0.0, name="hor_estimate")
        tf.reduce_mean(tf.square(data - h_est), name="cost")
        sess.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(sess, f"{directory}/model_final")
    return (directory / "model_final.meta").stat().st_size


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default():
        array = np.random.default_rng(0).normal(size=250_000).astype("float32")
        size = save(directory, tf.constant(array))
    told = "more than 1,000,000" if size > 1_000_000 else str(size)
    values = (directory / "model_final.data-00000-of-00001").stat().st_size
    return {"bytes of model_final.meta": told, "bytes of the values": str(values)}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default():
        size = save(directory, tf.compat.v1.placeholder(tf.float32, [None], name="data"))
    told = "less than 10,000" if size < 10_000 else str(size)
    return {"bytes of model_final.meta": told}
