"""How long a sweep takes, and how much disk: by what the runs of sweeps took on this server."""

from __future__ import annotations

from dataclasses import dataclass

from core.run.manifest import FINISHED
from core.run.runs import Runs
from core.settings import TrainSettings
from core.sweep.grid import Grid

NEWEST = 300  # runs that are looked at: machines and their load change


@dataclass(frozen=True)
class Rates:
    """What one unit of work takes one worker.

    The defaults are of a machine with two cores of the year 2023. What is measured has the same proportions.

    Attributes:
        run: seconds of starting and ending a run.
        update: of one update of the optimizer.
        checkpoint: of all else that comes with an iteration.
        bytes: disk space of one kept checkpoint, its share of the run's other files included.
        cells: how many runs these come from; 0 for the defaults.
    """

    run: float = 0.1
    update: float = 5e-6
    checkpoint: float = 1.5e-3
    bytes: float = 9_000.0
    cells: int = 0

    def seconds(self, train: TrainSettings, samples: int) -> float:
        """What a run of so many samples takes."""
        updates = -(-samples // min(train.batch or samples, samples))
        return self.run + train.iterations * (self.checkpoint + updates * self.update)

    def size(self, train: TrainSettings) -> float:
        """Bytes that it leaves: one checkpoint an iteration and `model_final`, if none is deleted."""
        most = train.iterations + 1
        return self.bytes * (most if train.max_to_keep is None else min(most, train.max_to_keep))


@dataclass(frozen=True)
class Estimate:
    """What a sweep is going to take: runs, seconds with so many workers, bytes of disk."""

    runs: int
    seconds: float
    bytes: float
    measured: bool


def estimate(grid: Grid, rates: Rates, workers: int, samples: int = 0) -> Estimate:
    """What the whole grid takes.

    Args:
        workers: that train at once.
        samples: of the user's own points, where the grid has no settings of data.
    """
    cells = grid.cells()
    seconds = sum(rates.seconds(cell.train, cell.data.samples if cell.data else samples) for cell in cells)
    size = sum(rates.size(cell.train) for cell in cells)
    return Estimate(len(cells), seconds / max(1, min(workers, len(cells))), size, rates.cells > 0)


def measured_rates(runs: Runs) -> Rates:
    """What the cells that this server trained last took, beside what the defaults foretell of them."""
    usual = Rates()
    cells = [
        (each, each.data.samples)
        for each in (entry.manifest for entry in runs.index.entries(most=NEWEST))
        if each.sweep and each.status == FINISHED and each.data is not None
    ]
    if not cells:
        return usual
    slower = sum(each.seconds for each, _ in cells) / sum(
        usual.seconds(each.train, samples) for each, samples in cells
    )
    larger = sum(each.bytes for each, _ in cells) / sum(usual.size(each.train) for each, _ in cells)
    return Rates(
        usual.run * slower, usual.update * slower, usual.checkpoint * slower, usual.bytes * larger, len(cells)
    )
