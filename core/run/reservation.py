"""Room on the disk, reserved before it is written to, by everybody who writes much into the folder of runs.

```
runs/.room/
  lock            held while somebody looks at the account and reserves
  <id>/held       how many bytes; locked for as long as the process that writes them lives
  <id>/files/     where it may write what is moved to its place when it is whole
```

A reservation of a process that died is cleared away by the next one, with all that was written into it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core import clock
from core.run.disk import Leaving, disk_limit, leaving, taken
from core.run.runs import Run, RunBusy, RunNotFound, Runs
from core.storage import alone, is_full, open_own, read_own

FOLDER = ".room"
ITERATION = 9000  # bytes that an iteration's checkpoint takes: two files of one block each, and its lines
PATIENCE = 10.0  # seconds to wait for others who reserve, each for milliseconds

_ID = re.compile(r"[0-9a-f]{16}")


class NoRoom(RuntimeError):
    """There is no room for more, and none can be made; the message is for the user."""


@dataclass
class Reservation:
    """Bytes that nobody else takes, and a folder to write them into."""

    runs: Runs
    directory: Path
    _descriptor: int

    @property
    def folder(self) -> Path:
        """Where files may be written until they are whole; it is gone with the reservation."""
        return self.directory / "files"

    def hold(self, size: int, evict: bool = True, spared: float = 0.0) -> None:
        """Hold `size` bytes from now on, in place of what was held before.

        Args:
            evict, spared: make room, if need be; see `core.run.disk.leaving`. Nothing leaves in vain.

        Raises:
            NoRoom: there is none. What was held before is still held.
            OSError: the disk does not take even the note of it.
        """
        with _locked(self.runs):
            account = taken(self.runs, _held(self.runs, but=self.directory))
            surplus = account.total + size - disk_limit()
            going = leaving(self.runs, surplus, spared) if evict else []
            if sum(each.bytes for each in going) < surplus:
                raise NoRoom(
                    f"There is no room for {size / 1e6:,.1f} MB more: {account.total / 1e6:,.0f} of the "
                    f"{disk_limit() / 1e6:,.0f} MB for runs and uploads are used. Delete runs, or try again "
                    "later."
                )
            if size and is_full(self.runs.root, size):
                raise NoRoom("The server's disk is full. Delete runs to make room, or try again later.")
            if self._take_away(going) < len(going):
                raise NoRoom("What could make room is in use just now. Try again.")
            self._note(size)
        self._empty()

    def keep(self, written: Path, place: Path) -> None:
        """Move what is whole now from `folder` to its place. From then on it counts there alone.

        Raises:
            OSError: it cannot be moved.
        """
        place.parent.mkdir(parents=True, exist_ok=True)
        os.utime(written, (clock.now(self.runs.root),) * 2)
        with _locked(self.runs):
            written.rename(place)
            self._note(0)

    def _note(self, size: int) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(size).encode(), 0)

    def make_room(self, limit: int) -> list[str]:
        """Delete what may leave until all takes at most `limit` bytes; the ids of the runs that left."""
        with _locked(self.runs):
            account = taken(self.runs, _held(self.runs, but=self.directory))
            going = leaving(self.runs, account.total - limit)
            self._take_away(going)
        self._empty()
        return [each.run for each in going if each.run and not each.path.exists()]

    def _take_away(self, going: Sequence[Leaving]) -> int:
        """Move what leaves to where its removal keeps nobody waiting; how many of them could be moved."""
        gone = 0
        for number, each in enumerate(going):
            with (
                contextlib.suppress(RunBusy, RunNotFound, FileNotFoundError),
                contextlib.ExitStack() as stack,
            ):
                if each.run:
                    stack.enter_context(Run(each.path).untrained())
                each.path.rename(self._gone / str(number))
                gone += 1
                if each.run:
                    self.runs.index.drop(each.run)
        return gone

    @property
    def _gone(self) -> Path:
        return self.directory / "gone"

    def _empty(self) -> None:
        for path in self._gone.iterdir():
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def reserve(runs: Runs) -> Iterator[Reservation]:
    """A reservation of nothing yet, for as long as the block lasts.

    Raises:
        OSError: the disk does not take even the note of it.
    """
    directory = runs.root / FOLDER / secrets.token_hex(8)
    with _locked(runs):
        _clear(runs)
        for name in ("files", "gone"):
            (directory / name).mkdir(parents=True)
        descriptor = os.open(directory / "held", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # who asks whether it lives holds it for a moment
    try:
        yield Reservation(runs, directory, descriptor)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(descriptor)


def make_room(runs: Runs, limit: int) -> list[str]:
    """Delete what may leave until all takes at most `limit` bytes; the ids of the runs that left.

    Raises:
        OSError: the folder cannot be changed.
    """
    if taken(runs, held(runs)).total <= limit:
        return []
    with reserve(runs) as room:
        return room.make_room(limit)


def held(runs: Runs) -> int:
    """Bytes that are reserved now."""
    return _held(runs)


def clear(runs: Runs) -> None:
    """Remove what processes that died have reserved and written.

    Raises:
        OSError: the folder cannot be changed.
    """
    if (runs.root / FOLDER).is_dir():
        with _locked(runs):
            _clear(runs)


def _clear(runs: Runs) -> None:
    for directory in _directories(runs):
        if not (directory / "held").exists():  # its process died as it made it
            for path in (directory / "files", directory / "gone", directory):
                with contextlib.suppress(OSError):
                    path.rmdir()
        elif not _lives(directory):
            shutil.rmtree(directory, ignore_errors=True)


def _held(runs: Runs, but: Path | None = None) -> int:
    sizes = 0
    for directory in _directories(runs):
        if directory != but and _lives(directory):
            with contextlib.suppress(OSError, ValueError):
                sizes += max(0, int(read_own(directory / "held", 100) or b"0"))
    return sizes


def _directories(runs: Runs) -> list[Path]:
    try:
        return [path for path in (runs.root / FOLDER).iterdir() if _ID.fullmatch(path.name)]
    except OSError:
        return []


def _lives(directory: Path) -> bool:
    """Whether the process that made a reservation lives."""
    try:
        descriptor = open_own(directory / "held")
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def _locked(runs: Runs) -> Iterator[None]:
    lock = runs.root / FOLDER / "lock"
    if not lock.exists():
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    with alone(lock, PATIENCE):
        yield
