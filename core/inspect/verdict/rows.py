"""Rows of a verdict, as every loader's rules make them."""

from __future__ import annotations

from core.bundle import Entry
from core.inspect.verdict.verdict import MODEL, SKIPPED, Row, Shape


def row(
    outcome: str,
    label: str,
    key: str,
    dtype: str,
    shape: Shape | None,
    entry: Entry | None = None,
    note: str = "",
    part: str = MODEL,
) -> Row:
    """What becomes of one weight of the target; `entry` is the tensor of the file that it meets."""
    if entry is None:
        return Row(outcome, label, key, "", dtype, shape, part=part, note=note)
    return Row(outcome, label, key, entry.name, dtype, shape, entry.dtype, entry.shape, part, note)


def stays(entry: Entry, name: str = "", note: str = "", part: str = MODEL) -> Row:
    """A tensor of the file that no weight takes."""
    return Row(
        SKIPPED,
        name or entry.name,
        "",
        entry.name,
        stored_dtype=entry.dtype,
        stored_shape=entry.shape,
        part=part,
        note=note,
    )


def cast(entry: Entry, dtype: str) -> str:
    """A note where a loader changes the dtype."""
    return f"cast from {entry.dtype} to {dtype}" if dtype and entry.dtype != dtype else ""
