"""Card 29: the same variables under other names."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "The variables have other names or another scope than in the checkpoint"
ERROR = "NotFoundError"
MESSAGE = "Key parabola/hor_estimate not found in checkpoint"
WHY = (
    "`Saver` finds a value by the full name of its variable, including the scope. The checkpoint has "
    "`hor_estimate`, and the graph asks for `parabola/hor_estimate`."
)
CHECK = (
    "Compare `tf.train.list_variables(prefix)` with the names of `tf.compat.v1.global_variables()`. "
    "The same names with another scope are this."
)
FIX = (
    "Give `Saver` a dict: the name in the checkpoint on the left, the variable on the right. For "
    "weights of another model, take only the names that both have."
)
MORE = "`Saver` stops at the first missing name. If no name agrees, the checkpoint is of another model."
SEARCH = ("variable scope differs from the checkpoint, rename variables",)
CAUSES = (
    {
        "message": "Key {key} not found in checkpoint",
        "ask": "Does the checkpoint have the variable under another name, perhaps without a scope?",
    },
    {
        "message": 'Tensor name "{key}" not found in checkpoint files',
        "ask": "Does the checkpoint have the variable under another name?",
    },
    {
        "message": "Restoring from checkpoint failed. This is most likely due to {reason} from the checkpoint. Please ensure that you have not altered the graph",
        "when": {"reason": "Variable name"},
        "ask": "Does the checkpoint have the variable under another name?",
    },
)
RELATED = ("optimizer_changed", "graph_built_twice", "other_graph", "inspect", "files")
SHOWS = {
    "fail": (),
    "fix": ("names in the checkpoint", "names in the graph", "h, v through the dict"),
}
YOURS = """# Which names in the checkpoint end like yours?
print([name for name, _ in tf.train.list_variables(prefix) if name.endswith({last})])
variables = {{v.op.name: v for v in tf.compat.v1.global_variables()}}
variables["the name that you found"] = variables.pop({key})  # repeat for each that differs
saver = tf.compat.v1.train.Saver(variables)"""


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        with tf.compat.v1.variable_scope("parabola"):
            h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    prefix = f"{directory}/model_final"
    stored = [name for name, _ in tf.train.list_variables(prefix)]
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        with tf.compat.v1.variable_scope("parabola"):
            h_est, v_est = model()
        wanted = [variable.op.name for variable in tf.compat.v1.global_variables()]
        by_name = {v.op.name.removeprefix("parabola/"): v for v in tf.compat.v1.global_variables()}
        tf.compat.v1.train.Saver(by_name).restore(sess, prefix)
        return {
            "names in the checkpoint": ", ".join(stored),
            "names in the graph": ", ".join(wanted),
            "h, v through the dict": shown(sess.run([h_est, v_est])),
        }
