"""Saver's way back: import the graph from `.meta`, restore the values, read and predict."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.comparison import Restored
from core.runs import Run
from core.tensor_bundle import DATA, INDEX, META, CheckpointError
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
    verify(run, name)
    prefix = run.checkpoints / name
    began = time.perf_counter()
    try:
        graph, saver = import_graph(prefix)
        with session(graph) as opened:
            values = restore_values(saver, opened, prefix)
    except (tf.errors.OpError, OSError, ValueError):
        verify(run, name)  # if retention has deleted it meanwhile, that is what to say
        raise
    elapsed = time.perf_counter() - began
    return Restored(name, {key: float(value) for key, value in values.items()}, 1e3 * elapsed)


def verify(run: Run, name: str) -> None:
    """Check the three files against run.json, so that only files of our own reach TensorFlow.

    While training has not ended there are no digests yet, and only the files' presence is checked.

    Raises:
        CheckpointError: a file is missing or was changed.
    """
    digests = run.manifest().sha256
    for suffix in (META, INDEX, DATA):
        path = run.checkpoints / (name + suffix)
        if not path.is_file():
            raise CheckpointError(f"{path.name} is missing, so {name} cannot be restored.")
        written = digests.get(path.relative_to(run.directory).as_posix())
        if digests and hashlib.sha256(path.read_bytes()).hexdigest() != written:
            raise CheckpointError(
                f"{path.name} is not the file that this run wrote (its SHA-256 differs from "
                "run.json), so it is not handed to TensorFlow."
            )
