"""Every optimizer in every way of training, beside the recipe's own loop: all files, many iterations."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.report import Check, Table
from core.settings import OPTIMIZERS
from tests.bits import Bits
from tests.soak.progress import progress

SAMPLES = 300  # with 300 iterations 90,000 updates: Adam's second power comes to zero after 87,300


def measure(iterations: int) -> Sequence[Table]:
    """Count the files, and those that differ."""
    rows: list[tuple[str, ...]] = []
    files = differ = 0
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        for optimizer in OPTIMIZERS:
            place = Path(folder) / optimizer
            place.mkdir()
            bits = Bits(optimizer, OPTIMIZERS, place, SAMPLES, iterations)
            for way, train in bits.ways.items():
                progress(f"bits: {optimizer}, {way}")
                found = train()
                files, differ = files + found.files, differ + len(found.differ)
                rows.append((optimizer, way, f"{found.files:,}", str(len(found.differ))))
    return [
        Table(
            "Each way to train beside the recipe's own loop",
            f"{iterations} iterations over {SAMPLES} points, one update per point. Every `.data` and "
            "`.index` file is compared byte by byte. The fork starts near the end.",
            ("optimizer", "way", "files compared", "files that differ"),
            tuple(rows),
            (Check("no file differs", f"{differ} of {files:,}", differ == 0),),
        )
    ]
