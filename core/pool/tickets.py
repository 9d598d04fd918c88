"""What a ticket of the queue asks for, and whether somebody is doing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.manifest import RUNNING
from core.pool.queue import Ticket
from core.pool.sweep_job import train_sweep
from core.pool.training import YIELD, train_run
from core.runs import Run
from core.sweep.folder import Sweep


def job_of(ticket: Ticket) -> tuple[Callable[..., str], tuple[str, ...]]:
    """What a training worker does for a ticket."""
    if ticket.kind == "sweep":
        return train_sweep, (ticket.directory, _part(ticket))
    return train_run, (ticket.directory,)


def _part(ticket: Ticket) -> str:
    return ticket.id.rpartition("-")[2]


def yield_file(ticket: Ticket) -> Path:
    """The file that asks a training to give way."""
    return Path(ticket.directory) / (YIELD if ticket.kind == "run" else f"{YIELD}-{_part(ticket)}")


def is_in_hand(ticket: Ticket) -> bool:
    """Whether a living worker trains the run, or a cell of this part of the sweep."""
    if ticket.kind == "run":
        return Run(Path(ticket.directory)).is_training()
    sweep = Sweep(Path(ticket.directory))
    return any(
        told.status == RUNNING and told.part == _part(ticket) and Run(sweep.runs.root / run).is_training()
        for run, told in sweep.told().items()
    )
