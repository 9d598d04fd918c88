"""What a cluster of several machines is made of: one scheduler, and on each machine worker processes.

The same worker as on a server's own machine (core.pool.cluster), but that it goes on looking for its
scheduler when that ends, and stands on whatever network its administrator says.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

from distributed import Nanny, Scheduler

from core.pool.cluster import SHORT, TRAINING, configure

AGAIN = 1.0  # seconds until a lost scheduler is looked for again
NO_PAGES = "127.0.0.1:0"  # Dask listens for its web pages even when it has none
FOUND_WITHIN = "5s"  # for one attempt to reach it

log = logging.getLogger(__name__)


def run_scheduler(host: str, port: int) -> None:
    """Run a scheduler until the process is told to end.

    Raises:
        OSError: the address is not this machine's, or the port is taken.
    """

    async def run() -> None:
        async with Scheduler(host=host, port=port, dashboard=False, dashboard_address=NO_PAGES) as scheduler:
            log.info("the scheduler listens on %s", scheduler.address)
            await scheduler.finished()

    _until_told_to_end(run())


def run_workers(scheduler: str, training: int, short: int) -> None:
    """Run so many worker processes of each role for a scheduler until the process is told to end."""

    async def run() -> None:
        roles = [TRAINING] * training + [SHORT] * short
        await asyncio.gather(*(_one_worker(scheduler, role) for role in roles))

    _until_told_to_end(run())


async def _one_worker(scheduler: str, role: str) -> None:
    """One worker process, started again when it dies, and again when its scheduler was away."""
    lost = False
    while True:
        nanny = None
        try:
            nanny = await Nanny(
                scheduler,
                nthreads=1,
                memory_limit=0,
                resources={role: 1},
                preload=["core.pool.preload", *["core.pool.priority"] * (role == TRAINING)],
                dashboard=False,
                dashboard_address=NO_PAGES,
            )
            log.info("a worker for %s serves %s", role, scheduler)
            lost = False
            await nanny.finished()
        except (OSError, TimeoutError, RuntimeError) as error:
            if not lost:
                log.warning("no scheduler answers at %s (%s); looking again", scheduler, type(error).__name__)
            lost = True
        finally:
            if nanny is not None:
                await nanny.close(timeout=1)
        await asyncio.sleep(AGAIN)


def _until_told_to_end(work: Coroutine[Any, Any, None]) -> None:
    async def run() -> None:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            log.info("ending")

    configure(**{"distributed.comm.timeouts.connect": FOUND_WITHIN})
    asyncio.run(run())
