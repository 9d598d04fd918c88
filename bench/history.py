"""Reading the history of 1,000 checkpoints against a loop of `Saver.restore` over the same."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import numpy as np

from bench.places import fresh, runs_folder
from bench.report import Check, Table, median_seconds
from core.history.history import read_history
from core.pool.training import train_run
from core.run.runs import Run

CHECKPOINTS = 1000
TIMES = 5


def measure() -> Sequence[Table]:
    """In turn, in this process."""
    ours: list[float] = []
    again: list[float] = []
    theirs: list[float] = []
    runs = runs_folder()
    run = fresh(runs, iterations=CHECKPOINTS - 1)
    train_run(str(run.directory))
    sample = run.sample()
    for _ in range(TIMES):
        began = time.perf_counter()
        history = read_history(run, sample)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        read_history(run, sample, history)
        again.append(time.perf_counter() - began)
        names = [str(name) for name in history.table["name"]]
        seconds, restored = _restore(run, names)
        theirs.append(seconds)
    read = history.table[["h", "v"]].to_numpy(np.float32)
    same = restored.tobytes() == read.tobytes() and len(read) == CHECKPOINTS
    bits = "equal, bit for bit" if same else "NOT equal"
    base = statistics.median(theirs)

    def row(name: str, seconds: list[float]) -> tuple[str, str, str, str]:
        one = statistics.median(seconds) / CHECKPOINTS
        return name, median_seconds(seconds), f"{one * 1000:.3f} ms", f"{base / one / CHECKPOINTS:.1f}×"

    return [
        Table(
            f"Reading a history of {CHECKPOINTS:,} checkpoints",
            f"{TIMES} times each, in turn, in one process. Values: {bits}.",
            ("what", "median (fastest to slowest)", "a checkpoint", "faster than the loop"),
            (
                row("a loop of `Saver.restore` and `session.run` in one standing session", theirs),
                row("`core.history.history.read_history`, every checksum verified", ours),
                row("the same again, no file changed", again),
            ),
            (Check("history equal to what `Saver.restore` gives, bit for bit", bits, same),),
        )
    ]


def _restore(run: Run, names: list[str]) -> tuple[float, np.ndarray]:
    """Seconds for restoring every checkpoint with a Saver, and what it gave."""
    from bench.recipe_graph import recipe_session

    found = []
    with recipe_session() as (session, saver, variables):
        began = time.perf_counter()
        for name in names:
            saver.restore(session, str(run.checkpoints / name))
            found.append(session.run(variables))
        seconds = time.perf_counter() - began
    return seconds, np.array(found, np.float32)
