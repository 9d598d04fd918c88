"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """So many of `what`: "1 file", "3 files"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
