"""The queue of trainings: a folder of tickets beside the runs, the same for every server that shares it.

```
runs/queue/
  waiting/<id>             who waits, since when
  training/<id>@<server>   what that server has taken
  servers/<server>         locked for as long as that server lives
  aside/<name>             what was among the tickets and is none
```

To take a ticket is to rename it, which one server alone can do, even on a full disk. Nothing is kept in
memory, so the queue outlives a server, and a ticket whose server has died goes back into it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

from core.json_records import RecordError
from core.pool.fairness import fair_order
from core.pool.ticket import Ticket, read_ticket
from core.storage import write_atomically

FOLDER = "queue"
FOLDERS = ("waiting", "training", "servers", "aside")

# What the system says of something that is no file of ours, whenever it is asked.
_NO_FILE = (errno.EINVAL, errno.EISDIR, errno.ELOOP, errno.EFBIG, errno.ENXIO, errno.EACCES)

_log = logging.getLogger(__name__)


class Unwritable(OSError):
    """The folder of the queue does not take a change: the disk is full, or read-only."""


class QueueFull(RuntimeError):
    """One visitor has as much waiting as one may; the message is one sentence for them."""


class Queue:
    """The queue of one folder of runs, as one server sees it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.server = secrets.token_hex(8)
        self._folder = root / FOLDER
        self._known: dict[tuple[str, int, int], Ticket] = {}
        self._lock: TextIOWrapper | None = None

    def open(self) -> None:
        """Say that this server lives, until `close` or until its process ends; once more if that was removed.

        Raises:
            Unwritable: the folder cannot be written, or the folder of runs is gone.
        """
        if self._lock is not None:
            if (self._folder / "servers" / self.server).exists():
                return
            if not self.root.is_dir():
                raise Unwritable(errno.ENOENT, "the folder of runs is gone", str(self.root))
            self._lock.close()
            self._lock = None
        with _changing():
            for name in FOLDERS:
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            self._lock = (self._folder / "servers" / self.server).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Say that this server is gone."""
        lock, self._lock = self._lock, None
        if lock is not None:
            with contextlib.suppress(OSError):
                (self._folder / "servers" / self.server).unlink()
            lock.close()

    def add(self, ticket: Ticket, most: int | None = None, most_near: int | None = None) -> None:
        """Let a ticket wait, once: one that waits or trains already stays as it is.

        Args:
            most: trainings of one visitor that may wait; a sweep is one. None for any number.
            most_near: trainings of one address that may wait.

        Raises:
            QueueFull: so many wait already.
            OSError: the disk does not take it.
        """
        waiting = self.waiting()
        if ticket.id in {each.id for each in (*waiting, *self.training())}:
            return
        mine = {each.whole for each in waiting if each.owner == ticket.owner} - {ticket.whole}
        if most is not None and len(mine) >= most:
            raise QueueFull(
                f"You have {len(mine)} runs waiting, as many as one visitor may have. Wait until one "
                "has begun, or stop one."
            )
        near = {each.whole for each in waiting if each.address == ticket.address} - {ticket.whole}
        if most_near is not None and ticket.address and len(near) >= most_near:
            raise QueueFull(
                f"{len(near)} runs from your network address wait, as many as one address may have. "
                "Wait until some have begun, and try again."
            )
        self._write("waiting", replace(ticket, order=self._next()))

    def waiting(self) -> list[Ticket]:
        """The tickets that wait, in the order in which they will be taken: see `core.pool.fairness`."""
        return fair_order(self._tickets("waiting"), self.training())

    def training(self) -> list[Ticket]:
        """The tickets that servers have taken."""
        return self._tickets("training")

    def place(self, ticket: str) -> int | None:
        """0 for a run or sweep that has been taken, n for the n-th that waits, None for one not here."""
        order = self.waiting()
        # Looked at afterwards: a ticket goes from waiting to training, and must not be missed on its way.
        if any(ticket in (each.id, each.sweep) for each in self.training()):
            return 0
        if not any(ticket in (each.id, each.sweep) for each in order):
            order = self.waiting()  # nor one that was just given back
        found = (place for place, each in enumerate(order, 1) if ticket in (each.id, each.sweep))
        return next(found, None)

    def take(self) -> Ticket | None:
        """Take the first ticket that waits; None when there is none.

        Raises:
            Unwritable: it cannot be renamed.
        """
        for ticket in self.waiting():
            mine = replace(ticket, server=self.server)
            try:
                with _changing():
                    (self._folder / "waiting" / ticket.id).rename(self._folder / "training" / mine.taken_name)
            except FileNotFoundError:
                continue  # another server was quicker
            return mine
        return None

    def give_back(self, ticket: Ticket) -> None:
        """Let a ticket that was taken wait again, behind those that wait; on a full disk, where it was.

        Raises:
            Unwritable: it cannot be renamed.
        """
        taken, waits = self._folder / "training" / ticket.taken_name, self._folder / "waiting" / ticket.id
        with _changing():
            try:
                later = replace(ticket, since=time.time(), order=self._next(), turns=ticket.turns + 1)
                self._write("waiting", later)
            except OSError:
                with contextlib.suppress(FileNotFoundError):
                    taken.rename(waits)
            taken.unlink(missing_ok=True)

    def leave(self, ticket: Ticket) -> None:
        """Take a ticket that was taken out of the queue; one of the same id that waits by now, waits on.

        Raises:
            Unwritable: it cannot be removed.
        """
        with _changing():
            (self._folder / "training" / ticket.taken_name).unlink(missing_ok=True)

    def withdraw(self, ticket: str) -> bool:
        """Take a ticket that waits out of the queue; whether it still waited."""
        try:
            (self._folder / "waiting" / ticket).unlink()
        except FileNotFoundError:
            return False
        return True

    def abandoned(self) -> list[Ticket]:
        """Tickets that were taken by servers that live no more."""
        return [each for each in self.training() if each.server != self.server and not self._lives(each)]

    def _lives(self, ticket: Ticket) -> bool:
        path = self._folder / "servers" / ticket.server
        if not ticket.server or not path.exists():
            return False
        with contextlib.suppress(OSError), path.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            path.unlink(missing_ok=True)
        return False

    def _tickets(self, name: str) -> list[Ticket]:
        """The tickets in a folder, each read once for every state of its file."""
        found = {}
        try:
            with os.scandir(self._folder / name) as files:
                for file in files:
                    if file.name.startswith("."):
                        continue
                    with contextlib.suppress(OSError, RecordError):
                        status = file.stat(follow_symlinks=False)
                        stamp = file.path, status.st_ino, status.st_mtime_ns
                        found[stamp] = self._known.get(stamp) or read_ticket(Path(file.path))
        except OSError:
            return []
        kept = {stamp: ticket for stamp, ticket in self._known.items() if Path(stamp[0]).parent.name != name}
        self._known = kept | found
        return list(found.values())

    def clear(self) -> None:
        """Move aside what is among the tickets and is none.

        Raises:
            Unwritable: it cannot be moved.
        """
        known = {path for path, *_ in self._known}
        for folder in (self._folder / "waiting", self._folder / "training"):
            with contextlib.suppress(FileNotFoundError), _changing():
                for path in folder.iterdir():
                    name = path.name[:80]
                    if not name.startswith(".") and str(path) not in known and (why := _wrong(path)):
                        _log.warning("%s in the queue is no ticket, and is moved aside: %s", name, why)
                        path.rename(self._folder / "aside" / f"{name}.{secrets.token_hex(4)}")

    def aside(self) -> list[str]:
        """The names of what has been moved aside; why, the log says."""
        try:
            return sorted(path.name for path in (self._folder / "aside").iterdir())
        except OSError:
            return []

    def _next(self) -> int:
        """The number of the next arrival; two servers may give the same one at the same time."""
        return max((each.order for each in (*self._tickets("waiting"), *self.training())), default=0) + 1

    def _write(self, name: str, ticket: Ticket) -> None:
        write_atomically(self._folder / name / ticket.id, ticket.content())


def _wrong(path: Path) -> str:
    """Why a file is no ticket; empty when it is one, or when that cannot be known now."""
    try:
        read_ticket(path)
    except RecordError as error:
        return str(error)
    except OSError as error:
        return error.strerror or "" if error.errno in _NO_FILE else ""
    return ""


@contextlib.contextmanager
def _changing() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unwritable(error.errno, error.strerror, error.filename) from None
