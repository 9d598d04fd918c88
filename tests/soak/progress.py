"""What a scenario says while it goes on, beside its tables."""

from __future__ import annotations

import sys

TIMES = 20  # lines of one scenario


def progress(what: str, done: int = 1, count: int = 1) -> None:
    """Say how far a scenario has come, about twenty times from its start to its end."""
    if done == count or done % max(1, count // TIMES) == 0:
        print(f"[soak] {what}", file=sys.stderr, flush=True)
