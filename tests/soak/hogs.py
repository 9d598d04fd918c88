"""Sixty visitors with a long run each, from one address or from sixty: when a newcomer's training begins."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.places import fresh, workers
from bench.report import Check, Table
from core.pool.workers import Pool
from core.run.manifest import Control
from core.run.runs import Run, Runs
from tests.soak.members import seconds_until
from tests.soak.progress import progress

HOGS = 60
LONG, SHORT = 5000, 100  # iterations
COMES = (3.0, 20.0, 60.0)  # seconds after the hogs
PATIENCE = 300.0
SCENES = {  # addresses of the hogs, iterations of the newcomer, seconds within which it has to begin
    "60 from one address, a newcomer with 100 iterations": (1, SHORT, 10.0),
    "60 from one address, a newcomer with 5,000": (1, LONG, 10.0),
    "60 from 60 addresses, a newcomer with 100 iterations": (HOGS, SHORT, 30.0),
    "60 from 60 addresses, a newcomer with 5,000": (HOGS, LONG, 30.0),
}


def measure() -> Sequence[Table]:
    """Each scene once; three newcomers in each."""
    rows, checks = [], []
    for number, (what, (addresses, iterations, most)) in enumerate(SCENES.items()):
        found = _scene(addresses, iterations)
        words = ", ".join(f"{each:.1f} s" for each in found)
        rows.append((what, words))
        checks.append(Check(f"{what}: the first iteration within {most:.0f} s", words, max(found) <= most))
        progress(f"{what}: {words}", number + 1, len(SCENES))
    return [
        Table(
            "Hogs",
            f"{HOGS} visitors queue {LONG:,} iterations each, on two workers. A newcomer comes "
            f"{', '.join(f'{each:.0f}' for each in COMES)} s after them. Until its first iteration:",
            ("who trains", "seconds"),
            tuple(rows),
            tuple(checks),
        )
    ]


def _scene(addresses: int, iterations: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        runs = Runs(Path(name))
        with workers(runs) as pool:
            hogs = [_queued(pool, runs, f"hog {n}", f"10.0.0.{n % addresses}", LONG) for n in range(HOGS)]
            began, found = time.monotonic(), []
            for number, comes in enumerate(COMES):
                time.sleep(max(0.0, comes - (time.monotonic() - began)))
                run = _queued(pool, runs, f"newcomer {number}", f"192.168.0.{number}", iterations)
                found.append(seconds_until(lambda run=run: len(run.steps()) > 0, PATIENCE, "a newcomer"))  # type: ignore[misc]
                pool.stop(run)
            for run in hogs:
                run.steer(Control("stop"))
    return found


def _queued(pool: Pool, runs: Runs, owner: str, address: str, iterations: int) -> Run:
    run = fresh(runs, iterations=iterations, max_to_keep=5)
    run.update(owner=owner)
    pool.submit(run, address)
    return run
