"""Card 27: a Saver takes the variables that exist when it is made."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model

GROUP = "error"
TITLE = "No variables to save"
ERROR = "ValueError"
MESSAGE = "No variables to save"
WHY = (
    "`Saver()` takes the variables that are in the default graph at that moment. Here it was made "
    "before the variables, so there were none."
)
CHECK = (
    "Look where `Saver()` is called: it must come after the last variable, including those of the optimizer."
)
FIX = "Make the `Saver` last."
MORE = (
    "If only some variables exist, `Saver()` takes those. The others are missing from every "
    "checkpoint, without a message."
)
SEARCH = ("variable is missing from the checkpoint",)
CAUSES = (
    {
        "message": "No variables to save",
        "ask": "Was the Saver made before the model's variables?",
    },
)
RELATED = ("other_graph", "eager_habits")
SHOWS = {
    "fail": (),
    "fix": ("in the checkpoint",),
}


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.Saver()
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        path = saver.save(sess, f"{directory}/model_final")
        return {"in the checkpoint": str(tf.train.list_variables(path))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        saver = tf.compat.v1.train.Saver()
        sess.run(tf.compat.v1.global_variables_initializer())
        path = saver.save(sess, f"{directory}/model_final")
        return {"in the checkpoint": str(tf.train.list_variables(path))}
