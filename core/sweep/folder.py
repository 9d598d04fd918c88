"""A sweep is a directory, `sweeps/<id>/`: what it is, what is wanted of it, and a log of its cells.

```
sweep.json     the grid, the ids of its runs in the same order, owner, status
control.json   what its owner wants: go on, pause, stop
yield-<part>   somebody else waits: that part gives its worker back after the cell in hand
cells.csv      one line when a cell begins and one when it ends, of any worker
data.csv       the user's own points, where it trains on them
```

The cells are ordinary runs in the folder of runs. All of them are made when the sweep is, so it can be
interrupted anywhere and goes on with what is missing.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.data import Sample, make_sample, read_points, write_csv
from core.run.manifest import (
    FAILED,
    FINISHED,
    PAUSED,
    QUEUED,
    STATUSES,
    STOPPED,
    Control,
    ManifestError,
    decoded,
)
from core.run.runs import DATA_FILE, Run, RunBusy, RunNotFound, Runs
from core.storage import lock, read_own, write_atomically
from core.sweep.grid import Cell, Grid, SweepError

FORMAT = 1  # of a sweep's directory
FOLDER = "sweeps"
LARGEST = 1 << 22  # bytes of sweep.json or cells.csv; 1,000 cells take 200 kB

BEGAN, ENDED_LINE, AGAIN = "began", "ended", "again"

_ID = re.compile(r"[0-9a-f]{16}")


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
        status: queued, running, paused, stopped or finished.
    """

    id: str
    created: float
    grid: Grid
    runs: tuple[str, ...]
    owner: str = ""
    status: str = QUEUED

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "format": FORMAT,
            "id": self.id,
            "created": self.created,
            "owner": self.owner,
            "status": self.status,
            **self.grid.to_json(),
            "runs": list(self.runs),
        }

    @staticmethod
    def from_json(values: object) -> Record:
        """The record that `to_json` wrote.

        Raises:
            SweepError: it is none, or of a later version.
        """
        if not isinstance(values, dict):
            raise SweepError(f"it is {type(values).__name__}, not an object")
        if not isinstance(values.get("format"), int) or values["format"] > FORMAT:
            raise SweepError(
                f"its format is {values.get('format')!r}; this version knows formats up to {FORMAT}"
            )
        grid = Grid.from_json(values)
        runs = values.get("runs")
        if (
            not isinstance(runs, list)
            or len(runs) != grid.size
            or not all(isinstance(run, str) and _ID.fullmatch(run) for run in runs)
        ):
            raise SweepError(f"it does not name its {grid.size} runs")
        words = [values.get(name) for name in ("id", "owner", "status")]
        created = values.get("created")
        if not all(isinstance(word, str) for word in words) or not isinstance(created, (int, float)):
            raise SweepError("its id, owner, status or time is missing")
        if values["status"] not in STATUSES:
            raise SweepError(f"its status is {values['status'][:40]!r}")
        return Record(values["id"], float(created), grid, tuple(runs), values["owner"], values["status"])


@dataclass(frozen=True)
class Told:
    """What the log tells of one cell.

    Attributes:
        status: "queued", "running" or how it ended.
        tries: how often it began at the iteration at which it began last, without an end.
        seconds: what the last whole training of it took.
        part: which part of the sweep had it in hand last.
    """

    status: str = QUEUED
    tries: int = 0
    at: int = 0
    seconds: float = 0.0
    part: str = ""


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
            return Record.from_json(decoded(read_own(self.directory / "sweep.json", LARGEST)))
        except (FileNotFoundError, NotADirectoryError):
            raise self.gone() from None
        except (SweepError, ManifestError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise SweepNotFound(
                f"The sweep.json of sweep {self.id} cannot be understood ({reason}). "
                "Its runs are still in the folder of runs."
            ) from None

    def gone(self) -> SweepNotFound:
        """What to raise where the sweep is not there."""
        return SweepNotFound(f"There is no sweep {self.id} here. It was deleted, or the link is incomplete.")

    def mark(self, status: str) -> None:
        """Write how the sweep stands; two parts may do so at once.

        Raises:
            SweepNotFound: the sweep is gone.
        """
        with self._locked():
            record = self.record()
            if record.status != status:
                self.write(replace(record, status=status))

    def write(self, record: Record) -> None:
        """Replace `sweep.json` in one step."""
        write_atomically(self.directory / "sweep.json", json.dumps(record.to_json(), indent=1).encode())

    def control(self) -> Control:
        """What its owner wants; what cannot be understood wants nothing."""
        try:
            return Control.from_json(decoded(read_own(self.directory / "control.json", LARGEST)))
        except (OSError, ManifestError):
            return Control()

    def steer(self, control: Control) -> None:
        """Tell every part what is wanted; each looks after every iteration."""
        write_atomically(self.directory / "control.json", json.dumps(asdict(control)).encode())

    def gives_way(self, part: str) -> bool:
        """Whether this part is asked to; asking is over with the answer."""
        asked = self.directory / f"yield-{part}"
        if asked.exists():
            asked.unlink(missing_ok=True)
            return True
        return False

    def note(self, kind: str, run: str, part: str, fact: str, seconds: float = 0.0) -> None:
        """Add a line to the log: `began` at an iteration, or `ended` with a status.

        Raises:
            OSError: the disk does not take it.
        """
        line = f"{kind},{run},{part},{fact},{seconds:.6f},{time.time():.3f}\n"
        with (self.directory / "cells.csv").open("ab", buffering=0) as log:
            log.write(line.encode())

    def told(self) -> dict[str, Told]:
        """What the log tells of each run that it mentions; a torn line tells nothing."""
        try:
            content = read_own(self.directory / "cells.csv", LARGEST).decode(errors="replace")
        except OSError:
            return {}
        found: dict[str, Told] = {}
        for line in content.splitlines():
            fields = line.split(",")
            if len(fields) != 6:
                continue
            kind, run, part, fact, seconds, _ = fields
            before = found.get(run, Told())
            if kind == BEGAN and fact.isdecimal():
                at = int(fact)
                tries = before.tries + 1 if before.at == at else 1
                found[run] = Told("running", tries, at, before.seconds, part)
            elif kind == ENDED_LINE and fact in STATUSES:
                with contextlib.suppress(ValueError):
                    found[run] = Told(fact, 0, 0, float(seconds), part)
            elif kind == AGAIN:
                found = {id: each for id, each in found.items() if each.status in (FINISHED, "diverged")}
        return found

    def again(self) -> None:
        """Make ready to go on: what failed, was stopped or paused waits once more.

        Raises:
            SweepNotFound: the sweep is gone.
        """
        record = self.record()
        for each in record.runs:
            with contextlib.suppress(RunNotFound):
                run = self.runs.open(each)
                if run.manifest().status in (FAILED, STOPPED, PAUSED):
                    run.steer(Control())
                    run.update(status=QUEUED, note="")
        self.note(AGAIN, "", "", "")
        self.steer(Control())
        self.mark(QUEUED)

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

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            opened = (self.directory / "lock").open("w")
        except FileNotFoundError:
            raise self.gone() from None
        with opened:
            lock(opened.fileno())
            yield


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
