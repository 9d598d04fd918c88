"""A clock for each folder of runs: it goes on while a server runs, and never backwards.

Ages are told by it: of a class, an upload, a discarded run. The system's clock can be put back or forward
at any time, and by it what is new would be deleted, or what is old kept. Where the system's clock is always
right, this one differs from it by the time in which no server ran.
"""

from __future__ import annotations

import contextlib
import math
import time
from pathlib import Path

from core.storage import read_own, write_atomically

FILE = ".clock"
LARGEST = 100  # bytes

_begun: dict[Path, tuple[float, float]] = {}  # where this clock was when this process first asked, and when


def now(root: Path) -> float:
    """Seconds on the clock of a folder of runs; the system's seconds since 1970 when it was first asked."""
    if root not in _begun:
        noted = _noted(root)
        _begun[root] = time.time() if noted is None else noted, time.monotonic()
        if noted is None:
            note(root)
    before, since = _begun[root]
    return before + time.monotonic() - since


def note(root: Path) -> None:
    """Write down how late it is, for the next process that asks, if the folder takes it."""
    late = now(root)
    noted = _noted(root)
    if noted is None or noted < late:
        with contextlib.suppress(OSError):
            write_atomically(root / FILE, f"{late:.3f}\n".encode())


def _noted(root: Path) -> float | None:
    """What is written down; None when nothing is, or no time."""
    try:
        late = float(read_own(root / FILE, LARGEST))
    except (OSError, ValueError):
        return None
    return late if math.isfinite(late) and late > 0 else None
