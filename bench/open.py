"""Anybody's checkpoints: reading them against TensorFlow's reader, listing a thousand, dragging over them."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from bench.chromium import LONG, application, chromium
from bench.drag import FRAME, SLOW, pull, seen
from bench.report import Check, Table, median_seconds, p95
from core.bundle import open_values
from core.inspect.find import find
from core.inspect.jobs import list_all
from core.inspect.statistics import measure as measure_tensor
from core.run.runs import Runs
from tests.core.inspect.writer import of_arrays

TIMES = 3
SMALL, LARGE = 2_000, 20
LISTED, TENSORS = 1_000, 200


def measure() -> Sequence[Table]:
    """In turn, in this process; memory in processes of their own."""
    with tempfile.TemporaryDirectory(prefix="bench-open-") as created:
        folder = Path(created)
        return [_reading(folder), _listing(folder), _dragging(folder)]


def _reading(folder: Path) -> Table:
    random = np.random.default_rng(0)
    rows, checks = [], []
    for name, count, shape in (
        ("2,000 small tensors", SMALL, (20, 16)),
        ("1 GB in 20 tensors", LARGE, (5000, 2500)),
    ):
        prefix = folder / name.replace(" ", "-").replace(",", "")
        save(prefix, {f"layer{n}/kernel": random.normal(size=shape).astype(np.float32) for n in range(count)})
        ours, theirs = _in_turn(partial(_ours, prefix), partial(read_with_tensorflow, prefix))
        ratio = statistics.median(theirs) / statistics.median(ours)
        peak = _peak(prefix)
        way = "`core.bundle`, `core.inspect.statistics`"
        rows.append((name, way, median_seconds(ours), f"{ratio:.1f}×", f"{peak:.1f} MB"))
        rows.append(
            (name, "`tf.train.load_checkpoint`, `get_tensor`, NumPy", median_seconds(theirs), "1.0×", "–")
        )
        largest = np.prod(shape) * 4 / 1e6
        checks.append(Check(f"{name}: at least as fast as TensorFlow's reader", f"{ratio:.1f}×", ratio >= 1))
        told = f"{peak:.1f} MB beyond what Python and NumPy take"
        checks.append(
            Check(f"{name}: memory at most the largest tensor and 200 MB", told, peak <= largest + 200)
        )
    return Table(
        "Reading anybody's checkpoint, with the statistics of every tensor",
        f"Every checksum verified; norm, mean, spread, min, max, zeros, NaN, ∞. {TIMES} times each, in turn.",
        ("checkpoint", "what", "median (fastest to slowest)", "faster", "memory it takes"),
        tuple(rows),
        tuple(checks),
    )


def _listing(folder: Path) -> Table:
    root = folder / "many"
    root.mkdir()
    save(root / "m-0", {f"layer{n // 4}/kernel/part{n}": np.full(10, n, np.float32) for n in range(TENSORS)})
    for step in range(1, LISTED):
        for suffix in (".index", ".data-00000-of-00001"):
            shutil.copy(f"{root}/m-0{suffix}", f"{root}/m-{step}{suffix}")
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        listed = list_all(str(root), find(root).checkpoints)
        seconds.append(time.perf_counter() - began)
    assert len(listed) == LISTED
    took = statistics.median(seconds)
    return Table(
        f"Listing {LISTED:,} checkpoints of {TENSORS} tensors",
        f"The directory and every index, checksums verified, no values. {TIMES} times.",
        ("what", "median (fastest to slowest)"),
        (("`core.inspect`", median_seconds(seconds)),),
        (Check(f"listing {LISTED:,} checkpoints takes at most 1 s", f"{took:.2f} s", took <= 1),),
    )


def _dragging(folder: Path) -> Table:
    root = folder / "steps"
    root.mkdir()
    values = np.random.default_rng(0).normal(size=(TENSORS, 16)).astype(np.float32)
    for step in range(LISTED):
        values += np.float32(0.01)
        of_arrays(root / f"m-{step}", {f"layer{n:03d}/kernel": value for n, value in enumerate(values)})
    sent: list[float] = []
    with (
        application(Runs(folder / "runs"), CHECKPOINT_EXPLORER_OPEN=str(root)) as site,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(time.monotonic())))
        page.goto(f"{site.address}/inspect?open=folder-0")
        scrubber = page.locator("[data-role=scrubber]")
        expect(scrubber).to_have_attribute("data-step", str(LISTED - 1), timeout=3 * LONG)
        expect(page.get_by_text("checkpoints read")).to_have_count(0, timeout=LONG)
        page.locator("[data-role=scrubber] input.slider").scroll_into_view_if_needed()
        page.wait_for_timeout(3000)
        found = seen(page, sent, pull(page, "scrubber", sent))
    middle, slow = statistics.median(found.drawn), p95(found.drawn)
    good = middle <= FRAME and slow <= SLOW and len(found.drawn) >= 100
    return Table(
        f"Dragging over {LISTED:,} checkpoints of {TENSORS} tensors",
        "Real pointer in headless Chromium; median / 95th percentile of the pictures.",
        ("what", "measured"),
        (
            ("pictures", str(len(found.drawn))),
            ("input event to redrawn", f"{middle:.1f} / {slow:.1f} ms"),
            (
                "pointer to painted",
                f"{statistics.median(found.painted):.1f} / {p95(found.painted):.1f} ms",
            ),
            ("messages in the drag, and at rest", f"{found.during}, {found.after}"),
        ),
        (
            Check(
                f"input to redrawn at most {FRAME} ms, 95th percentile {SLOW} ms",
                f"{middle:.1f} ms, {slow:.1f} ms",
                good,
            ),
            Check(
                "no message in the drag, at most one at rest",
                f"{found.during} and {found.after}",
                found.during == 0 and found.after <= 1,
            ),
        ),
    )


def _in_turn(*ways: Callable[[], object]) -> tuple[list[float], ...]:
    taken: tuple[list[float], ...] = tuple([] for _ in ways)
    for _ in range(TIMES):
        for way, seconds in zip(ways, taken, strict=True):
            began = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - began)
    return taken


def save(prefix: Path, arrays: dict[str, np.ndarray]) -> None:
    """A checkpoint of these arrays, by TensorFlow."""
    import tensorflow as tf

    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=[*arrays],
        shape_and_slices=[""] * len(arrays),
        tensors=[*arrays.values()],
    )


def _ours(prefix: Path) -> int:
    with open_values(prefix) as values:
        return len([measure_tensor(values, entry) for entry in values.entries])


def read_with_tensorflow(prefix: Path) -> int:
    """Every tensor by TensorFlow's reader, with its statistics by NumPy; how many there are."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(prefix))
    found = []
    for name in reader.get_variable_to_shape_map():
        value = reader.get_tensor(name)
        spread = (np.linalg.norm(value), value.mean(), value.std(), value.min(), value.max())
        found.append((spread, np.count_nonzero(value == 0), np.isnan(value).sum(), np.isinf(value).sum()))
    return len(found)


def _peak(prefix: Path) -> float:
    """MB that reading takes at most, in a process of its own, beyond its imports."""
    code = (
        "import sys; from pathlib import Path; from bench.open import _ours, _own;"
        "before = _own(); _ours(Path(sys.argv[1])); print(_own() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(prefix)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _own() -> float:
    """The most memory that this process has had, in MB; unlike getrusage, not its parent's before it."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1000
