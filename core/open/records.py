"""Which records may come back from the process that reads strangers' files."""

from __future__ import annotations

from core.open.compare import Comparison, Difference
from core.open.diagnosis import Finding
from core.open.find import Checkpoint, Found, Oddity
from core.open.graphs import Graph, Signature, Wanted
from core.open.look import Look
from core.open.over_time import Mark, Measured
from core.open.state import State
from core.open.tensors import Listing, Tensor

RECORDS = {
    kind.__name__: kind
    for kind in (
        Checkpoint,
        Comparison,
        Difference,
        Finding,
        Found,
        Graph,
        Listing,
        Look,
        Mark,
        Measured,
        Oddity,
        Signature,
        State,
        Tensor,
        Wanted,
    )
}
