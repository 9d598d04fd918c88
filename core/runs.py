"""A run is a directory: `run.json`, `data.csv`, `steps.csv`, `checkpoints/`, `saved_model/`.

Training writes it and every page reads it. The directory is also the channel between the worker that
trains and the pages that watch: `control.json` carries what the user wants, `steps.csv` what has been
done, and a lock that the system itself drops tells whether anybody is still training.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data import Sample, write_csv
from core.settings import DataSettings, TrainSettings
from core.step_log import read_steps

RUNS_VARIABLE = "CHECKPOINT_EXPLORER_RUNS"  # where the runs lie
LIMIT_VARIABLE = "CHECKPOINT_EXPLORER_DISK_MB"  # how much disk they may take together

QUEUED, RUNNING, PAUSED, STOPPED = "queued", "running", "paused", "stopped"
FINISHED, DIVERGED, FAILED = "finished", "diverged", "failed"
ENDED = (FINISHED, STOPPED, DIVERGED, FAILED)
CAN_GO_ON = (PAUSED, STOPPED, FAILED)

ITER, FINAL = "model_iter", "model_final"  # the recipe's checkpoint names

DISK_MB = 2000.0
SETTLED = 1.0  # seconds, far above the grain of any file system's clock
LONG_AGO = 24 * 3600.0  # seconds after which nobody waits for a run in a queue any more

_ID = re.compile(r"[0-9a-f]{16}")


class RunNotFound(LookupError):
    """No run has this id: it was never made, or it was deleted to make room."""


class RunBusy(RuntimeError):
    """Somebody is training in this directory already."""


@dataclass(frozen=True)
class Manifest:
    """What `run.json` holds: enough to reproduce the run.

    Attributes:
        id: 16 hexadecimal digits from the system's random source; the link to the run.
        created: seconds since 1970.
        data: how the sample was made; None when the points are the user's own (`data.csv`).
        train: how to train.
        owner: SHA-256 of the visitor who made it; only they may control it.
        status: one of the module's words.
        note: one sentence on why it ended, empty while all is well.
        parent: (run id, step) that the run was forked from.
        seconds: time spent in training and saving, over all its lives.
        bytes: disk space of its files when training last ended.
        versions: package to version, of the process that trained.
        sha256: path in the run directory to digest, of every file when training last ended.
    """

    id: str
    created: float
    data: DataSettings | None
    train: TrainSettings
    owner: str = ""
    status: str = QUEUED
    note: str = ""
    parent: tuple[str, int] | None = None
    seconds: float = 0.0
    bytes: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Manifest:
        """The manifest that `to_json` wrote."""
        data, parent = values["data"], values.get("parent")
        return Manifest(
            **{
                **values,
                "data": None if data is None else DataSettings.from_json(data),
                "train": TrainSettings.from_json(values["train"]),
                "parent": None if parent is None else (str(parent[0]), int(parent[1])),
            }
        )


@dataclass(frozen=True)
class Control:
    """What the user wants of a running training.

    Attributes:
        wish: "run", "pause" or "stop".
        pace: at most so many iterations per second; None for full speed.
    """

    wish: str = "run"
    pace: float | None = None


@dataclass(frozen=True)
class Run:
    """One run's directory."""

    directory: Path

    @property
    def id(self) -> str:
        return self.directory.name

    @property
    def checkpoints(self) -> Path:
        return self.directory / "checkpoints"

    @property
    def saved_model(self) -> Path:
        return self.directory / "saved_model"

    @property
    def start(self) -> Path:
        """Where a fork keeps its copy of the parent's checkpoint; other runs have no such folder."""
        return self.directory / "start"

    @property
    def steps_file(self) -> Path:
        return self.directory / "steps.csv"

    def manifest(self) -> Manifest:
        """What `run.json` says now.

        Raises:
            RunNotFound: the run is gone, or its `run.json` cannot be understood.
        """
        path = self.directory / "run.json"
        try:
            status = path.stat()
            # A file that was replaced a moment ago may be replaced again under the same stamps.
            read = _manifest if time.time() - status.st_mtime > SETTLED else _manifest.__wrapped__
            return read(path, status.st_ino, status.st_mtime_ns, status.st_size)
        except (FileNotFoundError, NotADirectoryError):
            raise RunNotFound(
                f"There is no run {self.id} here. It was deleted, or the link is incomplete."
            ) from None
        except (ValueError, TypeError, KeyError) as error:
            raise RunNotFound(
                f"The run.json of run {self.id} cannot be understood ({type(error).__name__}: {error}). "
                "Its checkpoints are still in its directory on the server."
            ) from None

    def write(self, manifest: Manifest) -> None:
        """Replace `run.json` in one step: a reader sees the old one or the new one."""
        _write_atomically(self.directory / "run.json", json.dumps(manifest.to_json(), indent=1))

    def update(self, **changes: Any) -> Manifest:
        """Change fields of `run.json`."""
        manifest = replace(self.manifest(), **changes)
        self.write(manifest)
        return manifest

    def sample(self) -> Sample:
        """The points as trained on, bit for bit, from `data.csv`."""
        points = np.loadtxt(self.directory / "data.csv", delimiter=",", skiprows=1, ndmin=2)
        data = self.manifest().data
        truth = None if data is None else (data.h, data.v)
        x, y = points.astype(np.float32).T.copy()
        return Sample(x, y, truth)

    def control(self) -> Control:
        """What the user wants of the training."""
        try:
            return Control(**json.loads((self.directory / "control.json").read_text("utf-8")))
        except FileNotFoundError:
            return Control()

    def ask(self, control: Control) -> None:
        """Tell the training what is wanted; it looks after every iteration."""
        _write_atomically(self.directory / "control.json", json.dumps(asdict(control)))

    def steps(self) -> pd.DataFrame:
        """What training has done so far, as `core.step_log.read_steps` gives it."""
        return read_steps(self.steps_file)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the run's lock. The system drops it when the process ends, however it ends.

        Raises:
            RunBusy: another process holds it.
            RunNotFound: the run is gone.
        """
        try:
            opened = (self.directory / "lock").open("w")
        except FileNotFoundError:
            raise RunNotFound(f"Run {self.id} was deleted.") from None
        with opened as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunBusy(f"Run {self.id} is being trained already.") from None
            yield

    def is_training(self) -> bool:
        """Whether a living process holds the run's lock."""
        try:
            with self.exclusive():
                return False
        except RunBusy:
            return True
        except RunNotFound:
            return False

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file that TensorFlow wrote, by path in the run's directory.

        What is being written right now, an export under its hidden name, and what vanishes meanwhile
        are left out.
        """
        found = {}
        seen: dict[int, str] = {}  # hard links share an inode, so .meta is read once
        for folder in (self.start, self.checkpoints, self.saved_model):
            for path in sorted(folder.rglob("*")):
                inside = path.relative_to(self.directory)
                if any(part.startswith(".") for part in inside.parts) or not path.is_file():
                    continue
                with contextlib.suppress(FileNotFoundError):
                    inode = path.stat().st_ino
                    if inode not in seen:
                        seen[inode] = hashlib.sha256(path.read_bytes()).hexdigest()
                    found[inside.as_posix()] = seen[inode]
        return found


@dataclass(frozen=True)
class Runs:
    """The folder with all runs."""

    root: Path

    @staticmethod
    def from_environment() -> Runs:
        """The folder that CHECKPOINT_EXPLORER_RUNS names, else `runs` in the working directory."""
        return Runs(Path(os.environ.get(RUNS_VARIABLE) or "runs").resolve())

    def create(
        self,
        sample: Sample,
        train: TrainSettings,
        data: DataSettings | None = None,
        owner: str = "",
        parent: tuple[str, int] | None = None,
    ) -> Run:
        """A fresh directory, ready to be trained in.

        Raises:
            OSError: the disk does not take it.
        """
        run = Run(self.root / secrets.token_hex(8))
        try:
            run.checkpoints.mkdir(parents=True)
            write_csv(sample, run.directory / "data.csv")
            run.write(Manifest(run.id, time.time(), data, train, owner, parent=parent))
        except OSError:
            shutil.rmtree(run.directory, ignore_errors=True)  # without run.json nobody would ever find it
            raise
        return run

    def open(self, run_id: str) -> Run:
        """The run with this id.

        Raises:
            RunNotFound: no such run. The id never reaches the file system unless it is one.
        """
        run = Run(self.root / run_id)
        if not _ID.fullmatch(run_id) or not (run.directory / "run.json").is_file():
            raise RunNotFound(
                f"There is no run {run_id[:40]!r} here. It was deleted to make room, "
                "or the link is incomplete. Train a new one, or ask for the link again."
            )
        return run

    def manifests(self, owner: str | None = None) -> list[Manifest]:
        """All runs, newest first, or one owner's. A run that vanishes meanwhile is left out."""
        found = []
        for path in self.root.glob("*/run.json"):
            with contextlib.suppress(RunNotFound):
                manifest = Run(path.parent).manifest()
                if owner is None or manifest.owner == owner:
                    found.append(manifest)
        return sorted(found, key=lambda manifest: manifest.created, reverse=True)

    def delete(self, run_id: str) -> None:
        """Remove a run and all its files.

        Raises:
            RunNotFound: no such run.
            RunBusy: it is being trained.
        """
        run = self.open(run_id)
        with run.exclusive():
            shutil.rmtree(run.directory, ignore_errors=True)

    def make_room(self, limit: int) -> list[str]:
        """Delete runs at rest until all runs take at most `limit` bytes of disk.

        The oldest that have ended leave first; then those that are paused or that a server's end left.

        Returns:
            The ids that were deleted.
        """
        manifests = self.manifests()
        sizes = {m.id: m.bytes or disk_bytes(self.root / m.id) for m in manifests}
        total, deleted = sum(sizes.values()), []
        for manifest in sorted(reversed(manifests), key=lambda each: each.status not in ENDED):
            if total <= limit:
                break
            if self._at_rest(manifest):
                with contextlib.suppress(RunBusy, RunNotFound):
                    self.delete(manifest.id)
                    total -= sizes[manifest.id]
                    deleted.append(manifest.id)
        return deleted

    def _at_rest(self, manifest: Manifest) -> bool:
        """Whether nobody trains the run or has it in a queue, as far as one can tell from here."""
        if manifest.status in ENDED or manifest.status == PAUSED:
            return True
        try:
            written = (self.root / manifest.id / "run.json").stat().st_mtime
        except FileNotFoundError:
            return False
        return time.time() - written > LONG_AGO


