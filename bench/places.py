"""Where the bench writes: folders that are gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.data import make_sample
from core.runs import Run, Runs
from core.settings import DataSettings, TrainSettings

MEMORY = Path("/dev/shm")  # a file system in memory, where there is one


@contextmanager
def runs_folder(where: Path | None = None) -> Iterator[Runs]:
    """A fresh folder of runs, on the disk for temporary files or in `where`."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=where) as folder:
        yield Runs(Path(folder))


def fresh(runs: Runs, **train: object) -> Run:
    """A fresh run of the recipe's data; `train` changes its settings."""
    data = DataSettings()
    return runs.create(make_sample(data), TrainSettings(**train), data)  # type: ignore[arg-type]
