"""Saver's way back: import the graph from `.meta`, restore the values, read and predict."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.compare.comparison import Restored
from core.run.runs import Run
from core.tf.model import session

v1 = tf.compat.v1


def import_graph(prefix: Path) -> tuple[tf.Graph, Any]:
    """The graph that `prefix.meta` describes, and a Saver that knows its variables."""
    graph = tf.Graph()
    with graph.as_default():
        saver = v1.train.import_meta_graph(f"{prefix}.meta")
    return graph, saver


def restore_values(saver: Any, opened: Any, prefix: Path) -> dict[str, np.float32]:
    """Restore `prefix` into the session's graph and read every variable back."""
    saver.restore(opened, str(prefix))
    return opened.run({each.op.name: each for each in v1.global_variables()})


def predict(opened: Any, x: np.ndarray) -> np.ndarray:
    """Feed x (float32, any shape) to the graph's placeholder; the prediction, the same shape."""
    return opened.run("prediction:0", {"X:0": x})


def restore_checkpoint(run: Run, name: str) -> Restored:
    """Restore checkpoint `name` of a run into a graph and session of its own.

    Raises:
        CheckpointError: a file is missing, or is not the one that the run wrote.
        tf.errors.OpError: TensorFlow cannot restore it.
    """
    run.verify(name)
    prefix = run.checkpoints / name
    began = time.perf_counter()
    try:
        graph, saver = import_graph(prefix)
        with session(graph) as opened:
            values = restore_values(saver, opened, prefix)
    except (tf.errors.OpError, OSError, ValueError):
        run.verify(name)  # if retention has deleted it meanwhile, that is what to say
        raise
    elapsed = time.perf_counter() - began
    return Restored(name, {key: float(value) for key, value in values.items()}, 1e3 * elapsed)
