"""A ticket: one training in the queue, a file of JSON that anybody may have written."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from core.storage import read_own

LARGEST = 10_000  # bytes
MOST = 2**53  # of a number in JSON that every reader understands

_ID, _NO_ID = re.compile(r"[0-9a-f]{16}"), re.compile(r"([0-9a-f]{16})?")


class NoTicket(ValueError):
    """A file in the queue is none; the message says why."""


@dataclass(frozen=True)
class Ticket:
    """A training that waits or that a server has taken. It names no path: that is made from the id.

    Attributes:
        id: of the run; the name of the ticket's file.
        owner: who it is for; the queue is fair between them.
        since: seconds since 1970, when it came into the queue, the last time if it gave way to others.
        server: who has taken it, by the name of the ticket's file; empty while it waits.
        address: where its owner comes from on the network; empty when that is not known.
        order: its number among all arrivals: unlike a clock it never goes backwards.
        turns: how often it has given way to others.
        short: whether it will be done soon, so that others hardly notice when it comes first.
        sweep: the id of the sweep that it is trained for; empty for a run by itself.
        died_at: the iteration at which a worker died over it last; -1 if none did.
    """

    id: str
    owner: str
    since: float
    server: str = ""
    address: str = ""
    order: int = 0
    turns: int = 0
    short: bool = False
    sweep: str = ""
    died_at: int = -1

    @property
    def whole(self) -> str:
        """The id of what its owner waits for: the sweep, or the run."""
        return self.sweep or self.id

    @property
    def taken_name(self) -> str:
        """The name of its file once it has been taken; version 1 did not name the server."""
        return f"{self.id}@{self.server}" if self.server else self.id

    def content(self) -> bytes:
        """What its file holds."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "server"}).encode()


def read_ticket(path: Path) -> Ticket:
    """The ticket in a file. Nothing in it becomes a path but an id.

    Raises:
        NoTicket: it is none.
        OSError: it is gone, is no regular file, or the system does not give it.
    """
    content = read_own(path, LARGEST)
    try:
        values = json.loads(content)
        name, _, server = path.name.partition("@")
        since, order, turns = float(values["since"]), int(values.get("order", 0)), int(values.get("turns", 0))
        sweep, died_at = values.get("sweep", ""), int(values.get("died_at", -1))
        known = _ID.fullmatch(name) and name == values["id"]
        known = known and _NO_ID.fullmatch(server) and _NO_ID.fullmatch(sweep)
        if not known or not all(0 <= number < MOST for number in (since, order, turns, died_at + 1)):
            raise NoTicket("it names another training, or a number is out of range")
        return Ticket(
            name,
            str(values["owner"]),
            since,
            server,
            str(values.get("address", "")),
            order,
            turns,
            values.get("short") is True,
            sweep,
            died_at,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise NoTicket(f"{type(error).__name__}: {error}"[:200]) from None
