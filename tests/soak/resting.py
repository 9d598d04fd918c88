"""What a server takes while nobody is there: before the first visitor, with one who looks, and afterwards."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.report import Check, Table
from bench.visitor import Visitor
from core.pool.rest import REST
from tests.soak.members import Member, has_workers, seconds_until, status
from tests.soak.progress import progress
from tests.soak.proxy import free_port

WATCHED = 30.0  # seconds for which the processor's time is counted
PAGES = ("history", "compare", "files", "runs", "retention", "gallery", "playground")
LOADS = 240.0  # seconds in which workers are there, even on a busy machine
MB, PERCENT = 1e6, 100.0


def measure() -> Sequence[Table]:
    """Start a server, look at it, visit it, leave it alone for ten minutes, and look again."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        port = free_port()
        words = ["--port", str(port), "--runs", str(Path(name) / "runs")]
        server = Member("server", words, Path(name) / "server.log", {})
        address = f"http://localhost:{port}"
        server.start()
        try:
            seconds_until(lambda: status(f"{address}/healthz") == 200, LOADS, "ready")
            time.sleep(5)
            before = _taken(server.pid)
            looking = asyncio.run(_visited(address, server.pid))
            progress(f"waiting for {REST:.0f} s without a visitor")
            left = seconds_until(lambda: _workers(address) == "resting", REST + 120, "the workers left")
            time.sleep(5)
            after = _taken(server.pid)
        finally:
            server.end()
    rows = {"before the first visitor": before, "a visitor, no training": looking, "ten minutes later": after}
    nobody = (before, after)
    return [
        Table(
            "A server at rest",
            "Proportional shares of memory, summed over all of its processes, and the processor's time of "
            f"{WATCHED:.0f} s. A visitor opens {len(PAGES)} pages that may ask for TensorFlow, stays on the "
            f"last one, and leaves. The workers left {left:.0f} s afterwards.",
            ("when", "memory", "of one core"),
            tuple((when, f"{size / MB:.0f} MB", f"{share:.2f}%") for when, (size, share) in rows.items()),
            (
                Check(
                    "nobody there: at most 400 MB",
                    f"{max(size for size, _ in nobody) / MB:.0f} MB",
                    all(size <= 400 * MB for size, _ in nobody),
                ),
                Check(
                    "nobody there: at most 1% of a core",
                    f"{max(share for _, share in nobody):.2f}%",
                    all(share <= 1 for _, share in nobody),
                ),
                Check(
                    "a visitor and no training: at most 1 GB",
                    f"{looking[0] / MB:.0f} MB",
                    looking[0] <= 1000 * MB,
                ),
            ),
        )
    ]


async def _visited(address: str, pid: int) -> tuple[float, float]:
    """What the server takes while a visitor looks at a page."""
    visitor = await Visitor.arrive(address, "playground")
    await asyncio.to_thread(seconds_until, lambda: has_workers(f"{address}/healthz"), LOADS, "workers")
    for page in PAGES:
        await visitor.turns_to(page)
    found = await asyncio.to_thread(_taken, pid)
    await visitor.leave()
    return found


def _workers(address: str) -> str:
    with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
        return str(json.load(answer)["workers"])


def _taken(pid: int) -> tuple[float, float]:
    """Bytes of memory that these processes take, and percent of a core."""
    server = psutil.Process(pid)
    processes = [server, *server.children(recursive=True)]
    before, began = _computed(processes), time.monotonic()
    time.sleep(WATCHED)
    used = _computed(processes) - before
    share = PERCENT * used / (time.monotonic() - began)
    return sum(float(each.memory_full_info().pss) for each in processes), share


def _computed(processes: list[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes)
