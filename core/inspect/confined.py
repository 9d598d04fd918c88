"""Reads and unpacks strangers' files in a process of its own, with limits, that may die alone.

The process gets a bounded time of computing and bounded memory. It has two profiles: what reads may write no
file; what unpacks may write into one folder, as much as an upload may take. Where the kernel has Landlock,
it cannot even open another file or a connection. Its answer comes back as JSON. If a file kills it, that is
one sentence here, and nothing else is hurt.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from core.checkpoint import CheckpointError, Fault, TooLarge
from core.inspect import archives, landlock
from core.inspect.reader import Died, Reader, serve

HOME = Path(__file__).parents[2]  # where `core` is
SECONDS = 2.0  # of computing, beyond what the size of the files takes
MEMORY = 300 << 20  # bytes, beyond the largest tensor
UNPACKING = 160 << 20  # bytes of memory; a tar.xz packed by `xz -9` takes 65 MB
_START = 1.4  # of those seconds, what unpacking has before it reads or writes; starting takes some
SPEED = 50e6  # bytes of files a second, that even a slow disk and a slow processor do
_WALL = 20.0  # how much longer than its computing time a process may wait, on a machine that is busy
_ANSWER = 512 << 20
_MOST_FILES = 5
# Which arguments of a job name folders that it reads; of others the first does.
_READS = {"compare": (0, 2), "would_load": (0, 2), "unpack": (0, 1)}
_UNPACK = "unpack"  # the job that writes, into the folder that its second argument names

_reading = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
_unpacking = threading.BoundedSemaphore(2)  # apart: a large archive keeps no reader waiting


class TooMuch(TooLarge):
    """The files took more time or memory than their size explains."""


def unpack(
    packed: Path, root: Path, names: Sequence[str], most: int, left: int, files: int, keeps: bool = True
) -> tuple[int, int]:
    """Unpack archives in a process that can write below `root` and nowhere else; see `archives.unpack`.

    Raises:
        CheckpointError: too large, too many, damaged, or a name that leads out.
        TooMuch: it died, or was stopped at its limits.
    """
    size = sum((packed / str(number)).stat().st_size for number in range(len(names)))
    arguments = (str(packed), str(root), names, most, left, files, keeps)
    # Each byte that is written earns it more time, up to what all that may come can earn.
    bounds = _Bounds(_START + size / SPEED, size / archives.SLOW + left / archives.SPEED, UNPACKING, most)
    answer = _run(_UNPACK, bounds, _plainly(arguments))
    try:
        done = json.loads(answer)
        if isinstance(done, list):
            return int(done[0]), int(done[1])
        refusal = _refused(done)
    except (ValueError, TypeError, KeyError, AttributeError):
        refusal = TooMuch(_explained(_UNPACK, 0))
    raise refusal


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
    bounds = _Bounds(seconds, 0, MEMORY + 2 * largest, 0)
    given = [getattr(bounds, each.name) for each in fields(bounds)]
    try:
        with _reading:
            raw = _reader.ask(job, given, answers.packed(arguments), seconds * 5 + _WALL, _ANSWER)
    except Died as error:
        raise TooMuch(_explained(job, error.code)) from None
    answer = answers.unpacked(raw)
    if isinstance(answer, dict) and "error" in answer:
        raise _refused(answer)
    return answer


def begin() -> None:
    """Start the process that reads before the first question, so that it is there in time."""
    _reader.begin()


def spent() -> float:
    """Seconds that the children of the process that reads have computed."""
    return _reader.seconds


@dataclass(frozen=True)
class _Bounds:
    """What the process may take.

    Attributes:
        seconds: of computing.
        more: seconds that it can earn by what it writes.
        memory: bytes, beyond what it has when it begins.
        writes: bytes of one file.
    """

    seconds: float
    more: float
    memory: int
    writes: int


def _environment() -> dict[str, str]:
    path = [str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(path),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        "HDF5_PLUGIN_PATH": os.devnull,
    }


def _program(entrance: str) -> str:
    """Python that calls a function of this module."""
    # Not `-m`, which looks for modules in the folder where the server was started before anywhere else.
    return (
        f"import sys; sys.path[0] = {str(HOME)!r}; from core.inspect import confined; confined.{entrance}()"
    )


_reader = Reader(_program("stay"), _environment())


def _run(job: str, bounds: _Bounds, request: bytes) -> bytes:
    """Start a process, give it its arguments and read its answer."""
    named = [job, *(str(getattr(bounds, each.name)) for each in fields(bounds))]
    with _unpacking:
        process = subprocess.Popen(
            [sys.executable, "-c", _program("main"), *named],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        try:
            raw, _ = process.communicate(request, timeout=(bounds.seconds + bounds.more) * 5 + _WALL)
        except subprocess.TimeoutExpired:
            raise TooMuch(_explained(job, -signal.SIGPROF)) from None
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
    if process.returncode != 0 or len(raw) > _ANSWER:
        raise TooMuch(_explained(job, process.returncode))
    return raw


def _refused(answer: Any) -> CheckpointError:
    return (
        TooMuch(answer["error"]) if answer.get("too much") else Fault(answer["kind"], answer["error"]).error()
    )


def _explained(job: str, code: int) -> str:
    doing, done = ("Unpacking", "unpacked") if job == _UNPACK else ("Reading", "read")
    if code in (-signal.SIGPROF, -signal.SIGXCPU):
        return f"{doing} was stopped: it took far longer than the size of the files explains."
    if code == -signal.SIGXFSZ:
        return f"{doing} was stopped: something in these files tried to write a file."
    return f"The process that {done} these files died at it. They are damaged, or made to do harm."


def limit(bounds: _Bounds) -> None:
    """Bound this process, from now on: computing time, memory beyond what it has, and bytes of a file."""
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere than on Linux, memory is bounded by the time alone
        taken = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + bounds.memory, taken + bounds.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.writes, bounds.writes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    whole = math.ceil(used.ru_utime + used.ru_stime + bounds.seconds + bounds.more) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, bounds.seconds)


def _confine(job: str, arguments: Sequence[Any]) -> None:
    """Leave this process its own code to read, the folders of its job, and nothing else."""
    code = {Path(each).resolve() for each in sys.path if each} - {HOME}  # which can have the runs in it
    code |= {HOME / "core", *(Path(each) for each in (sys.base_prefix, "/usr/lib", "/lib", "/lib64"))}
    folders = [Path(arguments[n]) for n in _READS.get(job, (0,)) if n < len(arguments)]
    landlock.confine([*code, *folders], folders[1:] if job == _UNPACK else ())


def _earn(seconds: float) -> None:
    """More time to compute, up to the hard limit."""
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    signal.setitimer(signal.ITIMER_PROF, left + seconds)


def _plainly(answer: object) -> bytes:
    return json.dumps(answer).encode()


def stay() -> None:
    """The process that stays: it loads all that reading needs, and never opens a stranger's file itself."""
    from core.inspect import jobs

    jobs.prepare()
    serve(int(sys.argv[1]), _read, jobs.prepare_graphs)