def disk_limit() -> int:
    """Bytes that all runs may take together: CHECKPOINT_EXPLORER_DISK_MB, else 2,000 MB."""
    return int(from_environment(LIMIT_VARIABLE, DISK_MB, 0) * 1e6)


def from_environment(variable: str, default: float, least: float) -> float:
    """The number from `least` that an environment variable holds; the default, with a warning, if none."""
    text = os.environ.get(variable, "")
    try:
        number = float(text or default)
    except ValueError:
        number = math.nan
    if number >= least and math.isfinite(number):
        return number
    logging.getLogger(__name__).warning(
        "%s is %r, not a number from %g; taking %g", variable, text, least, default
    )
    return default


@lru_cache(maxsize=32)  # a page asks for the same one at every rerun
def _manifest(path: Path, inode: int, modified: int, size: int) -> Manifest:
    """The manifest of a file in the state that its stamps tell."""
    return Manifest.from_json(json.loads(path.read_text(encoding="utf-8")))


def disk_bytes(directory: Path) -> int:
    """Disk blocks below a directory; a file with several names, as `.meta` has, counts once."""
    inodes: dict[int, int] = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                status = os.lstat(os.path.join(folder, name))
                inodes[status.st_ino] = status.st_blocks * 512
    return sum(inodes.values())


def _write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # on a full disk, even this much room is needed
        raise
