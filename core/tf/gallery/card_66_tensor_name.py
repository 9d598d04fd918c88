"""Card 66: a name that the graph does not have."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "The name refers to a tensor which does not exist"
ERROR = "KeyError"
MESSAGE = (
    "The name 'fc1:0' refers to a Tensor which does not exist. The operation, 'fc1', does not exist in "
    "the graph."
)
WHY = (
    "A layer's name is only the beginning of the names of its operations. Here the result is "
    "`fc1/BiasAdd`, not `fc1`."
)
CHECK = (
    "List the operations whose names contain `fc1`. If there are none, the graph is of another "
    "model, or empty."
)
FIX = "Take the name from the list of operations. `:0` is the first output of one."
MORE = (
    "An import puts `import/` before every name, unless it gets `name=''`. Name outputs when you "
    "build: `tf.identity(y, name='prediction')`."
)
SEARCH = (
    'Tensor names must be of the form "<op_name>:<output_index>". refers to an Operation, not a Tensor',
    "get_tensor_by_name which name",
)
CAUSES = (
    {
        "message": "The name '{name}' refers to a Tensor which does not exist. The operation, '{operation}', does not exist in the graph",
        "when": {"name": r"^(?!save(_\d+)?/Const)"},
        "ask": "Is the name that of an operation in the graph, with :0 at its end?",
    },
    {
        "message": "The name '{name}' refers to an Operation not in the graph",
    },
    {
        "message": "The name '{name}' looks like an (invalid) Operation name, not a {type}",
        "ask": "Is the name that of an operation, without :0 at its end?",
    },
)
RELATED = ("other_session", "missing_signature", "saved_model_as_graph", "files")
SHOWS = {
    "fail": (),
    "fix": ("additions in the scope fc1", "y at x = 0"),
}
YOURS = """print([operation.name for operation in graph.get_operations() if {last} in operation.name])"""


def prepare(directory: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        X = tf.compat.v1.placeholder(tf.float32, name="X")
        with tf.name_scope("fc1"):
            w = tf.compat.v1.Variable(1.01, name="weights")
            tf.add(w * X, -1.96, name="BiasAdd")
        sess.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(sess, f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        return {"y": str(sess.run(graph.get_tensor_by_name("fc1:0"), {"X:0": 0.0}))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        inside = [operation for operation in graph.get_operations() if operation.name.startswith("fc1/")]
        outputs = [o.name for o in inside if o.type in ("Add", "AddV2", "BiasAdd")]
        return {
            "additions in the scope fc1": ", ".join(outputs),
            "y at x = 0": str(sess.run(f"{outputs[0]}:0", {"X:0": 0.0})),
        }
