"""What a training's variables start from: their initial values, or a parent's checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.bundle import read_index
from core.checkpoint import INDEX, CheckpointError, files_of
from core.run.runs import START, Run
from core.settings import TrainSettings
from core.tf.model import Model, build, session
from core.training.step import TrainingError

v1 = tf.compat.v1


def begin(opened: Any, run: Run, model: Model, settings: TrainSettings) -> int:
    """Set every variable to its start; the first iteration to train.

    A fork's variables start from the parent's checkpoint as far as it has them; slots of another
    optimizer start fresh.

    Raises:
        TrainingError: the parent's checkpoint is missing or damaged.
    """
    opened.run(model.init)
    parent = run.manifest().parent
    if parent is None:
        return 0
    prefixes = [path.with_suffix("") for path in run.start.glob("*" + INDEX)]
    try:
        if not prefixes:
            raise CheckpointError("its folder start/ has no checkpoint.")
        run.contents([f"{START}/{file}" for file in files_of(prefixes[0].name)])
        values = restore_shared(prefixes[0], settings)
    except (CheckpointError, tf.errors.OpError) as error:
        raise TrainingError(
            f"This run is {parent.words()}, and what it starts from cannot be read: {reason_of(error)}."
        ) from error
    for variable in v1.global_variables():
        if variable.op.name in values:
            variable.load(values[variable.op.name], opened)
    return parent.iteration + 1


def restore_shared(prefix: Path, settings: TrainSettings) -> dict[str, np.float32]:
    """Restore those variables of the model that checkpoint `prefix` holds, with a Saver of their own.

    In a graph of its own, so that this Saver's operations do not end up in the run's `.meta`.

    Raises:
        CheckpointError: the index cannot be read.
        tf.errors.OpError: TensorFlow cannot restore it.
    """
    held = {entry.name for entry in read_index(prefix)}
    model = build(settings)
    with session(model.graph, chain=True) as opened:
        shared = {each.op.name: each for each in v1.global_variables() if each.op.name in held}
        v1.train.Saver([*shared.values()]).restore(opened, str(prefix))
        return opened.run(shared)


def reason_of(error: Exception) -> str:
    """What an exception says, in a few words: TensorFlow puts a heading before it, and the path."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith("Graph execution error")]
    return (telling or [type(error).__name__])[0].rpartition("; ")[2].rstrip(".")
