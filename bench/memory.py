"""Memory of the server and of its workers."""

from __future__ import annotations

import time

import psutil  # type: ignore[import-untyped]

from bench.places import fresh, runs_folder, workers
from core.pool.workers import Pool
from core.run.manifest import FINISHED

RUNS = 200
WARM = 8  # runs after which both workers have met everything once


def server_memory(pid: int) -> tuple[float, float]:
    """Bytes of a server's process, and of all processes below it."""
    server = psutil.Process(pid)
    below = [process.memory_info().rss for process in server.children(recursive=True)]
    return float(server.memory_info().rss), float(sum(below))


def many_runs() -> tuple[float, float, float]:
    """Bytes of the larger training worker before the first of 200 short runs, after half, and after all."""
    found: list[float] = []
    runs = runs_folder()
    with workers(runs) as pool:
        for count in (WARM, RUNS // 2, RUNS // 2):
            some = [fresh(runs, iterations=10) for _ in range(count)]
            for run in some:
                pool.submit(run)
            while pool.load():
                time.sleep(0.1)
            unfinished = sum(run.manifest().status != FINISHED for run in some)
            if unfinished:
                raise RuntimeError(f"{unfinished} of {count} runs did not finish")
            found.append(_largest(pool))
    before, half, after = found
    return before, half, after


def _largest(pool: Pool) -> float:
    return float(max(psutil.Process(pid).memory_info().rss for pid in pool.pids()))


def megabytes(memory: float) -> str:
    """Bytes in words."""
    return f"{memory / 1e6:.0f} MB"
