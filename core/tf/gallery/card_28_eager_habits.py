"""Card 28: a script for TensorFlow 1 under TensorFlow 2."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained

GROUP = "versions"
TITLE = "The script for TensorFlow 1 fails under TensorFlow 2"
ERROR = "RuntimeError"
MESSAGE = "tf.placeholder() is not compatible with eager execution."
WHY = (
    "TensorFlow 2 runs eagerly unless a graph is the default. Placeholders and sessions of "
    "TensorFlow 1 need a graph."
)
CHECK = "`tf.executing_eagerly()` before the failing line returns `True`."
FIX = (
    "Put the script into `with tf.Graph().as_default():`. That switches only this block; "
    "`disable_eager_execution()` switches the whole process."
)
MORE = (
    "Without `tf.compat.v1` the message is `module 'tensorflow' has no attribute 'placeholder'`. In "
    "a `tf.function` there is a graph but no session: `Saver.restore` raises `'NoneType' object has "
    "no attribute 'run'`."
)
CAUSES = (
    {
        "message": "tf.placeholder() is not compatible with eager execution",
    },
    {
        "message": "module 'tensorflow' has no attribute '{name}'",
        "when": {
            "name": "^(placeholder|Session|train|global_variables_initializer|get_variable|variable_scope|ConfigProto|InteractiveSession|GraphDef|gfile|reset_default_graph|get_default_graph|Saver)$"
        },
        "ask": "Is it a script for TensorFlow 1?",
    },
    {
        "message": "`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled",
    },
    {
        "message": "The Session graph is empty. Add operations to the graph before calling run()",
        "ask": "Was the model built eagerly, or in another graph than the session's?",
    },
    {
        "message": "'NoneType' object has no attribute 'run'",
        "only": "saver|restore",
    },
)
RELATED = ("other_thread", "handle_bytes", "op_not_registered")
SHOWS = {
    "fail": (),
    "fix": ("eager outside the block, inside it", "prediction at x = 3"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    X = tf.compat.v1.placeholder(tf.float32, name="X")
    h_est, v_est = model()
    prediction = tf.square(X - h_est) + v_est
    with tf.compat.v1.Session() as sess:
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"prediction at x = 3": str(sess.run(prediction, {X: 3.0}))}


def fix(directory: Path) -> Seen:
    outside = tf.executing_eagerly()
    with tf.Graph().as_default():
        inside = tf.executing_eagerly()
        X = tf.compat.v1.placeholder(tf.float32, name="X")
        h_est, v_est = model()
        prediction = tf.square(X - h_est) + v_est
        with tf.compat.v1.Session() as sess:
            tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
            return {
                "eager outside the block, inside it": f"{outside}, {inside}",
                "prediction at x = 3": str(sess.run(prediction, {X: 3.0})),
            }
