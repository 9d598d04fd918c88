"""What a part of the bench reports: tables, and how its targets came out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing to reach.

    Attributes:
        target: what is asked for, in words.
        measured: what was found.
        reached: whether it is enough.
    """

    target: str
    measured: str
    reached: bool


@dataclass(frozen=True)
class Table:
    """One Markdown table with its title, a sentence on how it was measured, and its targets."""

    title: str
    how: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    checks: tuple[Check, ...] = ()


Part = Callable[[], Sequence[Table]]


def markdown(table: Table) -> str:
    """The table as docs/bench.md shows it."""
    return f"### {table.title}\n\n{table.how}\n\n{grid(table.columns, table.rows)}\n"


def summary(checks: Sequence[Check]) -> str:
    """All targets in one table."""
    rows = [(each.target, each.measured, "yes" if each.reached else "**no**") for each in checks]
    return f"### Targets\n\n{grid(('to reach', 'measured', 'reached'), rows)}\n"


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns and rows in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile: the smallest value that 95% of all do not exceed."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 95 // 100) - 1]


def median_seconds(seconds: Sequence[float]) -> str:
    """Median of `seconds`, with the fastest and the slowest."""
    if len(seconds) == 1:
        return f"{seconds[0]:.2f} s"
    return f"{statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})"
