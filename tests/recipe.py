"""The reference recipe's own script, written out independently: one `session.run` a sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1

OPTIMIZERS = {
    "gradient descent": lambda rate: v1.train.GradientDescentOptimizer(rate),
    "Momentum": lambda rate: v1.train.MomentumOptimizer(rate, 0.9),
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
) -> np.ndarray:
    """(h, v) after every iteration, float32 [iterations, 2]; saves as the recipe does, if asked."""
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
        with v1.Session(graph=graph) as session:
            session.run(v1.global_variables_initializer())
            for iteration in range(iterations):
                for one_x, one_y in zip(x, y, strict=True):
                    session.run(trainer, {X: one_x, Y: one_y})
                found.append(session.run([h_est, v_est]))
                if directory is not None:
                    saver.save(session, str(directory / "model_iter"), global_step=iteration)
            if directory is not None:
                saver.save(session, str(directory / "model_final"))
    return np.array(found, np.float32)
