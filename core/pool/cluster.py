"""`python -m core.pool.cluster N`: a Dask scheduler with N training workers and one for short jobs.

It runs in a process of its own, because starting workers imports `__main__` again in each of them,
and inside Streamlit that is the application's script. It prints the scheduler's address and lives until its
standard input closes, that is, until whoever started it ends.
"""

from __future__ import annotations

import sys
from typing import Any

import dask
from distributed import Nanny, Scheduler, SpecCluster

TRAINING, SHORT = "training", "short"  # Dask's abstract resources: what a worker is there for


def main(trainers: int) -> None:
    """Run the cluster until standard input closes."""
    # A job on a worker that died is not tried again: the run says so, and its user decides.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    roles = [TRAINING] * trainers + [SHORT]
    with SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": {"host": "127.0.0.1", "port": 0, "dashboard_address": ":0", "dashboard": False},
        },
        workers={f"{role}-{n}": worker(role) for n, role in enumerate(roles)},
        silence_logs=False,
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()


def worker(role: str) -> dict[str, Any]:
    """One single-threaded worker process, which its nanny starts again when it dies."""
    return {
        "cls": Nanny,
        "options": {
            "host": "127.0.0.1",
            "nthreads": 1,
            "memory_limit": 0,
            "resources": {role: 1},
            "preload": ["core.pool.preload", *["core.pool.priority"] * (role == TRAINING)],
            "dashboard": False,
        },
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
