"""Memory of the server and of its workers."""

from __future__ import annotations

import time

import psutil  # type: ignore[import-untyped]

from bench.places import fresh, runs_folder
from core.manifest import FINISHED
from core.pool.workers import Pool

RUNS = 200


def server_memory(pid: int) -> tuple[float, float]:
    """Bytes of a server's process, and of all processes below it."""
    server = psutil.Process(pid)
    below = [process.memory_info().rss for process in server.children(recursive=True)]
    return float(server.memory_info().rss), float(sum(below))


def many_runs() -> tuple[float, float]:
    """Bytes of the larger training worker before and after 200 short runs."""
    with runs_folder() as runs:
        pool = Pool(trainers=2)
        try:
            if not pool.wait(120):
                raise RuntimeError("the workers did not start")
            first = [fresh(runs, iterations=10) for _ in range(4)]
            rest = [fresh(runs, iterations=10) for _ in range(RUNS)]
            for some in (first, rest):
                memory = _largest(pool)
                for run in some:
                    pool.submit(run)
                while pool.load():
                    time.sleep(0.1)
            before, after = memory, _largest(pool)
            unfinished = [run.id for run in (*first, *rest) if run.manifest().status != FINISHED]
            if unfinished:
                raise RuntimeError(f"{len(unfinished)} of {RUNS} runs did not finish")
        finally:
            pool.close()
    return before, after


def _largest(pool: Pool) -> float:
    return float(max(psutil.Process(pid).memory_info().rss for pid in pool.pids()))


def megabytes(memory: float) -> str:
    """Bytes in words."""
    return f"{memory / 1e6:.0f} MB"
