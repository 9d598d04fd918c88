"""The queue of trainings: a folder of tickets beside the runs, the same for every server that shares it.

```
runs/queue/
  waiting/<id>    who waits, since when
  training/<id>   what a server has taken, and which
  servers/<id>    locked for as long as that server lives
```

To take a ticket is to rename it, which one server alone can do. Nothing is kept in memory, so the queue
outlives a server, and a ticket whose server has died goes back into it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, cast

from core.storage import read_own, write_atomically

FOLDER = "queue"
LARGEST = 10_000  # bytes of a ticket
FRESH = 5.0  # seconds in which a server writes its name on a ticket that it has taken

Kind = Literal["run", "sweep"]


class QueueFull(RuntimeError):
    """One visitor has as much waiting as one may; the message is one sentence for them."""


@dataclass(frozen=True)
class Ticket:
    """A training that waits or that a server has taken.

    Attributes:
        id: of the run, or of one part of a sweep; the name of the ticket's file.
        owner: who it is for; the queue is fair between them.
        kind: what is trained.
        directory: of the run or of the sweep.
        since: seconds since 1970, when it came into the queue, the last time if it gave way to others.
        server: who has taken it; empty while it waits.
    """

    id: str
    owner: str
    kind: Kind
    directory: str
    since: float
    server: str = ""

    @property
    def whole(self) -> str:
        """The id of the run, or of the sweep that this is a part of."""
        return self.id.partition("-")[0]


class Queue:
    """The queue of one folder of runs, as one server sees it."""

    def __init__(self, root: Path) -> None:
        self.server = secrets.token_hex(8)
        self._folder = root / FOLDER
        self._known: dict[tuple[str, int, int], Ticket] = {}
        self._lock: TextIOWrapper | None = None

    def open(self) -> None:
        """Say that this server lives, until `close` or until its process ends.

        Raises:
            OSError: the folder cannot be written.
        """
        for name in ("waiting", "training", "servers"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / "servers" / self.server).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Say that this server is gone."""
        if self._lock is not None:
            (self._folder / "servers" / self.server).unlink(missing_ok=True)
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
        """Take the first ticket that waits; None when there is none."""
        for ticket in self.waiting():
            taken = self._folder / "training" / ticket.id
            try:
                (self._folder / "waiting" / ticket.id).rename(taken)
            except FileNotFoundError:
                continue  # another server was quicker
            os.utime(taken)
            mine = replace(ticket, server=self.server)
            self._write("training", mine)
            return mine
        return None

    def give_back(self, ticket: Ticket) -> None:
        """Let a ticket that was taken wait again, behind those that wait."""
        self._write("waiting", replace(ticket, since=time.time(), server=""))
        (self._folder / "training" / ticket.id).unlink(missing_ok=True)

    def leave(self, ticket: str) -> None:
        """Take a ticket that was taken out of the queue; one of the same id that waits by now, waits on."""
        (self._folder / "training" / ticket).unlink(missing_ok=True)

    def withdraw(self, ticket: str) -> bool:
        """Take a ticket that waits out of the queue; whether it still waited."""
        try:
            (self._folder / "waiting" / ticket).unlink()
        except FileNotFoundError:
            return False
        return True

    def abandoned(self) -> list[Ticket]:
        """Tickets that were taken by servers that live no more."""
        return [
            each
            for each in self.training()
            if each.server != self.server
            and not self._lives(each)
            and time.time() - self._taken(each) > FRESH
        ]

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

    def _taken(self, ticket: Ticket) -> float:
        try:
            return (self._folder / "training" / ticket.id).stat().st_mtime
        except FileNotFoundError:
            return time.time()

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
        except FileNotFoundError:
            return []
        kept = {stamp: ticket for stamp, ticket in self._known.items() if Path(stamp[0]).parent.name != name}
        self._known = kept | found
        return list(found.values())

    def _write(self, name: str, ticket: Ticket) -> None:
        write_atomically(self._folder / name / ticket.id, json.dumps(asdict(ticket)).encode())


def fair_order(waiting: Sequence[Ticket], training: Sequence[Ticket]) -> list[Ticket]:
    """The waiting tickets: everybody's first before anybody's second, those in training counted in."""
    ahead = Counter(each.owner for each in training)
    ranked = []
    for ticket in sorted(waiting, key=lambda each: (each.since, each.id)):
        ranked.append((ahead[ticket.owner], ticket.since, ticket.id, ticket))
        ahead[ticket.owner] += 1
    return [ticket for *_, ticket in sorted(ranked, key=lambda each: each[:3])]


def _read(path: Path) -> Ticket:
    values = json.loads(read_own(path, LARGEST))
    kind = values["kind"]
    if kind not in ("run", "sweep") or path.name != values["id"]:
        raise ValueError(kind)
    return Ticket(
        str(values["id"]),
        str(values["owner"]),
        cast("Kind", kind),
        str(values["directory"]),
        float(values["since"]),
        str(values.get("server", "")),
    )
