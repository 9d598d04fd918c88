"""What a visitor exports: the run as a zip, and its history as CSV; `core.training.script` has the script."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from core.checkpoint import FINAL
from core.history.history import History
from core.run.runs import Run
from core.storage import LARGEST

_SKIPPED = ("lock", "control.json")  # how the server and the worker talk; no part of the result


@dataclass(frozen=True)
class Contents:
    """What a zip of the run would hold: number of files, and their bytes before compression."""

    files: int
    bytes: int


def contents(run: Run) -> Contents:
    """Count the run's files as they are now; one that vanishes meanwhile is left out."""
    sizes = []
    for path in _files(run):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # retention deleted it this very moment
    return Contents(len(sizes), sum(sizes))


def write_zip(run: Run, target: IO[bytes]) -> int:
    """Write the run's directory as a zip into `target`, below a folder with the run's id.

    Returns:
        Bytes of the zip.

    Raises:
        RunNotFound: the run is gone.
    """
    run.manifest()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in _files(run):
            name = f"{run.id}/{path.relative_to(run.directory).as_posix()}"
            try:
                archive.write(path, name)
            except OSError:
                continue  # gone meanwhile, or the system does not give it
    return target.tell()


def history_csv(history: History) -> str:
    """The history as CSV: one row a checkpoint, slots in columns of their own.

    The iteration whose values it holds stands beside its step: `model_final` repeats the last iteration.
    Nine digits bring every float32 back bit for bit, seventeen every float64 (the cost).
    """
    table = history.table.copy()
    table.insert(2, "iteration", table["step"] - (table["name"] == FINAL))
    lines = [",".join(str(name) for name in table.columns)]
    for row in table.itertuples(index=False):
        lines.append(",".join(_digits(value) for value in row))
    return "\n".join(lines) + "\n"


def _digits(value: object) -> str:
    if isinstance(value, np.float32):
        return f"{value:.9g}"
    if isinstance(value, float):
        return f"{value:.17g}"
    return str(value)


def _files(run: Run) -> list[Path]:
    return [
        path
        for path in sorted(run.directory.rglob("*"))
        if path.name not in _SKIPPED and not path.name.startswith(".") and _is_ours(path)
    ]


def _is_ours(path: Path) -> bool:
    """Whether it can be a file that a run wrote: regular, no link, of a size that such a one can have."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST
