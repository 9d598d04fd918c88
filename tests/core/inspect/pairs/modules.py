"""Objects of TensorFlow 2 from a description that is plain data, with `tf.train.Checkpoint`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tests.core.inspect.pairs.keras_models import _numbers as numbers

Arch = Mapping[str, Any]


def made(arch: Arch, seed: int) -> Any:
    """A tree of modules: [shape, dtype] is a variable, a mapping a module, a list of mappings a list."""
    random = np.random.default_rng(seed)
    shared: dict[str, Any] = {}

    def module(tree: Mapping[str, Any]) -> Any:
        each = tf.Module()
        for name, inside in tree.items():
            if isinstance(inside, Mapping):
                setattr(each, name, module(inside))
            elif isinstance(inside, str):
                setattr(each, name, shared[inside])
            elif inside and isinstance(inside[0], Mapping):
                setattr(each, name, [module(part) for part in inside])
            else:
                shape, dtype = inside
                shared[name] = tf.Variable(numbers(random, tuple(shape), dtype), name=name)
                setattr(each, name, shared[name])
        return each

    return module(arch["tree"])


def checkpoint(arch: Arch, module: Any) -> Any:
    """The Checkpoint that saves or restores it: of the module itself, or as its child."""
    if arch.get("root", "root") == "root":
        return tf.train.Checkpoint(module)
    return tf.train.Checkpoint(**{arch["root"]: module})


def save(arch: Arch, module: Any, kind: str, folder: str, name: str) -> str:
    """Write it; the path below the folder."""
    path = os.path.join(folder, name)
    if kind == "saved_model":
        tf.saved_model.save(module, path)
        return name
    if arch.get("counter"):
        return os.path.basename(checkpoint(arch, module).save(path))
    checkpoint(arch, module).write(path)
    return name


def variables(module: Any) -> dict[str, Any]:
    """Every variable by its path, each once."""
    found: dict[int, tuple[str, Any]] = {}
    waiting = [("", module)]
    while waiting:
        path, each = waiting.pop(0)
        for name, child in each._trackable_children().items():
            inside = f"{path}/{name}" if path else name
            if isinstance(child, tf.Variable):
                found.setdefault(id(child), (inside, child))
            elif hasattr(child, "_trackable_children"):
                waiting.append((inside, child))
    return dict(found.values())
