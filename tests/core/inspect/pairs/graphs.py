"""Graphs of TensorFlow 1 from a description that is plain data, with a Saver's files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tests.core.inspect.pairs.keras_models import _numbers as numbers

v1 = tf.compat.v1
Arch = Mapping[str, Any]


class Made:
    """A graph with its variables, its Saver and a session."""

    def __init__(self, arch: Arch, seed: int) -> None:
        self.graph = tf.Graph()
        with self.graph.as_default():
            variables = [_variable(each) for each in arch["variables"]]
            if arch.get("optimizer"):
                trained = [v for v in variables if v.dtype.base_dtype.is_floating]
                cost = tf.add_n([tf.cast(tf.reduce_sum(tf.identity(v) ** 2), tf.float32) for v in trained])
                _optimizer(arch["optimizer"]).minimize(cost, var_list=trained)
            self.variables = {v.op.name: v for v in v1.global_variables()}
            write = v1.train.SaverDef.V1 if arch.get("version") == 1 else v1.train.SaverDef.V2
            self.saver = v1.train.Saver(arch.get("names_of") and self._renamed(arch), write_version=write)
            self.session = v1.Session(graph=self.graph)
            self.session.run(v1.global_variables_initializer())
            random = np.random.default_rng(seed)
            for name in sorted(self.variables):
                variable = self.variables[name]
                value = numbers(random, tuple(variable.shape.as_list()), variable.dtype.base_dtype.name)
                variable.load(value, self.session)

    def values(self) -> dict[str, Any]:
        """Every variable's value by its name."""
        return dict(self.session.run(self.variables))

    def save(self, kind: str, folder: str, name: str) -> str:
        """Write it; the path below the folder."""
        path = os.path.join(folder, name)
        with self.graph.as_default():
            if kind == "saved_model":
                builder = v1.saved_model.Builder(path)
                builder.add_meta_graph_and_variables(self.session, ["serve"], {}, strip_default_attrs=True)
                builder.save()
                return name
            if kind == "objects":
                objects = tf.train.Checkpoint(**{f"v{n}": v for n, v in enumerate(self.variables.values())})
                objects.write(path, session=self.session) if False else _write(objects, path, self.session)
                return name
            self.saver.save(self.session, path, write_state=False)
        return f"{name}.meta" if kind == "meta" else name

    def _renamed(self, arch: Arch) -> dict[str, Any]:
        names = arch["names_of"]
        return {names.get(name, name): variable for name, variable in self.variables.items()}


def _write(objects: Any, path: str, session: Any) -> None:
    from tensorflow.python.checkpoint.checkpoint import TrackableSaver
    from tensorflow.python.checkpoint.graph_view import ObjectGraphView

    TrackableSaver(ObjectGraphView(objects)).save(path, session=session)


def _variable(each: Mapping[str, Any]) -> Any:
    initial = tf.zeros(each["shape"], each.get("dtype", "float32"))
    if each.get("slices"):
        return v1.get_variable(
            each["name"],
            each["shape"],
            tf.dtypes.as_dtype(each.get("dtype", "float32")),
            partitioner=tf.compat.v1.fixed_size_partitioner(each["slices"]),
        )
    return v1.Variable(initial, name=each["name"], use_resource=each.get("resource", True))


def _optimizer(kind: str) -> Any:
    return {
        "adam": lambda: v1.train.AdamOptimizer(0.1),
        "momentum": lambda: v1.train.MomentumOptimizer(0.1, 0.9),
        "rmsprop": lambda: v1.train.RMSPropOptimizer(0.1),
        "sgd": lambda: v1.train.GradientDescentOptimizer(0.1),
    }[kind]()
