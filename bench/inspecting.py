"""Inspect at the sizes of real trainings: a long series, two large files, and what a click costs."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.open import read_with_tensorflow, save
from bench.report import Check, Table, median_seconds
from core.inspect.confined import begin
from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from tests.core.inspect.writer import of_arrays

STEPS, TENSORS = 300, 200
LARGE, OF_EACH = 2e9, 50e6  # bytes of a checkpoint, and of one of its tensors
CLICKS = 20
OVER_TIME, FIRST, DIAGNOSIS, COMPARE, QUESTION = 8.0, 1.5, 4.0, 6.0, 0.1  # seconds


def measure() -> Sequence[Table]:
    """Each question once, since its answer is kept; then clicks, which find it kept."""
    begin()
    with tempfile.TemporaryDirectory(prefix="bench-inspecting-") as created:
        folder = Path(created)
        return [_series(folder / "series"), _two(folder / "two")]


def _series(root: Path) -> Table:
    root.mkdir()
    random = np.random.default_rng(0)
    values = {f"layer{n:03d}/kernel": random.normal(size=(64, 32)).astype(np.float32) for n in range(TENSORS)}
    for step in range(STEPS):
        for value in values.values():
            value += np.float32(0.001)
        of_arrays(root / f"m-{step}", values)
    folder = Folder(root)
    found = folder.find()
    began = time.perf_counter()
    _, left = folder.measure(found.checkpoints)
    first = time.perf_counter() - began
    while left:
        _, left = folder.measure(found.checkpoints)
    whole = time.perf_counter() - began
    diagnosis = _seconds(lambda: folder.diagnose(found))
    theirs = _seconds(lambda: [read_with_tensorflow(root / each.path) for each in found.checkpoints])
    question = _seconds(lambda: folder.entries(found.checkpoints[0]))
    clicks = []
    for _ in range(CLICKS):
        clicks.append(_seconds(lambda: _click(folder, found.checkpoints)))
    click = statistics.median(clicks)
    return Table(
        f"Inspect: {STEPS} steps of {TENSORS} tensors",
        "Every checksum verified. TensorFlow's reader computes the same statistics, without the change.",
        ("what", "measured"),
        (
            ("over time: the first part", f"{first:.1f} s"),
            ("over time: all", f"{whole:.1f} s"),
            ("diagnosis", f"{diagnosis:.1f} s"),
            ("`tf.train.load_checkpoint`, with the same statistics", f"{theirs:.1f} s"),
            ("one question about one checkpoint", f"{question * 1000:.0f} ms"),
            ("a click, when all is read", median_seconds(clicks)),
        ),
        (
            Check(f"over time takes at most {OVER_TIME:g} s", f"{whole:.1f} s", whole <= OVER_TIME),
            Check(f"a first part is there after {FIRST:g} s", f"{first:.1f} s", first <= FIRST),
            Check(f"diagnosis takes at most {DIAGNOSIS:g} s", f"{diagnosis:.1f} s", diagnosis <= DIAGNOSIS),
            Check(f"one question takes at most {QUESTION:g} s", f"{question:.3f} s", question <= QUESTION),
            Check("a click takes at most 0.1 s", f"{click:.3f} s", click <= 0.1),
        ),
    )


def _two(root: Path) -> Table:
    root.mkdir()
    random = np.random.default_rng(0)
    size = int(OF_EACH // 4)
    values = {f"layer{n:02d}/kernel": random.normal(size=size).astype(np.float32) for n in range(4)}
    names = [f"layer{n:02d}/kernel" for n in range(int(LARGE // OF_EACH))]
    for step in (1, 2):
        save(root / f"m-{step}", {name: values[f"layer{n % 4:02d}/kernel"] for n, name in enumerate(names)})
        for value in values.values():
            value += np.float32(0.01)
    folder = Folder(root)
    first, second = folder.find().checkpoints
    took = _seconds(lambda: folder.compare(first, second))
    return Table(
        "Inspect: two checkpoints of 2 GB compared",
        "Both are read whole, every checksum verified; norm, largest difference and share of each tensor.",
        ("what", "measured"),
        (("`Folder.compare`", f"{took:.1f} s"),),
        (Check(f"comparing takes at most {COMPARE:g} s", f"{took:.1f} s", took <= COMPARE),),
    )


def _click(folder: Folder, series: tuple[Checkpoint, ...]) -> None:
    """What a rerun of the page asks."""
    folder.listings(folder.find().checkpoints)
    folder.measure(series)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
