"""Starting, pausing, stopping and deleting sweeps for this visitor."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from core import environment
from core.data import Sample
from core.pool.queue import QueueFull
from core.run.disk import disk_limit
from core.run.manifest import FAILED, PAUSE, PAUSED, QUEUED, RUN, RUNNING, STOPPED, Control
from core.run.runs import Run
from core.sweep.estimate import Estimate, estimate, measured_rates
from core.sweep.folder import Sweep, SweepNotFound, Sweeps
from core.sweep.grid import Grid, SweepError
from core.sweep.results import Results
from pages.ui import services
from pages.ui.state import state

Kind = Literal["waits", "trains", "paused", "stopped", "finished", "interrupted"]


@dataclass(frozen=True)
class Standing:
    """How a sweep stands for this visitor.

    Attributes:
        kind: "waits" in the queue; "trains"; "paused" or "stopped" by its owner; "finished"; "interrupted",
            because the server ended.
        place: in the queue, from 1; 0 when it does not wait.
        mine: whether the visitor made it, so may steer it.
        wish: what its owner wants, which may not have happened yet.
        missing: how many cells failed or were stopped, and can be tried again.
    """

    kind: Kind
    place: int
    mine: bool
    wish: str
    missing: int

    @property
    def moving(self) -> bool:
        """Whether it changes by itself, so that a page has to look again."""
        return self.kind in ("waits", "trains")

    @property
    def can_go_on(self) -> bool:
        """Whether its owner can resume it."""
        return self.kind in ("paused", "stopped", "interrupted") or (
            self.kind == "finished" and self.missing > 0
        )


def sweeps() -> Sweeps:
    """All sweeps of this server."""
    return Sweeps(services.runs())


def cluster() -> bool:
    """Whether the workers are a cluster's, by address."""
    return services.pool().address is not None


def foresee(grid: Grid, sample: Sample) -> Estimate:
    """What the grid takes on this server, with its measured rates.

    Raises:
        SweepError: it is too large for one sweep, or for the disk.
    """
    grid.check_size(cluster())
    found = estimate(grid, measured_rates(services.runs()), services.pool().trainers, len(sample))
    if found.bytes > disk_limit():
        raise SweepError(
            f"These {found.runs} runs would take about {found.bytes / 1e6:,.0f} MB of disk, and all runs "
            f"together may take {disk_limit() / 1e6:,.0f} MB. Take fewer values or iterations, or let "
            f"max_to_keep delete checkpoints ({environment.DISK_MB} sets the limit)."
        )
    return found


def start_sweep(grid: Grid, sample: Sample) -> Sweep:
    """A fresh sweep of this visitor's, queued for training and shown from now on.

    Args:
        sample: the visitor's own points, where the grid has no settings of data.

    Raises:
        SweepError: it is too large.
        QueueFull: this visitor has too many waiting.
        OSError: the disk does not take it.

    After each of them nothing is left behind.
    """
    foresee(grid, sample)
    sweep = sweeps().create(grid, sample if grid.data is None else None, services.owner())
    try:
        _submit(sweep)
    except (QueueFull, OSError):
        with suppress(OSError, SweepNotFound):
            sweeps().delete(sweep.id)
        raise
    state().sweep = sweep.id
    return sweep


def standing_of(sweep: Sweep, results: Results) -> Standing:
    """How `sweep` stands for this visitor."""
    mine = results.record.owner == services.owner()
    place, wish = services.pool().place(sweep.id), sweep.control().wish
    runs = [Run(sweep.runs.root / cell.run) for cell in results.cells if cell.status == RUNNING]
    kind: Kind
    if place == 0 or any(run.is_training() for run in runs):
        kind = "trains"
    elif place:
        kind = "waits"
    elif wish != RUN and results.count(QUEUED, RUNNING, PAUSED, STOPPED):
        kind = "paused" if wish == PAUSE else "stopped"
    elif not results.count(QUEUED, RUNNING):
        kind = "finished"
    else:
        kind = "interrupted"
    return Standing(kind, place or 0, mine, wish, results.count(FAILED, PAUSED, STOPPED))


def resume(sweep: Sweep) -> None:
    """Go on with what is missing.

    Raises:
        QueueFull: this visitor has too many waiting; the sweep is paused.
    """
    sweep.again()
    try:
        _submit(sweep)
    except QueueFull:
        sweep.steer(Control(PAUSE))
        raise


def _submit(sweep: Sweep) -> None:
    """Hand the sweep to the pool, which gives its cells to training workers."""
    services.pool().submit_sweep(sweep, services.address())