def _read(job: str, bounds: Sequence[float], raw: bytes) -> bytes:
    """One question, in a process of its own."""
    from core.inspect import answers, jobs

    arguments = answers.unpacked(raw)
    if jobs.wants_graphs(job, arguments):
        jobs.prepare_graphs()
    seconds, more, memory, writes = bounds
    bounded = _Bounds(seconds, more, int(memory), int(writes))
    return answers.packed(_done(job, bounded, jobs.JOBS[job], arguments))


def main() -> None:
    """The process that unpacks: arguments on the standard input, an answer on the standard output."""
    job, bounds = sys.argv[1], _Bounds(float(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:]))
    arguments = json.loads(sys.stdin.buffer.read())
    # It needs no more than Python itself, and is there sooner.
    answer = _done(job, bounds, partial(archives.unpack, earn=_earn), arguments)
    sys.stdout.buffer.write(_plainly(answer))
    sys.stdout.buffer.flush()


def _done(job: str, bounds: _Bounds, work: Callable[..., object], arguments: Sequence[Any]) -> object:
    """What a job answers within its bounds, or why it does not."""
    try:
        limit(bounds)
        _confine(job, arguments)  # after it, which reads how much memory is taken
        return work(*arguments)
    except CheckpointError as error:
        return {"error": str(error)[:2000], "kind": error.kind}
    except MemoryError:
        doing = "Unpacking" if job == _UNPACK else "Reading"
        return {
            "error": f"{doing} was stopped: it took far more memory than the size of the files explains.",
            "too much": True,
        }
    except RecursionError:
        return {"error": "Something in these files is nested too deep to be followed.", "too much": True}
