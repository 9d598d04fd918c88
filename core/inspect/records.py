"""Which records may come back from the process that reads strangers' files."""

from __future__ import annotations

from core.checkpoint import Fault
from core.inspect.compare import Comparison, Difference
from core.inspect.diagnosis import Finding
from core.inspect.find import Checkpoint, Found, Oddity, Unread
from core.inspect.graphs import Graph, Signature, Wanted
from core.inspect.look import Look
from core.inspect.model import Listing, Note, Tensor
from core.inspect.over_time import Mark, Measured
from core.inspect.state import State

RECORDS = {
    kind.__name__: kind
    for kind in (
        Checkpoint,
        Comparison,
        Difference,
        Fault,
        Finding,
        Found,
        Graph,
        Listing,
        Look,
        Mark,
        Measured,
        Note,
        Oddity,
        Signature,
        State,
        Tensor,
        Unread,
        Wanted,
    )
}
