"""Card 10: resuming without the optimizer's own variables."""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model

GROUP = "silent"
TITLE = "Training continues differently after a restore"
ERROR = None
MESSAGE = "Momentum, resumed equals uninterrupted: False"
WHY = (
    "Momentum and Adam remember earlier gradients in slot variables, and Adam also its powers. Those "
    "that were not saved start from their initial values."
)
CHECK = (
    "`optimizer.variables()` lists what the optimizer remembers. If "
    "`tf.train.list_variables(prefix)` lacks these names, it is this."
)
FIX = "Save and restore all variables: `Saver()` without a list includes the slots."
MORE = (
    "Gradient descent has no slots, so nothing changes. Here Momentum has 2 slots, and Adam 4 slots "
    "and two powers."
)
SEARCH = (
    "loss jumps after restoring a checkpoint",
    "optimizer state is not restored",
    "slot variables missing from the checkpoint",
)
RELATED = ("optimizer_changed", "keras_slots_lost", "epoch_restarts", "resume")
SHOWS = {
    "fail": (
        "GradientDescent, h uninterrupted and resumed",
        "GradientDescent, resumed equals uninterrupted",
        "Momentum, h uninterrupted and resumed",
        "Momentum, resumed equals uninterrupted",
        "Adam, h uninterrupted and resumed",
        "Adam, resumed equals uninterrupted",
    ),
    "fix": (
        "GradientDescent, h uninterrupted and resumed",
        "GradientDescent, resumed equals uninterrupted",
        "Momentum, h uninterrupted and resumed",
        "Momentum, resumed equals uninterrupted",
        "Adam, h uninterrupted and resumed",
        "Adam, resumed equals uninterrupted",
    ),
}

OPTIMIZERS: dict[str, Callable[[], tf.compat.v1.train.Optimizer]] = {
    "GradientDescent": lambda: tf.compat.v1.train.GradientDescentOptimizer(0.05),
    "Momentum": lambda: tf.compat.v1.train.MomentumOptimizer(0.05, 0.9),
    "Adam": lambda: tf.compat.v1.train.AdamOptimizer(0.05),
}


def train(name: str, steps: int, all_variables: bool, load: str = "", save: str = "") -> str:
    """Restore `load`, take steps, save as `save`; with all variables or the two estimates."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        cost = tf.square(h_est - 1.0) + tf.square(v_est + 2.0)
        step = OPTIMIZERS[name]().minimize(cost)
        saver = tf.compat.v1.train.Saver(None if all_variables else [h_est, v_est])
        sess.run(tf.compat.v1.global_variables_initializer())
        if load:
            saver.restore(sess, load)
        for _ in range(steps):
            sess.run(step)
        if save:
            saver.save(sess, save)
        return str(sess.run(h_est))


def fail(directory: Path) -> Seen:
    seen = {}
    for name in OPTIMIZERS:
        straight = train(name, steps=10, all_variables=False)
        train(name, steps=5, all_variables=False, save=f"{directory}/{name}")
        resumed = train(name, steps=5, all_variables=False, load=f"{directory}/{name}")
        seen[f"{name}, h uninterrupted and resumed"] = f"{straight}, {resumed}"
        seen[f"{name}, resumed equals uninterrupted"] = str(resumed == straight)
    return seen


def fix(directory: Path) -> Seen:
    seen = {}
    for name in OPTIMIZERS:
        straight = train(name, steps=10, all_variables=True)
        train(name, steps=5, all_variables=True, save=f"{directory}/{name}")
        resumed = train(name, steps=5, all_variables=True, load=f"{directory}/{name}")
        seen[f"{name}, h uninterrupted and resumed"] = f"{straight}, {resumed}"
        seen[f"{name}, resumed equals uninterrupted"] = str(resumed == straight)
    return seen
