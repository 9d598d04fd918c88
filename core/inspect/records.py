"""Which records may come back from the process that reads strangers' files."""

from __future__ import annotations

from core.checkpoint import Fault
from core.inspect.code.block import Block
from core.inspect.compare import Comparison, Difference, Tolerance
from core.inspect.diagnosis import Finding
from core.inspect.find import Checkpoint, Found, Oddity, Unread
from core.inspect.graphs import Graph, Restored, Signature
from core.inspect.look import Look, Numbers
from core.inspect.model import Listing, Note, Tensor
from core.inspect.over_time import Mark, Measured
from core.inspect.state import State
from core.inspect.verdict.verdict import Assertion, Choice, Fix, Row, Verdict

RECORDS = {
    kind.__name__: kind
    for kind in (
        Assertion,
        Block,
        Checkpoint,
        Choice,
        Comparison,
        Difference,
        Fault,
        Finding,
        Fix,
        Found,
        Graph,
        Listing,
        Look,
        Mark,
        Measured,
        Note,
        Numbers,
        Oddity,
        Restored,
        Row,
        Signature,
        State,
        Tensor,
        Tolerance,
        Unread,
        Verdict,
    )
}
