"""The reference recipe's own script, written out independently: one `session.run` a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.checkpoint import H, V

v1 = tf.compat.v1

OPTIMIZERS = {
    "gradient descent": lambda rate: v1.train.GradientDescentOptimizer(rate),
    "Momentum": lambda rate: v1.train.MomentumOptimizer(rate, 0.9),
    "Nesterov momentum": lambda rate: v1.train.MomentumOptimizer(rate, 0.9, use_nesterov=True),
    "Adagrad": lambda rate: v1.train.AdagradOptimizer(rate),
    "RMSProp": lambda rate: v1.train.RMSPropOptimizer(rate),
    "Adam": lambda rate: v1.train.AdamOptimizer(rate),
}


def run_recipe(
    x: np.ndarray,
    y: np.ndarray,
    optimizer: str = "gradient descent",
    iterations: int = 100,
    rate: float = 0.001,
    directory: Path | None = None,
    max_to_keep: int | None = None,
    each_update_of: int | None = None,
) -> np.ndarray:
    """(h, v) after every iteration, float32 [iterations, 2]; saves as the recipe does, if asked.

    Args:
        each_update_of: the iteration in which `model_update-N` is saved too, after its N-th update.
    """
    found = []
    graph = tf.Graph()
    with graph.as_default():
        X = v1.placeholder(tf.float32, name="X")
        Y = v1.placeholder(tf.float32, name="Y")
        h_est = v1.Variable(0.0, name="hor_estimate", use_resource=False)
        v_est = v1.Variable(0.0, name="ver_estimate", use_resource=False)
        cost = tf.square(Y - (tf.square(X - h_est) + v_est))
        trainer = OPTIMIZERS[optimizer](rate).minimize(cost)
        saver = v1.train.Saver(max_to_keep=max_to_keep)
        updates = v1.train.Saver(max_to_keep=None)
        with v1.Session(graph=graph) as session:
            session.run(v1.global_variables_initializer())
            for iteration in range(iterations):
                for number, (one_x, one_y) in enumerate(zip(x, y, strict=True), 1):
                    session.run(trainer, {X: one_x, Y: one_y})
                    if directory is not None and iteration == each_update_of:
                        updates.save(session, str(directory / "model_update"), global_step=number)
                found.append(session.run([h_est, v_est]))
                if directory is not None:
                    saver.save(session, str(directory / "model_iter"), global_step=iteration)
            if directory is not None:
                saver.save(session, str(directory / "model_final"))
    return np.array(found, np.float32)


def recipe_loop(
    optimizer: str, points: Any, iterations: int, start: dict[str, np.ndarray] | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The recipe's loop with reference variables: h, v a row after each iteration, and all at the end."""
    with tf.Graph().as_default(), v1.Session() as session:
        X, Y = v1.placeholder(tf.float32), v1.placeholder(tf.float32)
        h = v1.Variable(0.0, name=H, use_resource=False)
        v = v1.Variable(0.0, name=V, use_resource=False)
        step = OPTIMIZERS[optimizer](0.001).minimize(tf.square(Y - (tf.square(X - h) + v)))
        session.run(v1.global_variables_initializer())
        for variable in v1.global_variables():
            if start and variable.op.name in start:
                variable.load(start[variable.op.name], session)
        rows = []
        for _ in range(iterations):
            for x, y in zip(points.x, points.y, strict=True):
                session.run(step, {X: x, Y: y})
            rows.append(session.run([h, v]))
        end = session.run({each.op.name: each for each in v1.global_variables()})
    return np.array(rows, np.float32), end
