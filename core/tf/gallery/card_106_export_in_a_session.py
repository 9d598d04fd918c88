"""Card 106: Keras 3 inside a session."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, shown

GROUP = "versions"
TITLE = "Keras 3 cannot export or save a model inside a session or graph"
ERROR = "RuntimeError"
MESSAGE = "Attempting to capture an EagerTensor without building a function."
WHY = (
    "The variables of a Keras 3 model are outside every graph. In `with tf.Graph()` or a session, export "
    "cannot use them."
)
CHECK = "`tf.executing_eagerly()` returns `False` where you save."
FIX = (
    "Call `export`, `save` and `save_weights` outside the block, and remove `disable_eager_execution()`. A "
    "graph takes the values by `get_weights()`."
)
MORE = (
    "`save` says `numpy() is only available when eager execution is enabled`. Without a session, export "
    "says `Unable to save checkpoint … in graph mode without a default session`. Code that needs the graph "
    "can use Keras 2: `tf_keras` with `TF_USE_LEGACY_KERAS=1`."
)
SEARCH = ("model.export of a keras 3 model fails with tf.compat.v1 session or disable_eager_execution",)
CAUSES = (
    {
        "message": "Attempting to capture an EagerTensor without building a function.",
    },
    {
        "message": "numpy() is only available when eager execution is enabled.",
        "only": r"saving_lib|save_model|save_weights|model\.save|\.export\(|save_own_variables",
    },
    {
        "message": "in graph mode without a default session. Please use `with tf.Session():` to create a session.",
    },
)
RELATED = ("eager_habits", "other_thread", "not_an_element", "export_directory_exists")
SHOWS = {
    "fail": (),
    "fix": ("eager outside the block", "y at x = 3, exported", "weights in the graph"),
}


def fail(directory: Path) -> Seen:
    built = line()
    with tf.Graph().as_default(), tf.compat.v1.Session():
        built.export(f"{directory}/SavedModel", verbose=False)
    return {"saved": "SavedModel"}


def fix(directory: Path) -> Seen:
    built = line()
    values = [value.flat[0] for value in built.get_weights()]
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        in_graph = sess.run([tf.constant(value) for value in values])
    built.export(f"{directory}/SavedModel", verbose=False)
    loaded = tf.saved_model.load(f"{directory}/SavedModel")
    return {
        "eager outside the block": str(tf.executing_eagerly()),
        "y at x = 3, exported": str(loaded.serve(tf.constant([[3.0]])).numpy()[0, 0]),
        "weights in the graph": shown(in_graph),
    }
