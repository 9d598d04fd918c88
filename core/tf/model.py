"""The recipe's graph: a parabola with two variables, its cost and its optimizer.

Beside the recipe's own `train` operation, which takes one fed sample, the graph holds `epoch`: the
same update inside one `tf.while_loop` over all samples. An iteration is then one `session.run` in
place of 201, and gives every variable the same bits: `prepared` computes as TensorFlow's own threads do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from core.checkpoint import H, V
from core.settings import TrainSettings
from core.tf.denormals import can_flush, flushed
from core.training.optimizers import optimizer

v1 = tf.compat.v1


@dataclass(frozen=True, eq=False)
class Model:
    """A graph and the names in it that others need.

    Attributes:
        X, Y: placeholders, float32, any shape; the recipe feeds one sample at a time.
        prediction: (X - h)² + v, the shape of X.
        cost: (Y - prediction)², its mean where several samples are fed.
        train: one update of the optimizer for what is fed to X and Y.
        h, v: the variables `hor_estimate` and `ver_estimate`, float32 scalars.
        xs, ys: placeholders, float32 [samples], for `epoch`.
        epoch: (h, v) after one pass over xs, ys in their order.
        init: sets every variable, slots included, to its start.
    """

    graph: tf.Graph
    X: tf.Tensor
    Y: tf.Tensor
    prediction: tf.Tensor
    cost: tf.Tensor
    train: tf.Operation
    h: Any
    v: Any
    xs: tf.Tensor
    ys: tf.Tensor
    epoch: tuple[tf.Tensor, tf.Tensor]
    init: tf.Operation


def build(settings: TrainSettings) -> Model:
    """The model in a graph of its own.

    Source: the recipe. Resource variables, because a `tf.while_loop` can carry no others.
    """
    graph = tf.Graph()
    with graph.as_default():
        X = v1.placeholder(tf.float32, name="X")
        Y = v1.placeholder(tf.float32, name="Y")
        h = v1.Variable(0.0, name=H, use_resource=True)
        v = v1.Variable(0.0, name=V, use_resource=True)
        prediction = tf.add(tf.square(X - h), v, name="prediction")
        cost = tf.reduce_mean(tf.square(Y - prediction), name="cost")
        rule = make_optimizer(settings)
        train = rule.minimize(cost, name="train")

        xs = v1.placeholder(tf.float32, [None], name="xs")
        ys = v1.placeholder(tf.float32, [None], name="ys")
        samples = tf.size(xs)
        batch = tf.minimum(settings.batch or samples, samples)

        def update(start: tf.Tensor) -> tf.Tensor:
            if settings.batch == 1:
                x, y = tf.gather(xs, start), tf.gather(ys, start)
            else:
                x, y = xs[start : start + batch], ys[start : start + batch]
            loss = tf.square(y - (tf.square(x - h) + v))
            if settings.batch != 1:
                loss = tf.reduce_mean(loss)
            with tf.control_dependencies([rule.minimize(loss)]):
                return start + batch

        with tf.name_scope("epoch"):
            end = v1.while_loop(
                lambda start: start < samples, update, [tf.constant(0)], parallel_iterations=1
            )
            with tf.control_dependencies([end]):
                epoch = (h.read_value(), v.read_value())
        # The loop's update lives in the loop's own graph; a `.meta` that listed it here could not be
        # imported.
        del v1.get_collection_ref(v1.GraphKeys.TRAIN_OP)[1:]
        _keep_loops_whole(graph)
        init = v1.global_variables_initializer()
    return Model(graph, X, Y, prediction, cost, train, h, v, xs, ys, epoch, init)


def make_optimizer(settings: TrainSettings) -> Any:
    """The `tf.compat.v1` optimizer that the settings name.

    Raises:
        UnknownOptimizer: `core.training.optimizers` has none of this name.
    """
    return optimizer(settings.optimizer).tensorflow.make(v1.train, settings)


@contextmanager
def session(graph: tf.Graph, *, chain: bool = False) -> Iterator[Any]:
    """A session on `graph`, which is also this thread's default graph until both are closed.

    Args:
        chain: the graph is one chain of tiny operations, as `build` makes it, so use TensorFlow's
            single-threaded executor: handing each operation from thread to thread takes longer
            than computing it (half the time, measured). It refuses reference variables. It computes in
            the caller's thread, so where that cannot flush denormals, the ordinary executor is used.
    """
    with graph.as_default(), new_session(graph, chain=chain) as opened:
        yield opened


def new_session(graph: tf.Graph, *, chain: bool = False) -> Any:
    """A session as `session` opens it, which stays open."""
    config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    if chain and can_flush():
        config.experimental.executor_type = "SINGLE_THREADED_EXECUTOR"
    return v1.Session(graph=graph, config=config)


def prepared(opened: Any, feeds: list[str], fetches: list[str]) -> Callable[..., Any]:
    """A function of arrays that runs the session with them, checked and looked up once, not at each call.

    What trains a model calls it by this: it flushes denormals, as the threads of the ordinary executor do.
    The public `make_callable` looks everything up again as soon as something is fed; a Python of 0.2 ms
    around a computation of 0.8.
    """
    options = config_pb2.CallableOptions(feed=feeds, fetch=fetches)
    run = opened._make_callable_from_options(options)

    def flushing(*arrays: Any) -> Any:
        with flushed():
            return run(*arrays)

    return flushing if can_flush() else run


def epoch_of(opened: Any, model: Model) -> Callable[..., Any]:
    """A function of xs and ys, float32 [samples], that trains on them in their order; (h, v) after it."""
    return prepared(opened, [model.xs.name, model.ys.name], [each.name for each in model.epoch])


def _keep_loops_whole(graph: tf.Graph) -> None:
    """Keep each while loop one operation, as the single-threaded executor needs it.

    TensorFlow otherwise takes it apart into switches and merges when the session starts
    (control_flow_util_v2.maybe_set_lowering_attr). No public call sets the attribute on one loop.
    """
    for operation in graph.get_operations():
        if operation.type == "While":
            operation._set_attr("_lower_using_switch_merge", v1.AttrValue(b=False))
