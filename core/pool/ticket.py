"""A ticket: one training in the queue, a file of JSON that anybody may have written."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

from core.storage import read_own

LARGEST = 10_000  # bytes
MOST = 2**53  # of a number in JSON that every reader understands

Kind = Literal["run", "sweep"]

_IDS = {"run": re.compile(r"[0-9a-f]{16}"), "sweep": re.compile(r"[0-9a-f]{16}-[0-9]{1,4}")}
_SERVER = re.compile(r"([0-9a-f]{16})?")


class NoTicket(ValueError):
    """A file in the queue is none; the message says why."""


@dataclass(frozen=True)
class Ticket:
    """A training that waits or that a server has taken. It names no path: that is made from the id.

    Attributes:
        id: of the run, or of one part of a sweep; the name of the ticket's file.
        owner: who it is for; the queue is fair between them.
        kind: what is trained.
        since: seconds since 1970, when it came into the queue, the last time if it gave way to others.
        server: who has taken it, by the name of the ticket's file; empty while it waits.
        address: where its owner comes from on the network; empty when that is not known.
        order: its number among all arrivals: unlike a clock it never goes backwards.
        turns: how often it has given way to others.
        short: whether it will be done soon, so that others hardly notice when it comes first.
    """

    id: str
    owner: str
    kind: Kind
    since: float
    server: str = ""
    address: str = ""
    order: int = 0
    turns: int = 0
    short: bool = False

    @property
    def whole(self) -> str:
        """The id of the run, or of the sweep that this is a part of."""
        return self.id.partition("-")[0]

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
        kind, since = values["kind"], float(values["since"])
        order, turns = int(values.get("order", 0)), int(values.get("turns", 0))
        known = _IDS[kind].fullmatch(name) and _SERVER.fullmatch(server) and name == values["id"]
        if not known or not all(0 <= number < MOST for number in (since, order, turns)):
            raise NoTicket("it names another training, or a number is out of range")
        return Ticket(
            name,
            str(values["owner"]),
            cast("Kind", kind),
            since,
            server,
            str(values.get("address", "")),
            order,
            turns,
            values.get("short") is True,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise NoTicket(f"{type(error).__name__}: {error}"[:200]) from None
