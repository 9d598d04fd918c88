"""Jobs for the worker that go deeper: interrupting and resuming, and the matrix of all ways.

As in `core.jobs`, TensorFlow is imported inside the functions, in the worker.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.runs import Run
from core.settings import TrainSettings

if TYPE_CHECKING:
    from core.matrix import Matrix
    from core.resuming import Interruption


def interrupt(directory: str, train: TrainSettings, step: int, kill: bool) -> Interruption:
    """Interrupt a training on a run's points and go on, as `core.tf.resuming` does.

    Raises:
        ResumingError: this training cannot be done.
    """
    from core.resuming import ResumingError
    from core.tf.resuming import interrupt
    from core.tf.training import TrainingError

    try:
        return interrupt(Run(Path(directory)), train, step, kill)
    except TrainingError as error:
        sentence = str(error)
    # Raised outside, so that no exception of a module that imports TensorFlow travels along.
    raise ResumingError(sentence)


def matrix(directory: str, name: str) -> Matrix:
    """Keep and bring back one checkpoint in every way, as `core.tf.matrix` does."""
    from core.tf.matrix import all_ways

    return all_ways(Run(Path(directory)), name)
