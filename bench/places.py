"""Where the bench writes: folders that are gone afterwards.

They are deleted when all is measured. ext4 gives a new file none of the inodes that were freed within the
last minutes, and looks at each of them first (`recently_deleted` in fs/ext4/ialloc.c): after 20 runs of 500
checkpoints were deleted, making a file takes 0.5 ms of the processor in place of 0.02.
"""

from __future__ import annotations

import atexit
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.data import make_sample
from core.pool.workers import Pool
from core.run.manifest import ENDED, FINISHED
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings

MEMORY = Path("/dev/shm")  # a file system in memory, where there is one
LOOK = 0.005  # seconds between two looks whether a run has ended

_until_the_end = ExitStack()
atexit.register(_until_the_end.close)


def runs_folder(where: Path | None = None) -> Runs:
    """A fresh folder of runs, on the disk for temporary files or in `where`."""
    return Runs(Path(_until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=where))))


def fresh(runs: Runs, **train: object) -> Run:
    """A fresh run of the recipe's data; `train` changes its settings."""
    data = DataSettings()
    return runs.create(make_sample(data), TrainSettings(**train), data)  # type: ignore[arg-type]


@contextmanager
def workers(runs: Runs, count: int = 2) -> Iterator[Pool]:
    """A pool of up to so many training workers on these runs, ready."""
    pool = Pool(trainers=count, runs=runs)
    try:
        if not pool.wait(120):
            raise RuntimeError("the workers did not start")
        yield pool
    finally:
        pool.close()


def trained(pool: Pool, run: Run) -> float:
    """Train a run through the pool; seconds from submitting it until it says that it has finished.

    Raises:
        RuntimeError: it ended otherwise; the message is its note.
    """
    began = time.perf_counter()
    pool.submit(run)
    while (manifest := run.manifest()).status not in ENDED:
        time.sleep(LOOK)
    if manifest.status != FINISHED:
        raise RuntimeError(manifest.note)
    return time.perf_counter() - began
