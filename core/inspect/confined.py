"""Reads strangers' files in a process of its own, with limits, that may die alone.

The process gets a bounded time of computing, bounded memory, and may write no file. Its answer comes back as
JSON. If a file kills it, that is one sentence here, and nothing else is hurt.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.checkpoint import CheckpointError

SECONDS = 2.0  # of computing, beyond what the size of the files takes
MEMORY = 300 << 20  # bytes, beyond the largest tensor
SPEED = 50e6  # bytes of files a second, that even a slow disk and a slow processor do
_WALL = 20.0  # how much longer than its computing time a process may wait, on a machine that is busy
_ANSWER = 512 << 20
_MOST_FILES = 5

_slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class TooMuch(CheckpointError):
    """The files took more time or memory than their size explains."""


def ask(job: str, *arguments: object, size: int = 0, largest: int = 0, files: int = 1) -> Any:
    """Do one job of `core.inspect.jobs` in a process of its own.

    Args:
        size: bytes of the files that it will read.
        largest: bytes of the largest tensor that it may have to hold at once.
        files: how many checkpoints it will read; each may take its time.

    Raises:
        CheckpointError: the job's own error.
        TooMuch: it died, or was stopped at its limits.
    """
    from core.inspect import answers

    seconds = SECONDS * min(max(files, 1), _MOST_FILES) + size / SPEED
    request = answers.packed((job, seconds, MEMORY + 2 * largest, arguments))
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        "HDF5_PLUGIN_PATH": os.devnull,
    }
    with _slots:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.inspect.confined"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        try:
            raw, _ = process.communicate(request, timeout=seconds * 5 + _WALL)
        except subprocess.TimeoutExpired:
            raise TooMuch(_explained(-signal.SIGPROF)) from None
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
    if process.returncode != 0 or len(raw) > _ANSWER:
        raise TooMuch(_explained(process.returncode))
    answer = answers.unpacked(raw)
    if isinstance(answer, dict) and "error" in answer:
        raise (TooMuch if answer.get("too much") else CheckpointError)(str(answer["error"]))
    return answer


def _explained(code: int) -> str:
    if code in (-signal.SIGPROF, -signal.SIGXCPU):
        return "Reading was stopped: it took far longer than the size of the files explains."
    if code == -signal.SIGXFSZ:
        return "Reading was stopped: something in these files tried to write a file."
    return "The process that read these files died at it. They are damaged, or made to do harm."


def limit(seconds: float, memory: int) -> None:
    """Bound this process, from now on: computing time, memory beyond what it has, and no files written."""
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere than on Linux, memory is bounded by the time alone
        taken = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    whole = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> int:
    """The process itself: a request on the standard input, an answer on the standard output."""
    from core.inspect import answers, jobs

    job, seconds, memory, arguments = answers.unpacked(sys.stdin.buffer.read())
    work: Callable[..., Any] = jobs.JOBS[job]
    jobs.prepare(job, arguments)
    try:
        limit(seconds, memory)
        answer: object = work(*arguments)
    except CheckpointError as error:
        answer = {"error": str(error)[:2000]}
    except MemoryError:
        answer = {
            "error": "Reading was stopped: it took far more memory than the size of the files explains.",
            "too much": True,
        }
    except RecursionError:
        answer = {"error": "Something in these files is nested too deep to be followed.", "too much": True}
    raw = answers.packed(answer)
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
