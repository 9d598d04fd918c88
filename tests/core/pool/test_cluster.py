"""The workers of the cluster on this machine: one that hangs as it starts is not waited for."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import dask
import psutil  # type: ignore[import-untyped]
import pytest
from distributed import Scheduler, Security

from core.pool import cluster
from core.pool.cluster import HOST, Fleet


def forked() -> set[int]:
    """The worker processes of this process's own cluster."""
    origins = [each for each in psutil.Process().children() if "forkserver" in " ".join(each.cmdline())]
    return {each.pid for origin in origins for each in origin.children()}


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.005)


def test_another_worker_takes_the_place_of_one_that_hangs_as_it_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        security = Security.temporary()
        async with Scheduler(
            host=HOST, port=0, protocol="tls", security=security, dashboard=False
        ) as scheduler:
            fleet = Fleet(scheduler, security)
            keeping = asyncio.create_task(fleet.keep())
            fleet.want(training=1, short=0)
            await until(lambda: scheduler.workers)
            monkeypatch.setattr(cluster, "STARTS", 12.0)
            first = forked()
            for pid in first:
                os.kill(pid, signal.SIGKILL)
            await until(lambda: forked() - first)
            hangs = forked() - first
            for pid in hangs:
                os.kill(pid, signal.SIGSTOP)
            await until(lambda: not scheduler.workers)
            await until(lambda: scheduler.workers)
            assert not hangs & forked()
            keeping.cancel()
            await fleet.close()

    # A worker's process imports it again, and a page that was tested before has left its script there.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    with dask.config.set(cluster.CONFIG):  # undone afterwards
        cluster.configure()
        with ThreadPoolExecutor(1) as thread:  # in the main one a browser's loop may be running
            thread.submit(lambda: asyncio.run(scenario())).result()
