"""Card 31: fine-tuning with another number of classes."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Another number of classes: the last layer has another shape"
ERROR = "InvalidArgumentError"
MESSAGE = "Assign requires shapes of both tensors to match. lhs shape= [13] rhs shape= [150]"
WHY = (
    "`Saver()` restores every variable, the last layer too. Its values in the checkpoint (rhs) are "
    "for 150 classes, and the graph (lhs) has 13."
)
CHECK = "Only the last layer differs in `tf.train.load_checkpoint(prefix).get_variable_to_shape_map()`."
FIX = (
    "Restore only the variables whose shapes agree. The others keep their initial values and are "
    "learned again."
)
MORE = "Only reference variables are compared. With resource variables there is no error (card 17)."
SEARCH = ("number of classes changed, fine-tuning from pretrained weights",)
CAUSES = (
    {
        "message": "Restoring from checkpoint failed. This is most likely due to {reason} from the checkpoint. Please ensure that you have not altered the graph",
        # TensorFlow puts it around every InvalidArgumentError: what follows has to be about a shape.
        "only": r"\A(?![\s\S]*Original error:)|shape",
        "ask": "Does only the last layer, which has one value per class, differ?",
    },
    {
        "message": "Assign requires shapes of both tensors to match. lhs shape= {graph} rhs shape= {saved}",
        "ask": "Does only the last layer, which has one value per class, differ?",
    },
)
RELATED = ("other_shape", "automatic_names", "object_other_shape", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("hor_estimate, restored", "left out", "shape of out/biases, new"),
}
YOURS = """# The graph has {graph_shape}, the checkpoint has {saved_shape}.
shapes = tf.train.load_checkpoint(prefix).get_variable_to_shape_map()
fitting = [v for v in tf.compat.v1.global_variables() if shapes.get(v.op.name) == v.shape.as_list()]
tf.compat.v1.train.Saver(fitting).restore(sess, prefix)"""


def build(classes: int) -> tuple[tf.Variable, tf.Variable]:
    """A layer that stays and one bias a class, as reference variables."""
    stays = tf.compat.v1.Variable(0.0, name="hor_estimate", use_resource=False)
    last = tf.compat.v1.Variable(tf.zeros([classes]), name="out/biases", use_resource=False)
    return stays, last


def prepare(directory: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        stays, _ = build(150)
        sess.run(tf.compat.v1.global_variables_initializer())
        sess.run(tf.compat.v1.assign(stays, 1.01))
        tf.compat.v1.train.Saver().save(sess, f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        build(13)
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"restored": str(sess.run("hor_estimate:0"))}


def fix(directory: Path) -> Seen:
    shapes = tf.train.load_checkpoint(f"{directory}/model_final").get_variable_to_shape_map()
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        stays, last = build(13)
        sess.run(tf.compat.v1.global_variables_initializer())
        variables = tf.compat.v1.global_variables()
        fitting = [v for v in variables if shapes.get(v.op.name) == v.shape.as_list()]
        tf.compat.v1.train.Saver(fitting).restore(sess, f"{directory}/model_final")
        return {
            "hor_estimate, restored": str(sess.run(stays)),
            "left out": ", ".join(v.op.name for v in variables if v not in fitting),
            "shape of out/biases, new": str(sess.run(last).shape),
        }
