"""Servers, a scheduler and workers, each a process of its own that can be killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Member:
    """One process of a cluster, by the command that an administrator types."""

    def __init__(self, name: str, words: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self._words = [sys.executable, "-m", "serve", *words]
        self._log = log
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in another folder than the checkout."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words,
                cwd=self._log.parent,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of its process, which has been started."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it and its processes at once, as a power cut does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def end(self) -> None:
        """End it as an administrator does; with force after some seconds."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def status(url: str) -> int:
    """The HTTP status that a server answers with; 0 when it does not."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def has_workers(url: str) -> bool:
    """Whether the server with this `/healthz` is well and has workers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(json.load(answer)["workers"] == "ready")
    except (OSError, ValueError):
        return False


def seconds_until(condition: Callable[[], bool], most: float, what: str) -> float:
    """How long a condition took to hold.

    Raises:
        TimeoutError: it did not in time.
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > most:
            raise TimeoutError(f"{what}: not within {most:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - began
