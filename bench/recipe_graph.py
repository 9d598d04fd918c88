"""The recipe's graph alone, for measuring a plain Saver on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

v1 = tf.compat.v1


@contextmanager
def recipe_session() -> Iterator[tuple[Any, Any, list[Any]]]:
    """A session on the recipe's graph, a Saver that keeps everything, and the two variables."""
    graph = tf.Graph()
    with graph.as_default():
        X = v1.placeholder(tf.float32, name="X")
        Y = v1.placeholder(tf.float32, name="Y")
        h = v1.Variable(0.0, name="hor_estimate", use_resource=False)
        v = v1.Variable(0.0, name="ver_estimate", use_resource=False)
        cost = tf.square(Y - (tf.square(X - h) + v))
        v1.train.GradientDescentOptimizer(0.001).minimize(cost)
        saver = v1.train.Saver(max_to_keep=None)
        with v1.Session(graph=graph) as session:
            session.run(v1.global_variables_initializer())
            yield session, saver, [h, v]
