"""`run.json` and `control.json`: what a run is, how it stands, and what its owner wants of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from msgspec import Meta

from core.json_records import LARGEST_WHOLE, Count, Number, Time, as_record
from core.settings import DataSettings, TrainSettings, refuse_unknown
from core.words import brief

FORMAT = 2  # of a run's directory; 1, of version 1.0, had the digests in run.json

QUEUED, RUNNING, PAUSED, STOPPED = "queued", "running", "paused", "stopped"
FINISHED, DIVERGED, FAILED = "finished", "diverged", "failed"
STATUSES = (QUEUED, RUNNING, PAUSED, STOPPED, FINISHED, DIVERGED, FAILED)
ENDED = (FINISHED, STOPPED, DIVERGED, FAILED)

RUN, PAUSE, STOP = "run", "pause", "stop"  # what a run's owner can want


@dataclass(frozen=True)
class Parent:
    """Where a fork comes from: the run, and the last iteration that its checkpoint has behind it."""

    run: str
    iteration: int

    def words(self) -> str:
        """What a run with this parent is."""
        return f"a fork of run {self.run} after its iteration {self.iteration}"


@dataclass(frozen=True)
class Manifest:
    """What `run.json` holds: enough to reproduce the run.

    Attributes:
        id: 16 hexadecimal digits from the system's random source; the link to the run.
        created: seconds since 1970, by the clock of then.
        number: its place among the runs of the folder, by which they are ordered: a clock can be put back.
        data: how the sample was made; None when the points are the user's own (`data.csv`).
        train: how to train.
        owner: SHA-256 of the visitor who made it; only they may control it.
        status: one of `STATUSES`.
        note: one sentence on why it ended, empty while all is well.
        parent: what the run was forked from.
        sweep: the id of the sweep that it is a cell of, empty for a run of its own.
        seconds: time spent in training and saving, over all its lives.
        bytes: disk space of its files when training last ended.
        versions: package to version, of the process that trained.
        name: what its owner calls it; empty for a name made from its settings.
        colour: its number in the palette of runs, which it keeps in every chart.
        kept: whether it stays when room is made.
    """

    id: str
    created: Time
    data: DataSettings | None
    train: TrainSettings
    owner: str = ""
    status: str = QUEUED
    note: str = ""
    parent: Parent | None = None
    seconds: Number = 0.0
    bytes: Count = 0
    versions: dict[str, str] = field(default_factory=dict)
    name: str = ""
    colour: Count = 0
    kept: bool = False
    sweep: str = ""
    number: Count = 0

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"its status is {brief(self.status)}")

    def to_json(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return {"format": FORMAT, **asdict(self)}

    @staticmethod
    def from_json(values: object) -> Manifest:
        """The manifest that this or an earlier version wrote.

        Raises:
            RecordError: it is of a later version, or a value is missing or has another type.
        """
        refuse_unknown(values)
        if isinstance(values, dict) and isinstance(pair := values.get("parent"), list) and len(pair) == 2:
            # Format 1 wrote a pair.
            values = values | {"parent": dict(zip(("run", "iteration"), pair, strict=True))}
        return as_record(Manifest, values, FORMAT)


@dataclass(frozen=True)
class Control:
    """What the user wants of a running training.

    Attributes:
        wish: "run", "pause" or "stop".
        pace: at most so many iterations per second; None for full speed.
    """

    wish: str = RUN
    pace: Annotated[float, Meta(gt=0, le=LARGEST_WHOLE)] | None = None

    def __post_init__(self) -> None:
        if self.wish not in (RUN, PAUSE, STOP):
            raise ValueError(f"its wish is {brief(self.wish)}")
