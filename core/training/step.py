"""What training yields after every iteration, and how it can end early; `core.tf.training` trains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One iteration, told after its checkpoint is on disk.

    Attributes:
        iteration: from 0; an iteration is one pass over all samples.
        h, v: the estimates, float32 values.
        cost: mean squared error over the run's data, in units of y².
        seconds: time that the iteration and its save took.
    """

    iteration: int
    h: float
    v: float
    cost: float
    seconds: float


class TrainingError(Exception):
    """Training cannot go on; the message is one sentence for the user. What was saved stays."""


class Diverged(TrainingError):
    """A value stopped being finite."""


class SaveFailed(TrainingError):
    """TensorFlow could not write a checkpoint."""
