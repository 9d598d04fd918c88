"""`run.json` and `control.json`: what a run is, how it stands, and what its owner wants of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from core.settings import DataSettings, SettingsError, TrainSettings

LARGEST = 2**53  # of a whole number that every reader of JSON understands
END_OF_TIME = 253_402_300_800  # seconds from 1970 to the year 10,000
FORMAT = 2  # of a run's directory; 1, of version 1.0, had the digests in run.json

QUEUED, RUNNING, PAUSED, STOPPED = "queued", "running", "paused", "stopped"
FINISHED, DIVERGED, FAILED = "finished", "diverged", "failed"
STATUSES = (QUEUED, RUNNING, PAUSED, STOPPED, FINISHED, DIVERGED, FAILED)
ENDED = (FINISHED, STOPPED, DIVERGED, FAILED)

RUN, PAUSE, STOP = "run", "pause", "stop"  # what a run's owner can want


class ManifestError(ValueError):
    """A run.json or control.json cannot be understood; the message says why."""


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
    created: float
    data: DataSettings | None
    train: TrainSettings
    owner: str = ""
    status: str = QUEUED
    note: str = ""
    parent: Parent | None = None
    seconds: float = 0.0
    bytes: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    name: str = ""
    colour: int = 0
    kept: bool = False
    sweep: str = ""
    number: int = 0

    def to_json(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return {"format": FORMAT, **asdict(self)}

    @staticmethod
    def from_json(values: object) -> Manifest:
        """The manifest that this or an earlier version wrote.

        Raises:
            ManifestError: it is of a later version, or a value is missing or has another type.
        """
        given = _mapping("run.json", values)
        number = given.get("format", 1)
        if not isinstance(number, int) or number > FORMAT:
            raise ManifestError(f"its format is {number!r}; this version knows formats up to {FORMAT}")
        known = {each.name for each in fields(Manifest)}
        found = {name: value for name, value in given.items() if name in known}
        missing = {"id", "created", "data", "train"} - set(found)
        if missing:
            raise ManifestError(f"it lacks {', '.join(sorted(missing))}")
        try:
            found["data"] = (
                None if found["data"] is None else DataSettings.from_json(_mapping("data", found["data"]))
            )
            found["train"] = TrainSettings.from_json(_mapping("train", found["train"]))
        except SettingsError as error:
            raise ManifestError(str(error)) from None
        if found.get("parent") is not None:
            found["parent"] = _parent(found["parent"])
        for name in ("id", "owner", "status", "note", "name", "sweep"):
            _check(name, found.get(name, ""), str)
        for name in ("created", "seconds", "bytes", "colour", "number"):
            _check(name, found.get(name, 0), int, float)
        if not 0 <= found["created"] < END_OF_TIME:
            raise ManifestError(f"its created is {found['created']!r}, which is no second since 1970")
        if found.get("status", QUEUED) not in STATUSES:
            raise ManifestError(f"its status is {str(found['status'])[:40]!r}")
        for name in ("bytes", "colour", "number"):
            found[name] = int(found.get(name, 0))
            # The next run's number, and a sum of bytes, have to be ones that a record may have.
            if not 0 <= found[name] <= LARGEST // 2:
                raise ManifestError(f"its {name} is {found[name]}")
        found["kept"] = found.get("kept") is True
        found["versions"] = {
            str(name): str(text) for name, text in _mapping("versions", found.get("versions", {})).items()
        }
        return Manifest(**found)


@dataclass(frozen=True)
class Control:
    """What the user wants of a running training.

    Attributes:
        wish: "run", "pause" or "stop".
        pace: at most so many iterations per second; None for full speed.
    """

    wish: str = RUN
    pace: float | None = None

    @staticmethod
    def from_json(values: object) -> Control:
        """The control that `asdict` gave.

        Raises:
            ManifestError: it is none.
        """
        given = _mapping("control.json", values)
        wish, pace = given.get("wish", RUN), given.get("pace")
        if wish not in (RUN, PAUSE, STOP):
            raise ManifestError(f"its wish is {str(wish)[:40]!r}")
        if pace is not None:
            _check("pace", pace, int, float)
            if pace <= 0:
                raise ManifestError(f"its pace is {pace}")
        return Control(wish, pace)


def decoded(content: bytes) -> object:
    """JSON from a file.

    Raises:
        ManifestError: it is none, or nested so deeply that it was not made here.
    """
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text)
        # Half a character is no text: no database takes it.
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{type(error).__name__}: {error}") from None


def _parent(value: object) -> Parent:
    """A parent as format 2 writes it, an object, or format 1, a pair."""
    if isinstance(value, Mapping):
        value = [value.get("run"), value.get("iteration")]
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not isinstance(value[0], str)
        or not isinstance(value[1], int)
    ):
        raise ManifestError("its parent is not a run and an iteration")
    return Parent(value[0], value[1])


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ManifestError(f"{name} is {type(value).__name__}, not an object")
    return value


def _check(name: str, value: object, *kinds: type) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, kinds) or (number and not abs(value) <= LARGEST):  # type: ignore[arg-type]
        raise ManifestError(f"{name} is {str(value)[:40]!r}")
