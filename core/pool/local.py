"""The cluster on this machine, in a process of its own that starts the workers and ends with them."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from core.pool.cluster import PARTS

_log = logging.getLogger(__name__)


class LocalCluster:
    """`core.pool.cluster`, started and ended from here."""

    def __init__(self, closed: threading.Event) -> None:
        """Nothing is started yet.

        Args:
            closed: once it is set, no process is started any more.
        """
        self._closed = closed
        self._process: subprocess.Popen[str] | None = None
        self._wanted = ""
        self._starting = threading.Lock()

    @property
    def has_died(self) -> bool:
        """Whether it was started, and its process has ended without being asked to."""
        process = self._process
        return process is not None and process.poll() is not None

    def want(self, training: int, short: int) -> None:
        """Tell it how many workers of each role the work needs."""
        line, process = f"{training} {short}\n", self._process
        if process is not None and process.stdin is not None and line != self._wanted:
            self._wanted = line
            process.stdin.write(line)
            process.stdin.flush()

    def start(self) -> dict[str, str] | None:
        """Start a cluster on this machine: its address and keys; None if it did not start."""
        quiet = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "DASK_LOGGING__DISTRIBUTED": "critical",
        }
        root = Path(__file__).parents[2]
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        with self._starting:
            if self._closed.is_set():
                return None
            self._wanted = ""
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "core.pool.cluster"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **quiet, "PYTHONPATH": path},
                text=True,
                start_new_session=True,  # Ctrl-C in the terminal is for the server, which ends this
            )
        assert process.stdout is not None
        try:
            facts = json.loads(process.stdout.readline())
            return {"address": str(facts["address"]), **{part: str(facts[part]) for part in PARTS}}
        except ValueError:
            if not self._closed.is_set():
                _log.error("the worker processes did not start; trying again")
            self.end()
            return None

    def end(self, patience: float = 0.0) -> None:
        """End the cluster's processes, all of them; they have some seconds to do it themselves."""
        with self._starting:
            process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads the workers' group
        process.wait()
        process.stdout.close()
