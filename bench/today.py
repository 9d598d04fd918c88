"""The same job as people would write it today, in TensorFlow 2 and in Keras."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.modern import Fit, gradient_tape, gradient_tape_by_step, keras_fit
from bench.places import fresh, runs_folder
from bench.report import Table, median_seconds
from core.checkpoint import FINAL
from core.data import Sample, make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.runs import Runs
from core.settings import DataSettings

ITERATIONS = 100
Way = Callable[[Sample, int, Path], Fit]


def measure() -> Sequence[Table]:
    """Each whole, from building the model to the last checkpoint, after a warm-up of two iterations."""
    sample = make_sample(DataSettings())
    ways: list[tuple[str, int, Way]] = [
        (
            "GradientTape, `for x, y in dataset` inside one `tf.function` an epoch, `CheckpointManager`",
            3,
            gradient_tape,
        ),
        (
            "GradientTape, a Python loop that calls a `tf.function` step, `CheckpointManager`",
            1,
            gradient_tape_by_step,
        ),
        (
            "Keras `fit(batch_size=1)`, `ModelCheckpoint` of the weights each epoch",
            1,
            keras_fit,
        ),
    ]
    runs = runs_folder()
    _application(runs, 2)
    for number, (_, _, way) in enumerate(ways):
        way(sample, 2, runs.root / f"warm-{number}")
    ours: list[float] = []
    others: list[list[float]] = [[] for _ in ways]
    found: list[Fit] = [(0.0, 0.0)] * len(ways)
    for turn in range(3):
        seconds, fit = _application(runs, ITERATIONS)
        ours.append(seconds)
        for number, (_, times, way) in enumerate(ways):
            if turn < times:
                began = time.perf_counter()
                found[number] = way(sample, ITERATIONS, runs.root / f"{number}-{turn}")
                others[number].append(time.perf_counter() - began)
    base = statistics.median(ours)
    rows = [("the application", median_seconds(ours), "1.0×", *_words(fit), "0", "0")]
    for (name, _, _), spent, (h, v) in zip(ways, others, found, strict=True):
        ratio = f"{statistics.median(spent) / base:.1f}×"
        rows.append(
            (name, median_seconds(spent), ratio, *_words((h, v)), f"{h - fit[0]:.1e}", f"{v - fit[1]:.1e}")
        )
    return [
        Table(
            "The same job as it is written today",
            f"Same data, start, learning rate and order, one sample an update, {ITERATIONS} epochs, a "
            "checkpoint after each, all kept; building and tracing included. Median of 3, or once where one "
            "time is given.",
            ("what", "time", "time against the application's", "h", "v", "h differs by", "v differs by"),
            tuple(rows),
        )
    ]


def _words(fit: Fit) -> tuple[str, str]:
    return f"{fit[0]:.7f}", f"{fit[1]:.7f}"


def _application(runs: Runs, iterations: int) -> tuple[float, Fit]:
    """Seconds for a whole run of the application, and what its last checkpoint holds."""
    run = fresh(runs, iterations=iterations)
    began = time.perf_counter()
    train_run(str(run.directory))
    seconds = time.perf_counter() - began
    table = read_history(run, run.sample()).table
    last = table[table["name"] == FINAL].iloc[0]
    return seconds, (float(last["h"]), float(last["v"]))
