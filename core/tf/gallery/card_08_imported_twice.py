"""Card 8: import_meta_graph into a graph that has the model already."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, names, save_trained

GROUP = "error"
TITLE = "import_meta_graph was called twice"
ERROR = "ValueError"
MESSAGE = "At least two variables have the same name: hor_estimate"
WHY = (
    "`import_meta_graph` adds to the default graph and replaces nothing. After a second import, two "
    "variables have one name, and the next `Saver` refuses."
)
CHECK = (
    "Count `tf.compat.v1.global_variables()` after the import. This model has 2; if there are 4, it "
    "is in the graph twice."
)
FIX = "Import once, into a fresh graph: `with tf.Graph().as_default():`."
MORE = (
    "Restoring works, because resource variables of one name share their value. A second reference "
    "variable is called `hor_estimate_1` and gets no value: `Attempting to use uninitialized value`."
)
SEARCH = (
    "import_meta_graph twice",
    "import_meta_graph after building the model, uninitialized value biases_1",
)
CAUSES = (
    {
        "message": "At least two variables have the same name: {name}",
        "ask": "Was import_meta_graph called twice, or after the model was built by code?",
    },
    {
        "message": "Attempting to use uninitialized value {key}",
        "when": {"key": r"(?<!/Adam)(?<!Variable)(?<!Momentum)_\d+$"},
        "ask": "Does the name end in _1, and was the graph imported into one that already had the model?",
    },
)
RELATED = ("graph_built_twice", "uninitialized", "files")
SHOWS = {
    "fail": (),
    "fix": ("variables in the graph", "saved", "h, v in it"),
}


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")  # no complaint here
        saver = tf.compat.v1.train.Saver()
        saver.save(sess, f"{directory}/model_iter", global_step=100)
        return {"files": names(sorted(directory.iterdir()))}


def fix(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saver = tf.compat.v1.train.import_meta_graph(f"{directory}/model_final.meta")
        saver.restore(sess, f"{directory}/model_final")
        variables = tf.compat.v1.global_variables()
        saver = tf.compat.v1.train.Saver()
        path = saver.save(sess, f"{directory}/model_iter", global_step=100)
        return {
            "variables in the graph": ", ".join(variable.name for variable in variables),
            "saved": Path(path).name,
            "h, v in it": ", ".join(str(tf.train.load_variable(path, v.op.name)) for v in variables),
        }
