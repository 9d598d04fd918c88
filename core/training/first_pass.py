"""The first pass of a run, update by update: from checkpoints that a Saver wrote inside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core import data
from core.checkpoint import DATA, INDEX, UPDATE
from core.data import Sample
from core.history.history import row_of
from core.run.manifest import Manifest
from core.run.runs import FIRST_PASS, Run
from core.settings import TrainSettings

MOST = 2_000  # updates that are saved: each leaves two files, and the slider has no more places than pixels


@dataclass(frozen=True, eq=False)
class FirstPass:
    """What stood after each update of a run's first pass.

    Attributes:
        h, v: float32 [updates].
        cost: mean squared error on the run's data, float64 [updates], units of y².
    """

    h: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    cost: npt.NDArray[np.float64]


def updates_of(train: TrainSettings, samples: int) -> int:
    """How many updates one pass over so many samples makes."""
    return -(-samples // batch_of(train, samples))


def batch_of(train: TrainSettings, samples: int) -> int:
    """How many of so many samples one update follows."""
    return min(train.batch or samples, samples)


def is_watchable(train: TrainSettings, samples: int) -> bool:
    """Whether the updates of the first iteration can be saved one by one."""
    return 1 < updates_of(train, samples) <= MOST


def first_iteration(manifest: Manifest) -> int:
    """The iteration that the first pass is; a fork counts on from its parent's."""
    return 0 if manifest.parent is None else manifest.parent.iteration + 1


def read_first_pass(run: Run, sample: Sample) -> FirstPass | None:
    """Read the checkpoints of the first pass, as many as there are; None where none were saved.

    Raises:
        CheckpointError: one cannot be read, or is not the one that was written.
        RunNotFound: the run is gone.
    """
    if not run.first_pass.is_dir():
        return None
    there = sum(1 for _ in run.first_pass.glob(f"{UPDATE}-*{INDEX}"))
    if not there:
        return None
    names = [f"{UPDATE}-{update}" for update in range(1, there + 1)]
    recorded = run.recorded([f"{FIRST_PASS}/{name}{suffix}" for name in names for suffix in (INDEX, DATA)])
    rows = [row_of(run, FIRST_PASS, name, recorded) for name in names]
    h, v = (np.array([row[name] for row in rows], np.float32) for name in ("h", "v"))
    known = int(np.cumprod(np.isfinite(h) & np.isfinite(v)).sum())  # what runs away has no place in a picture
    with np.errstate(over="ignore"):
        return FirstPass(h[:known], v[:known], data.cost(sample, h[:known], v[:known]))
