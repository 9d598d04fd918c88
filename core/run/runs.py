"""A run is a directory: `run.json`, `data.csv`, `steps.csv`, `checkpoints/`, `saved_model/`.

Training writes it and every page reads it. The directory is also the channel between the worker that
trains and the pages that watch: `control.json` carries what the user wants, `steps.csv` what has been
done, and a lock that the system itself drops tells whether anybody is still training.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock, environment
from core.checkpoint import STATE_FILE, CheckpointError, files_of, verify
from core.data import Sample, read_points, write_csv
from core.json_records import RecordError, as_record, decoded
from core.run import digests
from core.run.index import RunIndex
from core.run.manifest import RUNNING, Control, Manifest, Parent
from core.run.step_log import read_steps
from core.settings import DataSettings, TrainSettings
from core.storage import FULL, alone, disk_bytes, is_full, open_own, read_own, write_atomically

SETTLED = 1.0  # seconds, far above the grain of any file system's clock
TRASH = ".trash"
UNDO = 600.0  # seconds in which a deletion can be undone
MAKES = 30.0  # seconds that an export or a first pass may take, for whoever wants the same
STILL = 600.0  # seconds without an iteration after which nobody trains

LARGEST_JSON = 1 << 23  # bytes; format 1 had the digests of 20,000 iterations in run.json
DATA_FILE = "data.csv"
CHECKPOINTS, SAVED_MODEL, START = "checkpoints", "saved_model", "start"
FIRST_PASS = f"first_pass/{CHECKPOINTS}"

_ID = re.compile(r"[0-9a-f]{16}")


class RunNotFound(LookupError):
    """No run has this id: it was never made, or it was deleted to make room."""


class RunBusy(RuntimeError):
    """Somebody is training in this directory already."""


@dataclass(frozen=True)
class Run:
    """One run's directory."""

    directory: Path

    @property
    def id(self) -> str:
        return self.directory.name

    @property
    def checkpoints(self) -> Path:
        return self.directory / CHECKPOINTS

    @property
    def saved_model(self) -> Path:
        return self.directory / SAVED_MODEL

    @property
    def start(self) -> Path:
        """Where a fork keeps its copy of the parent's checkpoint; other runs have no such folder."""
        return self.directory / START

    @property
    def first_pass(self) -> Path:
        """Where the checkpoints inside the first pass are, once they were asked for."""
        return self.directory / FIRST_PASS

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
            status = path.lstat()
            # A file that was replaced a moment ago may be replaced again under the same stamps.
            read = _manifest if time.time() - status.st_mtime > SETTLED else _manifest.__wrapped__
            return read(path, status.st_ino, status.st_mtime_ns, status.st_size)
        except (FileNotFoundError, NotADirectoryError):
            raise self.gone() from None
        except (RecordError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise RunNotFound(
                f"The run.json of run {self.id} cannot be understood ({reason}). "
                "Its checkpoints are still in its folder on the server."
            ) from None

    def gone(self) -> RunNotFound:
        """What to raise where the run is not there."""
        return RunNotFound(f"There is no run {self.id} here. It was deleted, or the link is incomplete.")

    def write(self, manifest: Manifest) -> None:
        """Replace `run.json` in one step: a reader sees the old one or the new one."""
        write_atomically(self.directory / "run.json", json.dumps(manifest.to_json(), indent=1).encode())
        RunIndex(self.directory.parent, LARGEST_JSON).put(self.id)

    def count_bytes(self, size: int | None = None) -> int:
        """Disk space of the run's files, which is noted for the disk limit.

        Args:
            size: where it is known; else the files are looked through.
        """
        size = disk_bytes(self.directory) if size is None else size
        RunIndex(self.directory.parent, LARGEST_JSON).count(self.id, size)
        return size

    def update(self, **changes: Any) -> Manifest:
        """Change fields of `run.json`; what others change at the same time is kept.

        Raises:
            RunNotFound: the run is gone.
            OSError: the disk does not take it.
        """
        with alone(self.directory / "run.json"):
            manifest = replace(self.manifest(), **changes)
            try:
                self.write(manifest)
            except FileNotFoundError:
                raise self.gone() from None
        return manifest

    def sample(self) -> Sample:
        """The points as trained on, bit for bit, from `data.csv`.

        Raises:
            RunNotFound: the run is gone.
            DataError: the file is not the one that was trained on.
        """
        data = self.manifest().data
        truth = None if data is None else (data.h, data.v)
        return read_points(self.directory / DATA_FILE, truth, self.recorded([DATA_FILE]).get(DATA_FILE))

    def control(self) -> Control:
        """What the user wants of the training; what cannot be understood wants nothing."""
        try:
            return as_record(Control, decoded(read_own(self.directory / "control.json", LARGEST_JSON)))
        except (OSError, RecordError):
            return Control()

    def steer(self, control: Control) -> None:
        """Tell the training what is wanted; it looks after every iteration.

        Raises:
            RunNotFound: the run is gone.
            OSError: the disk does not take it.
        """
        if not os.path.lexists(self.directory / "run.json"):
            raise self.gone()
        try:
            write_atomically(self.directory / "control.json", json.dumps(asdict(control)).encode())
        except FileNotFoundError:
            raise self.gone() from None

    def steps(self) -> pd.DataFrame:
        """What training has done so far, as `core.run.step_log.read_steps` gives it."""
        return read_steps(self.steps_file)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the run's lock. The system drops it when the process ends, however it ends.

        Raises:
            RunBusy: another process holds it, or it is no file that can be locked.
            RunNotFound: the run is gone.
        """
        try:
            opened = open_own(self.directory / "lock", os.O_WRONLY | os.O_CREAT)
        except FileNotFoundError:
            raise self.gone() from None
        except OSError as error:
            raise RunBusy(f"Run {self.id} cannot be locked: {error.strerror}.") from None
        with os.fdopen(opened, "w") as lock:
            for patience in (*[0.02] * 25, None):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if patience is None:
                        raise RunBusy(f"Run {self.id} is being trained already.") from None
                    time.sleep(patience)  # somebody may only be looking whether it is held
            yield

    @contextlib.contextmanager
    def untrained(self) -> Iterator[None]:
        """Hold the run's lock to delete it; what is not trained can be deleted, whoever holds its lock.

        Raises:
            RunBusy: it is being trained.
            RunNotFound: the run is gone.
        """
        with contextlib.ExitStack() as held:
            if (self.directory / "lock").exists():  # else nobody has trained it yet
                try:
                    held.enter_context(self.exclusive())
                except RunBusy:
                    if self._moves():
                        raise
            yield

    def _moves(self) -> bool:
        """Whether who holds the lock trains: `run.json` says so, and something was written within minutes."""
        try:
            if self.manifest().status != RUNNING:
                return False
            written = [(self.directory / "run.json").stat().st_mtime]
            with contextlib.suppress(FileNotFoundError):
                written.append(self.steps_file.stat().st_mtime)
        except (RunNotFound, FileNotFoundError):
            return False
        return time.time() - max(written) < STILL

    def is_training(self) -> bool:
        """Whether a living process holds the run's lock."""
        try:
            with os.fdopen(open_own(self.directory / "lock")) as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return False
        except BlockingIOError:
            return True
        except OSError:
            return False

    def recorded(self, paths: list[str] | None = None) -> dict[str, str]:
        """The SHA-256 that was recorded for each file, or for those named, by path in the run's directory.

        Raises:
            RunNotFound: the run is gone.
            CheckpointError: the record cannot be read.
        """
        try:
            if (self.directory / digests.FILE).exists():
                return digests.recorded(self.directory, paths)
            found = _digests_of_format_1(self.directory / "run.json")
        except FileNotFoundError:
            raise self.gone() from None
        except OSError as error:
            raise CheckpointError(
                f"The run's record of its files cannot be read: {error.strerror}."
            ) from None
        return found if paths is None else {path: found[path] for path in paths if path in found}

    def verify(self, name: str) -> dict[str, bytes]:
        """The files of a checkpoint, checked against the run's record, so that only our own reach TensorFlow.

        Raises:
            CheckpointError: one is missing, changed or not recorded.
        """
        return self.contents([f"{CHECKPOINTS}/{file}" for file in files_of(name)])

    def contents(self, paths: list[str]) -> dict[str, bytes]:
        """The contents of files of the run, verified as `core.checkpoint.verify` does.

        Raises:
            CheckpointError: one is missing, changed or not recorded.
        """
        return verify(self.directory, paths, self.recorded(paths))

    def record(self, found: Mapping[str, str]) -> None:
        """Record files that TensorFlow has just written for this run: path to SHA-256.

        Raises:
            OSError: the disk does not take it.
        """
        self.adopt()  # else a new record would take the place of the one that version 1.0 made
        digests.record(self.directory, found)

    def making(self) -> contextlib.AbstractContextManager[None]:
        """While something is made of the run that others may want at the same time, such as an export."""
        # Locked is a file that is never replaced and that nobody else locks.
        return alone(self.directory / DATA_FILE, MAKES)

    def record_all(self) -> None:
        """Record the state file, which every save replaces, and forget the files that retention deleted.

        Raises:
            OSError: the disk does not take it.
        """
        state = f"{CHECKPOINTS}/{STATE_FILE}"
        with contextlib.suppress(FileNotFoundError):
            self.record({state: digests.digest_of((self.directory / state).read_bytes())})
        digests.tidy(self.directory)

    def adopt(self) -> None:
        """Give a run of version 1.0 a record: the one in its `run.json`, else of its files as they are now.

        An interrupted run had none; its directory is then taken to be as training left it.

        Raises:
            OSError: the disk does not take it.
        """
        if not (self.directory / digests.FILE).exists():
            known = _digests_of_format_1(self.directory / "run.json") or self.digests()
            digests.begin(self.directory, known)

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file that the record is about, as it is now, by path in the run's directory."""
        found = digests.digests_of(self.directory, (START, CHECKPOINTS, SAVED_MODEL, FIRST_PASS))
        with contextlib.suppress(OSError):
            found[DATA_FILE] = digests.digest_of(read_own(self.directory / DATA_FILE))
        return found


@dataclass(frozen=True)
class Runs:
    """The folder with all runs."""

    root: Path

    @staticmethod
    def from_environment() -> Runs:
        """The folder that CHECKPOINT_EXPLORER_RUNS names, else `runs` in the working directory."""
        return Runs(Path(os.environ.get(environment.RUNS) or "runs").resolve())

    def create(
        self,
        sample: Sample,
        train: TrainSettings,
        data: DataSettings | None = None,
        owner: str = "",
        parent: Parent | None = None,
        sweep: str = "",
    ) -> Run:
        """A fresh directory, ready to be trained in.

        Raises:
            OSError: the disk does not take it.
        """
        run = Run(self.root / secrets.token_hex(8))
        manifest = Manifest(run.id, time.time(), data, train, owner, parent=parent, sweep=sweep)
        try:
            run.checkpoints.mkdir(parents=True)
            # First of all: a directory without it is nobody's, should this process be killed now.
            run.write(replace(manifest, number=self.index.next_number()))
            content = write_csv(sample, run.directory / DATA_FILE)
            digests.record(run.directory, {DATA_FILE: digests.digest_of(content)})
            run.count_bytes()
        except OSError:
            self._remove(run)
            raise
        return run

    def open(self, run_id: str) -> Run:
        """The run with this id.

        Raises:
            RunNotFound: no such run. The id never reaches the file system unless it is one.
        """
        run = Run(self.root / run_id)
        if not _ID.fullmatch(run_id) or not os.path.lexists(run.directory / "run.json"):
            raise RunNotFound(
                f"There is no run {run_id[:40]!r} here. It was deleted, or the "
                "link is incomplete. Train a new one, or ask for the link again."
            )
        return run

    @property
    def index(self) -> RunIndex:
        """The index of this folder."""
        return RunIndex(self.root, LARGEST_JSON)

    def manifests(self, owner: str | None = None) -> list[Manifest]:
        """All runs that can be read, newest first, or one owner's."""
        return [entry.manifest for entry in self.index.entries(owner) if not entry.problem]

    def problems(self, owner: str) -> list[tuple[Manifest, str]]:
        """This owner's runs whose `run.json` could be read once and cannot be now, and why."""
        return [(entry.manifest, entry.problem) for entry in self.index.entries(owner) if entry.problem]

    def delete(self, run_id: str) -> None:
        """Remove a run and all its files.

        Raises:
            RunNotFound: no such run.
            RunBusy: it is being trained.
        """
        run = self.open(run_id)
        with run.untrained():
            self._remove(run)

    def _remove(self, run: Run) -> None:
        shutil.rmtree(run.directory, ignore_errors=True)
        self.index.drop(run.id)

    def discard(self, run_id: str) -> None:
        """Put a run aside, for `bring_back` to undo; after some minutes it is gone for good.

        On a disk that is full it is gone at once: it is deleted for room.

        Raises:
            RunNotFound: no such run.
            RunBusy: it is being trained.
            OSError: the folder cannot be changed.
        """
        run, aside = self.open(run_id), self.root / TRASH / run_id
        with run.untrained():
            try:
                aside.parent.mkdir(exist_ok=True)
                run.directory.rename(aside)
                os.utime(aside, (clock.now(self.root),) * 2)
            except FileNotFoundError:
                raise run.gone() from None  # somebody else was quicker
            except OSError as error:
                if error.errno not in FULL:
                    raise
                self._remove(run)
        self.index.drop(run_id)
        self.empty_trash(0.0 if is_full(self.root) else UNDO)

    def bring_back(self, run_id: str) -> None:
        """Undo `discard`.

        Raises:
            RunNotFound: it is gone for good.
            OSError: the folder cannot be changed.
        """
        lost = RunNotFound(f"Run {run_id[:40]!r} cannot be brought back any more.")
        if not _ID.fullmatch(run_id):
            raise lost
        try:
            (self.root / TRASH / run_id).rename(self.root / run_id)
        except FileNotFoundError:
            raise lost from None
        self.index.put(run_id)

    def discarded(self, owner: str) -> list[Manifest]:
        """One owner's runs that `bring_back` can still bring back, the last discarded first."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for path in (self.root / TRASH).iterdir():
                with contextlib.suppress(OSError, RecordError, RunNotFound):
                    since, manifest = path.stat().st_mtime, Run(path).manifest()
                    if manifest.owner == owner and clock.now(self.root) - since < UNDO:
                        found.append((since, manifest))
        return [manifest for _, manifest in sorted(found, key=lambda each: -each[0])]

    def empty_trash(self, older: float = UNDO) -> None:
        """Remove for good what was discarded more than `older` seconds ago."""
        with contextlib.suppress(FileNotFoundError):
            for path in (self.root / TRASH).iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if _ID.fullmatch(path.name) and clock.now(self.root) - path.stat().st_mtime >= older:
                        shutil.rmtree(path, ignore_errors=True)


@lru_cache(maxsize=1024)  # a page asks for the same ones at every rerun; a sweep has a hundred
def _manifest(path: Path, inode: int, modified: int, size: int) -> Manifest:
    """The manifest of a file in the state that its stamps tell."""
    return Manifest.from_json(decoded(read_own(path, LARGEST_JSON)))


def _digests_of_format_1(path: Path) -> dict[str, str]:
    """What version 1.0 recorded in `run.json`."""
    try:
        values = decoded(read_own(path, LARGEST_JSON))
    except RecordError:
        return {}
    found = values.get("sha256") if isinstance(values, dict) else None
    return {str(path): str(digest) for path, digest in found.items()} if isinstance(found, dict) else {}
