"""Card 68: saving what has no value yet."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "save fails: a variable of the graph has no value yet"
ERROR = "FailedPreconditionError"
MESSAGE = "Node: 'save/SaveV2'\nAttempting to use uninitialized value Variable"
WHY = (
    "`Saver()` takes every variable in the default graph, also those of earlier cells. One of them "
    "has no value in this session."
)
CHECK = (
    "The message names `save/SaveV2`. `sess.run(tf.compat.v1.report_uninitialized_variables())` is not empty."
)
FIX = "Name what to save: `Saver([spikes])`. Or build in a fresh graph, and initialize all of it."
SEARCH = ("saver.save uninitialized variable of an earlier notebook cell",)
CAUSES = (
    {
        "message": "Attempting to use uninitialized value {key}",
        "when": {"text": r"SaveV2|save(_\d+)?/save|SaveSlices"},
        "ask": "Does the message name the operation save/SaveV2?",
    },
    {
        "message": "Could not find variable {key}. This could mean that the variable has been deleted.",
        "when": {"text": "SaveV2"},
        "ask": "Does the message name the operation save/SaveV2?",
    },
)
RELATED = ("uninitialized", "graph_built_twice", "no_variables_to_save")
SHOWS = {
    "fail": (),
    "fix": ("without a value", "in the checkpoint"),
}
YOURS = (
    """saver = tf.compat.v1.train.Saver([v for v in tf.compat.v1.global_variables() if v.op.name != {key}])"""
)


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.compat.v1.Variable(False, use_resource=False)  # an earlier cell
        spikes = tf.compat.v1.Variable([False] * 8, name="spikes", use_resource=False)
        sess.run(spikes.initializer)
        path = tf.compat.v1.train.Saver().save(sess, f"{directory}/spikes")
        return {"saved": Path(path).name}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.compat.v1.Variable(False, use_resource=False)
        spikes = tf.compat.v1.Variable([False] * 8, name="spikes", use_resource=False)
        sess.run(spikes.initializer)
        missing = sess.run(tf.compat.v1.report_uninitialized_variables())
        path = tf.compat.v1.train.Saver([spikes]).save(sess, f"{directory}/spikes")
        return {
            "without a value": ", ".join(name.decode() for name in missing),
            "in the checkpoint": str(tf.train.list_variables(path)),
        }
