"""`steps.csv`, a run's log: one line an iteration, written after its checkpoint.

A line can be torn: by a death in the middle of a write, by a disk that took half of it, by a power cut.
What comes before it counts, what comes after it does not. Of what cannot be read at all, nothing does.
"""

from __future__ import annotations

import errno
import os
from io import RawIOBase
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.storage import open_own, read_own
from core.training.step import Step

COLUMNS = ("iteration", "h", "v", "cost", "seconds")

_TAIL = 1000  # bytes in which the last line ends
_MOST = 1 << 31  # no run has so many iterations


def read_steps(path: Path) -> pd.DataFrame:
    """The log as a table: iteration, h, v (float32), cost, seconds; up to the first torn line."""
    try:
        content = read_own(path)
    except OSError:
        content = b""
    lines = content.split(b"\n")[:-1]
    try:
        values = _values(lines)
    except ValueError:
        torn = next(at for at, line in enumerate(lines) if _iteration(line) is None)
        values = _values(lines[:torn])
    return pd.DataFrame(
        {
            "iteration": values[:, 0].astype(np.int64),
            "h": values[:, 1].astype(np.float32),
            "v": values[:, 2].astype(np.float32),
            "cost": values[:, 3],
            "seconds": values[:, 4],
        }
    )


def iterations_done(path: Path) -> int:
    """How many iterations the log tells of, from its end alone."""
    try:
        with os.fdopen(open_own(path), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            lines = file.read().split(b"\n")[:-1]
    except OSError:
        return 0
    found = (_iteration(line) for line in reversed(lines))
    return next((iteration + 1 for iteration in found if iteration is not None), 0)


def append(log: RawIOBase, step: Step) -> None:
    """Write one line; its digits bring every bit back.

    Raises:
        OSError: it did not fit on the disk.
    """
    line = step_line(step)
    if log.write(line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def step_line(step: Step) -> bytes:
    """One line of the log."""
    line = f"{step.iteration},{step.h!r},{step.v!r},{step.cost!r},{step.seconds:.6f}\n"
    return line.encode()


def _values(lines: list[bytes]) -> npt.NDArray[np.float64]:
    """The numbers, shape [lines, columns].

    Raises:
        ValueError: a line is torn.
    """
    fields = b",".join(lines).split(b",") if lines else []
    if len(fields) != len(lines) * len(COLUMNS):
        raise ValueError
    values = np.array(fields, np.float64).reshape(-1, len(COLUMNS))
    if not ((values[:, 0] >= 0) & (values[:, 0] <= _MOST)).all():
        raise ValueError
    return values


def _iteration(line: bytes) -> int | None:
    """The iteration of a whole line, None of a torn one."""
    try:
        return int(_values([line])[0, 0])
    except ValueError:
        return None
