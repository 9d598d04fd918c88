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
    "A graph is imported, and the output of its layer `fc1` is fetched by name: "
    "`get_tensor_by_name('fc1:0')`. The name of a layer is only the beginning of the names of its "
    "operations: the result may be `fc1/BiasAdd`, with a scope before it. An import puts `import/` "
    "before every name unless it gets `name=''`. And a graph of another model, or an empty one, has "
    "other names altogether."
)
CHECK = (
    "Name inputs and outputs when building: `tf.identity(y, name='prediction')`; better, export a signature."
)
FIX = "List the operations of the graph, and take the name from the list; `:0` is the first output of one."
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
