"""What one save costs when many checkpoints are kept already."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from bench.places import MEMORY, fresh, runs_folder
from bench.report import Check, Table
from core.checkpoint import ITER
from core.run.runs import Run, Runs
from core.tf.model import build, session
from core.tf.saving import CheckpointWriter

FEW, MANY, AROUND = 100, 2000, 25


def measure() -> Sequence[Table]:
    """On the disk for temporary files and, where there is one, on a file system in memory."""
    rows: list[tuple[str, ...]] = []
    checks: list[Check] = []
    places: list[tuple[str, Path | None]] = [("disk", None)]
    if MEMORY.is_dir():
        places.append(("memory (/dev/shm)", MEMORY))
    for place, where in places:
        runs = runs_folder(where)
        plain, ours = _plain(runs.root / "plain"), _application(runs)
        for name, seconds in (("plain `Saver.save`", plain), ("the application's save", ours)):
            few, many = _around(seconds, FEW), _around(seconds, MANY)
            rows.append((place, name, f"{few:.2f} ms", f"{many:.2f} ms", f"{many / few:.2f}×"))
        growth = _around(ours, MANY) / _around(ours, FEW)
        checks.append(
            Check(
                f"a save at {MANY:,} kept within 2× of one at {FEW}, {place}", f"{growth:.2f}×", growth <= 2
            )
        )
    return [
        Table(
            "Cost of one save",
            f"Median of {2 * AROUND} saves around the point, every checkpoint kept.",
            ("file system", "what", f"at {FEW} kept", f"at {MANY:,} kept", "growth"),
            tuple(rows),
            tuple(checks),
        )
    ]


def _around(seconds: list[float], point: int) -> float:
    """Median of the saves around this one, in milliseconds."""
    return statistics.median(seconds[point - AROUND : point + AROUND]) * 1000


def _plain(directory: Path) -> list[float]:
    """Seconds of each save as the recipe does it."""
    from bench.recipe_graph import recipe_session

    directory.mkdir()
    seconds = []
    with recipe_session() as (opened, saver, _):
        for step in range(MANY + AROUND):
            began = time.perf_counter()
            saver.save(opened, str(directory / ITER), global_step=step)
            seconds.append(time.perf_counter() - began)
    return seconds


def _application(runs: Runs) -> list[float]:
    """Seconds of each save as the application does it."""
    run: Run = fresh(runs)
    settings, sample = run.manifest().train, run.sample()
    model = build(settings)
    seconds = []
    with session(model.graph, chain=True) as opened:
        writer = CheckpointWriter(run, model, settings)
        writer.resume(opened, sample)
        for step in range(MANY + AROUND):
            began = time.perf_counter()
            writer.save(opened, ITER, step)
            seconds.append(time.perf_counter() - began)
    return seconds
