"""What a ticket of the queue asks for, and whether somebody is doing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from core.pool.sweep_job import train_sweep
from core.pool.ticket import Ticket
from core.pool.training import YIELD, train_run
from core.run.manifest import RUNNING
from core.run.runs import Run, Runs
from core.sweep.folder import Sweep, Sweeps


def directory_of(root: Path, ticket: Ticket) -> Path:
    """The directory of a ticket's run or sweep: in the folder of runs, by its id."""
    return (root if ticket.kind == "run" else Sweeps(Runs(root)).root) / ticket.whole


def run_of(root: Path, ticket: Ticket) -> Run | None:
    """The run of a ticket; None of a sweep's."""
    return Run(directory_of(root, ticket)) if ticket.kind == "run" else None


def job_of(root: Path, ticket: Ticket) -> tuple[Callable[..., str], tuple[str, ...]]:
    """What a training worker does for a ticket."""
    directory = str(directory_of(root, ticket))
    if ticket.kind == "sweep":
        return train_sweep, (directory, _part(ticket))
    return train_run, (directory,)


def _part(ticket: Ticket) -> str:
    return ticket.id.rpartition("-")[2]


def yield_file(root: Path, ticket: Ticket) -> Path:
    """The file that asks a training to give way."""
    name = YIELD if ticket.kind == "run" else f"{YIELD}-{_part(ticket)}"
    return directory_of(root, ticket) / name


def in_hand(root: Path, ticket: Ticket) -> list[Run]:
    """The run, or the cells of this part of the sweep, that a process holds as its own to train."""
    if ticket.kind == "run":
        runs = [Run(directory_of(root, ticket))]
    else:
        sweep = Sweep(directory_of(root, ticket))
        told = sweep.told().items()
        mine = [run for run, each in told if each.status == RUNNING and each.part == _part(ticket)]
        runs = [Run(sweep.runs.root / run) for run in mine]
    return [run for run in runs if run.is_training()]


def last_written(runs: Sequence[Run]) -> int:
    """When one of the runs last grew by an iteration, in ns since 1970; 0 before the first."""
    found = [0]
    for run in runs:
        with suppress(OSError):
            found.append(run.steps_file.stat().st_mtime_ns)
    return max(found)
