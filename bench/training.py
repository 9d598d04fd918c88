"""The recipe's own script against the same run through the pool, both with a save each iteration."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from bench.places import fresh, runs_folder, trained, workers
from bench.report import Check, Table, median_seconds
from core.checkpoint import DATA, INDEX
from core.data import make_sample
from core.pool.training import train_run
from core.run.runs import Run, Runs
from core.settings import DataSettings
from tests.recipe import run_recipe

TIMES = 5
FASTER = 12  # times: from submitted to finished, against the recipe's own loop


def measure() -> Sequence[Table]:
    """In turn, on one file system, after a warm-up of all."""
    recipe: list[float] = []
    pooled: list[float] = []
    application: list[float] = []
    alone: list[float] = []
    same = True
    runs = runs_folder()
    with workers(runs) as pool:
        for turn in range(-1, TIMES):
            theirs, ours, here = fresh(runs), fresh(runs), fresh(runs)
            times = _recipe(theirs), trained(pool, ours), _application(here), _alone(runs)
            same = same and _equal(theirs, ours) and _equal(theirs, here)
            if turn >= 0:
                for list_, seconds in zip((recipe, pooled, application, alone), times, strict=True):
                    list_.append(seconds)
    base = statistics.median(recipe)

    def row(name: str, seconds: Sequence[float]) -> tuple[str, str, str]:
        return name, median_seconds(seconds), f"{base / statistics.median(seconds):.1f}×"

    bits = "all equal, bit for bit" if same else "NOT all equal"
    ratio = base / statistics.median(pooled)
    return [
        Table(
            "Training with a checkpoint every iteration",
            f"The recipe: 201 samples, 100 iterations, 101 checkpoints kept; {TIMES} times each, in turn. "
            f"All `.data` and `.index` files: {bits}.",
            ("what", "median (fastest to slowest)", "faster than the recipe's loop"),
            (
                row("the recipe's own loop, one `session.run` a sample", recipe),
                row("what a visitor gets: through the pool, from submitted to finished", pooled),
                row("the same in this process: run directory, training, saves, log, digests", application),
                row("of that, training and saves alone", alone),
            ),
            (
                Check(
                    f"the recipe through the pool at least {FASTER}× faster than its own loop",
                    f"{ratio:.1f}×",
                    ratio >= FASTER,
                ),
                Check("every saved file with values equal, bit for bit", bits, same),
            ),
        )
    ]


def _recipe(run: Run) -> float:
    """The recipe's script, saving where `run` has its checkpoints."""
    sample = make_sample(DataSettings())
    began = time.perf_counter()
    run_recipe(sample.x, sample.y, directory=run.checkpoints)
    return time.perf_counter() - began


def _application(run: Run) -> float:
    """All that a worker does for one run."""
    began = time.perf_counter()
    train_run(str(run.directory))
    return time.perf_counter() - began


def _alone(runs: Runs) -> float:
    """Training and its saves, without the log and the manifest."""
    from core.tf.training import train

    run = fresh(runs)
    settings, sample = run.manifest().train, run.sample()
    began = time.perf_counter()
    for _ in train(run, settings, sample):
        pass
    return time.perf_counter() - began


def _equal(theirs: Run, ours: Run) -> bool:
    """Whether both directories hold the same `.data` and `.index` files, byte by byte."""
    return _saved(theirs) == _saved(ours) and len(_saved(ours)) == 2 * 101


def _saved(run: Run) -> dict[str, bytes]:
    files = (path for path in run.checkpoints.iterdir() if path.name.endswith((DATA, INDEX)))
    return {path.name: path.read_bytes() for path in files}
