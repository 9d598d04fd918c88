"""A real server that takes small uploads only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import pytest

from core import environment
from tests.browser.conftest import start_server

UPLOAD = 4_000_000  # bytes that it takes of a session
T = TypeVar("T")

PROXY = "127.0.0.2"  # where a proxy would be


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine answers, run in a thread of its own: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True)
class Served:
    """A server: where it is, its process, its folder of runs, and its log."""

    address: str
    process: psutil.Process
    runs: Path
    log: Path

    @property
    def place(self) -> str:
        """Host and port."""
        return urlsplit(self.address).netloc


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server; its log has no traceback at the end."""
    folder = tmp_path_factory.mktemp("served")
    variables = {environment.WORKERS: "1", environment.UPLOAD_MB: str(UPLOAD / 1e6)}
    variables |= {environment.PROXIES: PROXY, environment.ADMIN: "sesame-sesame-sesame"}
    process, address = start_server(folder / "runs", folder / "log", **variables)
    yield Served(address, psutil.Process(process.pid), folder / "runs", folder / "log")
    process.terminate()
    process.wait(30)
    assert b"Traceback" not in (folder / "log").read_bytes()
