"""Fifty visitors on a folder with ten thousand runs."""

from __future__ import annotations

from collections.abc import Sequence

from bench.many import MANY
from bench.report import Table
from tests.soak.visitors import crowd


def measure(count: int) -> Sequence[Table]:
    """For `count` seconds."""
    return crowd(count, MANY)
