"""A sweep is a directory, `sweeps/<id>/`: what it is, and what is wanted of it.

```
sweep.json     the grid, the ids of its runs in the same order, owner
control.json   what its owner wants: go on, pause, stop
data.csv       the user's own points, where it trains on them
```

The cells are ordinary runs in the folder of runs, and how they stand their own `run.json` says. All of them
are made when the sweep is, so it can be interrupted anywhere and goes on with what is missing. Sweeps of
earlier versions have a `cells.csv` too, which nobody needs.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from core.data import Sample, make_sample, read_points, write_csv
from core.json_records import RecordError, Time, as_record, decoded
from core.run.manifest import (
    FAILED,
    PAUSED,
    QUEUED,
    RUN,
    RUNNING,
    STOPPED,
    Control,
)
from core.run.runs import DATA_FILE, Run, RunBusy, RunNotFound, Runs
from core.settings import TrainSettings, refuse_unknown
from core.storage import read_own, write_atomically
from core.sweep.grid import Cell, Grid, SweepError

FORMAT = 2  # of a sweep's directory
FOLDER = "sweeps"
LARGEST = 1 << 22  # bytes of sweep.json; 1,000 cells take 20 kB

_ID = re.compile(r"[0-9a-f]{16}")
_GRID = ("axes", "data", "train")  # the parts of a record that make its grid


class SweepNotFound(LookupError):
    """No sweep has this id: it was never made, or it was deleted."""


@dataclass(frozen=True)
class Record:
    """What `sweep.json` holds.

    Attributes:
        id: 16 hexadecimal digits; the link to the sweep.
        created: seconds since 1970.
        grid: what varies and what does not.
        runs: the ids of the cells' runs, in the order of `grid.cells()`.
        owner: SHA-256 of the visitor who made it; only they may control it.
    """

    id: str
    created: Time
    grid: Grid
    runs: tuple[Annotated[str, Meta(pattern=rf"\A{_ID.pattern}\Z")], ...]
    owner: str = ""

    def __post_init__(self) -> None:
        self.grid.check_size(cluster=True)
        if len(self.runs) != self.grid.size:
            raise SweepError(f"it names {len(self.runs)} runs, and its grid has {self.grid.size}")

    @cached_property
    def turns(self) -> tuple[str, ...]:
        """The runs in the order in which they are trained: those in one graph come together."""
        groups: dict[TrainSettings, list[str]] = {}
        for cell, run in zip(self.grid.cells(), self.runs, strict=True):
            groups.setdefault(cell.train.graph, []).append(run)
        return tuple(chain.from_iterable(groups.values()))

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "format": FORMAT,
            "id": self.id,
            "created": self.created,
            "owner": self.owner,
            **self.grid.to_json(),
            "runs": list(self.runs),
        }

    @staticmethod
    def from_json(values: object) -> Record:
        """The record that `to_json` wrote.

        Raises:
            RecordError: it is none, or of a later version.
        """
        if isinstance(values, dict):
            if missing := {"format", "owner", *_GRID} - set(values):
                raise RecordError(f"it lacks {', '.join(sorted(missing))}")
            refuse_unknown(values)
            values = {**values, "grid": {name: values[name] for name in _GRID}}
        return as_record(Record, values, FORMAT)


@dataclass(frozen=True)
class Sweep:
    """One sweep's directory."""

    directory: Path

    @property
    def id(self) -> str:
        return self.directory.name

    @property
    def runs(self) -> Runs:
        """The folder that holds its cells, among all other runs."""
        return Runs(self.directory.parent.parent)

    def record(self) -> Record:
        """What `sweep.json` says now.

        Raises:
            SweepNotFound: the sweep is gone, or its record cannot be understood.
        """
        try:
            path = self.directory / "sweep.json"
            status = path.lstat()
            return _record(path, status.st_ino, status.st_mtime_ns, status.st_size)
        except (FileNotFoundError, NotADirectoryError):
            raise self.gone() from None
        except (RecordError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise SweepNotFound(
                f"The sweep.json of sweep {self.id} cannot be understood ({reason}). "
                "Its runs are still in the folder of runs."
            ) from None

    def gone(self) -> SweepNotFound:
        """What to raise where the sweep is not there."""
        return SweepNotFound(f"There is no sweep {self.id} here. It was deleted, or the link is incomplete.")

    def write(self, record: Record) -> None:
        """Replace `sweep.json` in one step."""
        write_atomically(self.directory / "sweep.json", json.dumps(record.to_json(), indent=1).encode())

    def control(self) -> Control:
        """What its owner wants; what cannot be understood wants nothing."""
        try:
            return as_record(Control, decoded(read_own(self.directory / "control.json", LARGEST)))
        except (OSError, RecordError):
            return Control()

    def steer(self, control: Control) -> None:
        """Note what is wanted; each cell that is trained is told by itself."""
        write_atomically(self.directory / "control.json", json.dumps(asdict(control)).encode())

    def again(self) -> None:
        """Make ready to go on: what failed, was stopped or paused waits once more.

        Raises:
            SweepNotFound: the sweep is gone.
        """
        for _, run in self.cells():
            with contextlib.suppress(RunNotFound):
                status = run.manifest().status
                if status in (QUEUED, RUNNING, FAILED, STOPPED, PAUSED) and run.control().wish != RUN:
                    run.steer(Control())
                if status in (FAILED, STOPPED, PAUSED):
                    run.update(status=QUEUED, note="")
        self.steer(Control())

    def points(self) -> Sample | None:
        """The user's own points; None where settings made the data.

        Raises:
            DataError: the file cannot be read.
        """
        path = self.directory / DATA_FILE
        return read_points(path, None, None) if path.exists() else None

    def cells(self) -> Iterator[tuple[Cell, Run]]:
        """Every cell with its run, which may be gone.

        Raises:
            SweepNotFound: the sweep is gone.
        """
        record = self.record()
        for cell, run_id in zip(record.grid.cells(), record.runs, strict=True):
            yield cell, Run(self.runs.root / run_id)

    def left(self, known: Container[str] = ()) -> Iterator[Run]:
        """The runs that have not ended, in the order in which they are trained.

        Args:
            known: ids that are left out; the first is the one after the last of them, so that who asks again
                and again does not look at all runs each time.

        Raises:
            SweepNotFound: the sweep is gone.
        """
        runs = self.record().turns
        first = 1 + max((place for place, run in enumerate(runs) if run in known), default=-1)
        for run_id in (*runs[first:], *runs[:first]):
            run = Run(self.runs.root / run_id)
            with contextlib.suppress(RunNotFound):
                if run_id not in known and run.manifest().status in (QUEUED, RUNNING):
                    yield run


@lru_cache(maxsize=64)  # it is never changed
def _record(path: Path, inode: int, modified: int, size: int) -> Record:
    """The record of a file in the state that its stamps tell."""
    return Record.from_json(decoded(read_own(path, LARGEST)))


@dataclass(frozen=True)
class Sweeps:
    """All sweeps of a folder of runs."""

    runs: Runs

    @property
    def root(self) -> Path:
        return self.runs.root / FOLDER

    def create(self, grid: Grid, sample: Sample | None = None, owner: str = "") -> Sweep:
        """A fresh sweep with all its runs, ready to be trained; each distinct sample is made once.

        Args:
            sample: the user's own points, where `grid.data` is None.

        Raises:
            SweepError: there are no points to train on.
            OSError: the disk does not take it; nothing is left behind.
        """
        if grid.data is None and sample is None:
            raise SweepError("This sweep has neither settings of data nor points of your own to train on.")
        sweep = Sweep(self.root / secrets.token_hex(8))
        sweep.directory.mkdir(parents=True)
        made: list[Run] = []
        points: dict[Any, Sample] = {} if sample is None else {None: sample}
        try:
            if sample is not None and grid.data is None:
                write_csv(sample, sweep.directory / DATA_FILE)
            for cell in grid.cells():
                if cell.data not in points and cell.data is not None:
                    points[cell.data] = make_sample(cell.data)
                made.append(self.runs.create(points[cell.data], cell.train, cell.data, owner, sweep=sweep.id))
            sweep.write(Record(sweep.id, time.time(), grid, tuple(run.id for run in made), owner))
        except OSError:
            for run in made:
                shutil.rmtree(run.directory, ignore_errors=True)
            shutil.rmtree(sweep.directory, ignore_errors=True)
            raise
        return sweep

    def open(self, sweep_id: str) -> Sweep:
        """The sweep with this id.

        Raises:
            SweepNotFound: no such sweep. The id never reaches the file system unless it is one.
        """
        sweep = Sweep(self.root / sweep_id)
        if not _ID.fullmatch(sweep_id) or not (sweep.directory / "sweep.json").is_file():
            raise SweepNotFound(
                f"There is no sweep {sweep_id[:40]!r} here. It was deleted, or the link is incomplete. "
                "Start a new one, or ask for the link again."
            )
        return sweep

    def records(self, owner: str | None = None) -> list[Record]:
        """All sweeps, newest first, or one owner's."""
        found = []
        for path in self.root.glob("*/sweep.json"):
            with contextlib.suppress(SweepNotFound):
                record = Sweep(path.parent).record()
                if owner is None or record.owner == owner:
                    found.append(record)
        return sorted(found, key=lambda record: record.created, reverse=True)

    def delete(self, sweep_id: str) -> None:
        """Remove a sweep and all its runs.

        Raises:
            SweepNotFound: no such sweep.
            RunBusy: a cell is being trained; nothing was removed.
        """
        sweep = self.open(sweep_id)
        record = sweep.record()
        if any(Run(self.runs.root / run).is_training() for run in record.runs):
            raise RunBusy(f"Sweep {sweep_id} is being trained. Stop it first, then delete it.")
        for run in record.runs:
            with contextlib.suppress(RunNotFound, RunBusy):
                self.runs.delete(run)
        shutil.rmtree(sweep.directory, ignore_errors=True)
