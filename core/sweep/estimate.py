"""How fast this server trains, and what a checkpoint takes on its disk: measured by the sweeps themselves."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from core.run.manifest import ManifestError, decoded
from core.storage import read_own, write_atomically
from core.sweep.grid import Cell, Grid

FILE = "rates.json"  # beside the sweeps' directories

_LARGEST = 10_000  # bytes


@dataclass(frozen=True)
class Rates:
    """What one unit of work takes one worker.

    The defaults are of a machine with two cores of the year 2023, and serve until a sweep has been measured.

    Attributes:
        update: seconds of one update of the optimizer.
        checkpoint: seconds of all else that comes with an iteration, its share of starting and ending a run
            included.
        bytes: disk space of one kept checkpoint, its share of the run's other files included.
        cells: how many runs these come from; 0 for the defaults.
    """

    update: float = 5e-6
    checkpoint: float = 1.5e-3
    bytes: float = 9_000.0
    cells: int = 0


@dataclass(frozen=True)
class Estimate:
    """What a sweep is going to take: runs, seconds with so many workers, bytes of disk."""

    runs: int
    seconds: float
    bytes: float
    measured: bool


def updates(cell: Cell, samples: int) -> int:
    """How many updates an iteration of this cell makes, over so many samples."""
    batch = min(cell.train.batch or samples, samples)
    return -(-samples // batch)


def kept(cell: Cell) -> int:
    """How many checkpoints stay: one an iteration and `model_final`, if none is deleted."""
    most = cell.train.iterations + 1
    return most if cell.train.max_to_keep is None else min(most, cell.train.max_to_keep)


def estimate(grid: Grid, rates: Rates, workers: int, samples: int = 0) -> Estimate:
    """What the whole grid takes.

    Args:
        workers: that train at once.
        samples: of the user's own points, where the grid has no settings of data.
    """
    seconds = size = 0.0
    cells = grid.cells()
    for cell in cells:
        points = cell.data.samples if cell.data else samples
        seconds += cell.train.iterations * (rates.checkpoint + updates(cell, points) * rates.update)
        size += kept(cell) * rates.bytes
    return Estimate(len(cells), seconds / max(1, min(workers, len(cells))), size, rates.cells > 0)


def read_rates(folder: Path) -> Rates:
    """What was measured on this server; the defaults if nothing was, or it cannot be understood."""
    with contextlib.suppress(OSError, ManifestError, TypeError, ValueError):
        values = decoded(read_own(folder / FILE, _LARGEST))
        if isinstance(values, dict):
            rates = Rates(**values)
            numbers = [float(value) for value in asdict(rates).values()]
            if all(math.isfinite(number) and number > 0 for number in numbers):
                return rates
    return Rates()


def write_rates(folder: Path, rates: Rates) -> None:
    """Keep what was measured; the newest counts, because machines and their load change.

    Raises:
        OSError: the disk does not take it.
    """
    write_atomically(folder / FILE, json.dumps(asdict(rates)).encode())


@dataclass
class Measured:
    """Adds up what the cells of one job take, as they end."""

    cells: int = 0
    iterations: int = 0
    updates: int = 0
    checkpoints: int = 0
    seconds: float = 0.0
    bytes: int = 0

    def add(self, cell: Cell, samples: int, seconds: float, size: int) -> None:
        """One finished cell."""
        self.cells += 1
        self.iterations += cell.train.iterations
        self.updates += cell.train.iterations * updates(cell, samples)
        self.checkpoints += kept(cell)
        self.seconds += seconds
        self.bytes += size

    def rates(self, epochs: float) -> Rates | None:
        """What a unit took, given the seconds spent in passes over samples; None if nothing was measured."""
        if not self.cells:
            return None
        rest = max(1e-6, (self.seconds - epochs) / self.iterations)
        return Rates(max(1e-9, epochs / self.updates), rest, self.bytes / self.checkpoints, self.cells)
