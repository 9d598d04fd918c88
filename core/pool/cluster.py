"""`python -m core.pool.cluster`: a Dask scheduler and worker processes on this machine.

It runs in a process of its own, because starting workers imports `__main__` again in each of them, and inside
Streamlit that is the application's script. It prints one line, how to reach the scheduler; then every line
of its standard input says how many workers of each role there shall be; when that closes, because
whoever started it ended, it ends too.

Everything listens on the loopback interface alone and speaks TLS with keys made for this cluster: a scheduler
runs any code that it is sent, so nobody else on the machine may reach it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import dask
from distributed import Nanny, Scheduler, Security
from distributed.utils import get_mp_context

HOST = "127.0.0.1"
TRAINING, SHORT = "training", "short"  # Dask's abstract resources: what a worker is there for

LOOK = 1.0  # seconds between two looks at the workers
STARTS = (
    60.0  # seconds in which a worker has to start; one that takes longer hangs, and another takes its place
)
PARTS = (
    "tls_ca_file",
    "tls_client_cert",
    "tls_client_key",
    "tls_scheduler_cert",
    "tls_scheduler_key",
    "tls_worker_cert",
    "tls_worker_key",
)

CONFIG = {
    # A job on a worker that died is not tried again: the run says so, and its user decides.
    "distributed.scheduler.allowed-failures": 0,
    # Dask would also set MALLOC_TRIM_THRESHOLD_: TensorFlow's sessions then give memory back and fault it in
    # again at every call, and training takes three times as long (docs/decisions.md).
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
    },
    # Nobody reads these, and they wake every worker a hundred times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.scheduler.work-stealing": False,
    # No web pages.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.nanny.http.routes": [],
    # One process loads TensorFlow, and all workers are forked from it: they start, and start again after a
    # death, within a second, and share its memory (docs/decisions.md).
    "distributed.worker.multiprocessing-method": "forkserver",
}


def configure(**more: Any) -> None:
    """Set what `CONFIG` and `more` say for this process, before it starts its first worker."""
    dask.config.set({**CONFIG, **more})
    get_mp_context().set_forkserver_preload(["distributed", "core.pool.loaded"])


class Fleet:
    """The worker processes of one scheduler, each with a nanny that starts it again when it dies."""

    def __init__(self, scheduler: Scheduler, security: Security) -> None:
        self._scheduler = scheduler
        self._security = security
        self._nannies: dict[str, list[Nanny]] = {TRAINING: [], SHORT: []}
        self._wanted = {TRAINING: 0, SHORT: 0}
        self._seen: WeakKeyDictionary[Nanny, float] = WeakKeyDictionary()  # when its worker last was there
        self._ending: set[asyncio.Task[None]] = set()

    def want(self, training: int, short: int) -> None:
        """How many workers of each role there shall be from now on."""
        self._wanted = {TRAINING: training, SHORT: short}

    async def keep(self) -> None:
        """Start what is missing and end what is too much, for ever."""
        while True:
            await asyncio.gather(*(self._keep(role) for role in self._nannies))
            await asyncio.sleep(LOOK / 10)

    async def close(self) -> None:
        """End all workers."""
        nannies = [nanny for some in self._nannies.values() for nanny in some]
        await asyncio.gather(*(nanny.close(timeout=1) for nanny in nannies), return_exceptions=True)

    async def _keep(self, role: str) -> None:
        nannies = self._nannies[role]
        nannies[:] = [
            each
            for each in nannies
            if each.status.name not in ("closing", "closed", "failed") and not self._hangs(each)
        ]
        idle = [each for each in nannies if not self._works(each)]
        for nanny in idle[: max(0, len(nannies) - self._wanted[role])]:
            nannies.remove(nanny)
            # One that was just losing its worker may fail at this; the others are kept all the same.
            with suppress(Exception):
                await nanny.close(timeout=5)
        for _ in range(self._wanted[role] - len(nannies)):
            nanny = self._nanny(role)
            nannies.append(nanny)
            try:
                await asyncio.wait_for(nanny, STARTS)
            except Exception:  # whatever kept it from starting, it is tried again at the next look
                logging.getLogger(__name__).exception("a worker for %s did not start", role)
                nannies.remove(nanny)
                self._end(nanny)
                await asyncio.sleep(LOOK)

    def _hangs(self, nanny: Nanny) -> bool:
        """Whether its worker has been missing for too long; it is ended then, which may take a while."""
        now = time.monotonic()
        if nanny.worker_address in self._scheduler.workers:
            self._seen[nanny] = now
        if hangs := now - self._seen.setdefault(nanny, now) > STARTS:
            logging.getLogger(__name__).error("a worker did not come back within %.0f s", STARTS)
            self._end(nanny)
        return hangs

    def _end(self, nanny: Nanny) -> None:
        async def end() -> None:
            with suppress(Exception):
                if nanny.pid:
                    os.kill(nanny.pid, signal.SIGKILL)
                await nanny.close(timeout=1)

        task = asyncio.create_task(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _works(self, nanny: Nanny) -> bool:
        worker = self._scheduler.workers.get(nanny.worker_address)
        return worker is not None and bool(worker.processing)

    def _nanny(self, role: str) -> Nanny:
        """One single-threaded worker process."""
        return Nanny(
            self._scheduler.address,
            host=HOST,
            nthreads=1,
            memory_limit=0,
            resources={role: 1},
            preload=["core.pool.preload", *["core.pool.priority"] * (role == TRAINING)],
            dashboard=False,
            dashboard_address=f"{HOST}:0",
            security=self._security,
        )


async def main() -> None:
    """Run the cluster until standard input closes."""
    security = Security.temporary()
    options: dict[str, Any] = {"dashboard": False, "dashboard_address": f"{HOST}:0"}
    async with Scheduler(host=HOST, port=0, protocol="tls", security=security, **options) as scheduler:
        print(json.dumps({"address": scheduler.address, **facts_of(security)}), flush=True)
        fleet = Fleet(scheduler, security)
        keeping = asyncio.create_task(fleet.keep())
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            fleet.want(*(int(number) for number in line.split()))
        keeping.cancel()
        await fleet.close()


def facts_of(security: Security) -> dict[str, str]:
    """The keys, for the one who started this process."""
    return {part: getattr(security, part) for part in PARTS}


if __name__ == "__main__":
    configure()
    asyncio.run(main())
