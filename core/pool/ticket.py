"""A ticket: one training in the queue, a file of JSON that anybody may have written."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from core.json_records import LARGEST_WHOLE, Count, RecordError, as_record, decoded
from core.storage import read_own

LARGEST = 10_000  # bytes

_Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
_MaybeId = Annotated[str, Meta(pattern=r"\A([0-9a-f]{16})?\Z")]


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

    id: _Id
    owner: str
    since: Annotated[float, Meta(ge=0, lt=LARGEST_WHOLE)]
    server: _MaybeId = ""
    address: str = ""
    order: Count = 0
    turns: Count = 0
    short: bool = False
    sweep: _MaybeId = ""
    died_at: Annotated[int, Meta(ge=-1, le=LARGEST_WHOLE)] = -1

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
        RecordError: it is none.
        OSError: it is gone, is no regular file, or the system does not give it.
    """
    name, _, server = path.name.partition("@")
    values = decoded(read_own(path, LARGEST))
    ticket = as_record(Ticket, {**values, "server": server} if isinstance(values, dict) else values)
    if ticket.id != name:
        raise RecordError("it names another training")
    return ticket
