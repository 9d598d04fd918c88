"""Card 23: the graph has no checksum."""

import hashlib
import struct
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model

GROUP = "silent"
TITLE = "The .meta file was changed, and nothing notices"
ERROR = None
MESSAGE = "learning rate in the imported graph: 0.1"
WHY = (
    "Checksums protect only the values. The `.meta` file has none, so a changed graph is imported: "
    "here one with another learning rate."
)
CHECK = "Compare the SHA-256 of the file with the one from when it was written."
FIX = (
    "Record a SHA-256 of each file and compare it before you import. If it differs, build the graph "
    "from code and restore the values."
)
MORE = (
    "This application writes the hashes of a run into `SHA256SUMS`. TensorFlow 2 writes a checksum "
    "of `saved_model.pb` into `fingerprint.pb`, but loading does not compare it. Never import a "
    "`.meta` file from people whom you do not trust: a graph is a program."
)
SEARCH = (
    "meta file corrupted",
    "graph differs after import_meta_graph",
    "checksum of saved_model.pb",
)
RELATED = ("op_not_registered", "data_in_graph", "files")
SHOWS = {
    "fail": ("learning rate in the imported graph", "h after one step, where 0.002 is right"),
    "fix": ("model_final.meta is as it was written", "h after one step, graph from code"),
}


def prepare(directory: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        cost = tf.square(h_est - 1.0) + tf.square(v_est + 2.0)
        tf.compat.v1.train.GradientDescentOptimizer(0.001).minimize(cost)
        sess.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(sess, f"{directory}/model_final")
    meta = directory / "model_final.meta"
    content = meta.read_bytes()
    (directory / "sha256").write_text(hashlib.sha256(content).hexdigest())
    meta.write_bytes(content.replace(struct.pack("<f", 0.001), struct.pack("<f", 0.1)))


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        rate = sess.run("GradientDescent/learning_rate:0")
        sess.run("GradientDescent")
        h = sess.run("hor_estimate/Read/ReadVariableOp:0")
        return {
            "learning rate in the imported graph": str(rate),
            "h after one step, where 0.002 is right": str(h),
        }


def fix(directory: Path) -> Seen:
    found = hashlib.sha256((directory / "model_final.meta").read_bytes()).hexdigest()
    unchanged = found == (directory / "sha256").read_text()
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        cost = tf.square(h_est - 1.0) + tf.square(v_est + 2.0)
        train = tf.compat.v1.train.GradientDescentOptimizer(0.001).minimize(cost)
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        sess.run(train)
        return {
            "model_final.meta is as it was written": str(unchanged),
            "h after one step, graph from code": str(sess.run(h_est)),
        }
