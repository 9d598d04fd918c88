"""The queue of trainings: a folder of tickets beside the runs, the same for every server that shares it.

```
runs/queue/
  waiting/<id>             who waits, since when
  training/<id>@<server>   what that server has taken
  servers/<server>         locked for as long as that server lives
```

To take a ticket is to rename it, which one server alone can do, even on a full disk. Nothing is kept in
memory, so the queue outlives a server, and a ticket whose server has died goes back into it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, cast

from core.storage import read_own, write_atomically

FOLDER = "queue"
LARGEST = 10_000  # bytes of a ticket

Kind = Literal["run", "sweep"]

_IDS = {"run": re.compile(r"[0-9a-f]{16}"), "sweep": re.compile(r"[0-9a-f]{16}-[0-9]{1,4}")}
_SERVER = re.compile(r"([0-9a-f]{16})?")


class Unwritable(OSError):
    """The folder of the queue does not take a change: the disk is full, or read-only."""


class QueueFull(RuntimeError):
    """One visitor has as much waiting as one may; the message is one sentence for them."""


@dataclass(frozen=True)
class Ticket:
    """A training that waits or that a server has taken. It names no path: that is made from the id.

    Attributes:
        id: of the run, or of one part of a sweep; the name of the ticket's file.
        owner: who it is for; the queue is fair between them.
        kind: what is trained.
        since: seconds since 1970, when it came into the queue, the last time if it gave way to others.
        server: who has taken it, by the name of the ticket's file; empty while it waits.
    """

    id: str
    owner: str
    kind: Kind
    since: float
    server: str = ""

    @property
    def whole(self) -> str:
        """The id of the run, or of the sweep that this is a part of."""
        return self.id.partition("-")[0]

    @property
    def taken_name(self) -> str:
        """The name of its file once it has been taken; version 1 did not name the server."""
        return f"{self.id}@{self.server}" if self.server else self.id


class Queue:
    """The queue of one folder of runs, as one server sees it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.server = secrets.token_hex(8)
        self._folder = root / FOLDER
        self._known: dict[tuple[str, int, int], Ticket] = {}
        self._lock: TextIOWrapper | None = None

    def open(self) -> None:
        """Say that this server lives, until `close` or until its process ends.

        Raises:
            Unwritable: the folder cannot be written.
        """
        if self._lock is not None:
            return
        with _changing():
            for name in ("waiting", "training", "servers"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            self._lock = (self._folder / "servers" / self.server).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Say that this server is gone."""
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self._folder / "servers" / self.server).unlink()
            self._lock.close()
            self._lock = None

    def add(self, ticket: Ticket, most: int) -> None:
        """Let a ticket wait, once: one that waits or trains already stays as it is.

        Raises:
            QueueFull: its owner has `most` waiting already; the parts of a sweep are one.
            OSError: the disk does not take it.
        """
        waiting = self.waiting()
        if ticket.id in {each.id for each in (*waiting, *self.training())}:
            return
        mine = {each.whole for each in waiting if each.owner == ticket.owner} - {ticket.whole}
        if len(mine) >= most:
            raise QueueFull(
                f"You have {len(mine)} trainings waiting, as many as one visitor may have. Wait until one "
                "has begun, or stop one."
            )
        self._write("waiting", ticket)

    def waiting(self) -> list[Ticket]:
        """The tickets that wait, in the order in which they will be taken.

        Everybody's first comes before anybody's second, what trains already counted in; within that, first
        come, first served.
        """
        return fair_order(self._tickets("waiting"), self.training())

    def training(self) -> list[Ticket]:
        """The tickets that servers have taken."""
        return self._tickets("training")

    def place(self, ticket: str) -> int | None:
        """0 for a run or sweep that has been taken, n for the n-th that waits, None for one not here."""
        order = [each.whole for each in self.waiting()]
        # Looked at afterwards: a ticket goes from waiting to training, and must not be missed on its way.
        if ticket in {each.whole for each in self.training()}:
            return 0
        if ticket not in order:
            order = [each.whole for each in self.waiting()]  # nor one that was just given back
        return order.index(ticket) + 1 if ticket in order else None

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
                self._write("waiting", replace(ticket, since=time.time()))
            except OSError:
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
                    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                        status = file.stat()
                        stamp = file.path, status.st_ino, status.st_mtime_ns
                        found[stamp] = self._known.get(stamp) or _read(Path(file.path))
        except OSError:
            return []
        kept = {stamp: ticket for stamp, ticket in self._known.items() if Path(stamp[0]).parent.name != name}
        self._known = kept | found
        return list(found.values())

    def _write(self, name: str, ticket: Ticket) -> None:
        facts = {key: value for key, value in asdict(ticket).items() if key != "server"}
        write_atomically(self._folder / name / ticket.id, json.dumps(facts).encode())


@contextlib.contextmanager
def _changing() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unwritable(error.errno, error.strerror, error.filename) from None


def fair_order(waiting: Sequence[Ticket], training: Sequence[Ticket]) -> list[Ticket]:
    """The waiting tickets: everybody's first before anybody's second, those in training counted in."""
    ahead = Counter(each.owner for each in training)
    ranked = []
    for ticket in sorted(waiting, key=lambda each: (each.since, each.id)):
        ranked.append((ahead[ticket.owner], ticket.since, ticket.id, ticket))
        ahead[ticket.owner] += 1
    return [ticket for *_, ticket in sorted(ranked, key=lambda each: each[:3])]


def _read(path: Path) -> Ticket:
    """The ticket in a file. Anybody may have written it, so nothing in it becomes a path but an id.

    Raises:
        OSError, ValueError, TypeError, KeyError: it is none.
    """
    values = json.loads(read_own(path, LARGEST))
    name, _, server = path.name.partition("@")
    kind = values["kind"]
    if name != values["id"] or not _IDS[kind].fullmatch(name) or not _SERVER.fullmatch(server):
        raise ValueError(path.name)
    return Ticket(name, str(values["owner"]), cast("Kind", kind), float(values["since"]), server)
