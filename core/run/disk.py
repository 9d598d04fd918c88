"""The account of the disk: what all in the folder of runs takes, and what leaves when it is too much."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path

from core import clock, environment
from core.pool.queue import Queue
from core.run.index import Holding
from core.run.manifest import ENDED, PAUSED
from core.run.runs import TRASH, Runs
from core.storage import disk_bytes

USUAL_MB = 2000.0
NEAR = 0.9  # of the disk limit: from here on a page names the runs that leave next
UPLOADS, SWEEPS = ".opened", "sweeps"
JUST_MADE = 60.0  # seconds in which a run that was made comes into the queue

_sizes: dict[tuple[str, int, int], int] = {}  # of directories that nobody writes into any more


@dataclass(frozen=True)
class Taken:
    """Bytes of disk, by what takes them.

    Attributes:
        discarded: by runs whose deletion can still be undone.
        held: by what is being written now; see `core.run.reservation`.
    """

    runs: int
    sweeps: int
    uploads: int
    discarded: int
    held: int

    @property
    def total(self) -> int:
        return self.runs + self.sweeps + self.uploads + self.discarded + self.held


def disk_limit() -> int:
    """Bytes that everything together may take: CHECKPOINT_EXPLORER_DISK_MB, else 2,000 MB."""
    return int(environment.number(environment.DISK_MB, USUAL_MB, 0) * 1e6)


def taken(runs: Runs, held: int = 0) -> Taken:
    """What is taken now.

    Args:
        held: bytes that are reserved and not yet written.
    """
    return Taken(
        runs.index.held() + sum(disk_bytes(runs.root / each) for each in runs.index.uncounted()),
        disk_bytes(runs.root / SWEEPS),
        sum(size for _, size in settled(runs.root / UPLOADS)),
        sum(size for _, size in settled(runs.root / TRASH)),
        held,
    )


def settled(folder: Path) -> list[tuple[Path, int]]:
    """The directories in a folder with their bytes, the oldest first.

    Nobody writes into them any more, so each is looked through only once.
    """
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    stamp = entry.path, status.st_ino, status.st_mtime_ns
                    if stamp not in _sizes:
                        _sizes[stamp] = disk_bytes(Path(entry.path))
                    found.append((status.st_mtime_ns, Path(entry.path), _sizes[stamp]))
    return [(path, size) for _, path, size in sorted(found)]


@dataclass(frozen=True)
class Leaving:
    """What leaves when room is needed.

    Attributes:
        path: of its directory.
        run: the id of the run; empty for what was discarded and for an upload.
    """

    path: Path
    bytes: int
    run: str = ""


def leaving(runs: Runs, surplus: int, spared: float = 0.0) -> list[Leaving]:
    """What has to leave to free `surplus` bytes, in its order; it may not be enough.

    What was discarded goes first. Then who holds most gives first: of one owner's runs the oldest that have
    ended, then those that are paused or that a server's end left. What its owner keeps stays. All uploads
    together are as one owner's.

    Args:
        spared: seconds for which an upload stays in any case.
    """
    chosen: list[Leaving] = []
    for path, size in settled(runs.root / TRASH):
        if surplus <= 0:
            return chosen
        chosen.append(Leaving(path, size))
        surplus -= size
    if surplus <= 0:
        return chosen
    held: Counter[str] = Counter()
    giving: dict[str, deque[Leaving]] = {UPLOADS: deque()}
    for path, size in settled(runs.root / UPLOADS):
        held[UPLOADS] += size
        if clock.now(runs.root) - path.lstat().st_mtime >= spared:
            giving[UPLOADS].append(Leaving(path, size))
    wanted = {each.whole for each in (*Queue(runs.root).training(), *Queue(runs.root).waiting())}
    # In what the index gives the oldest come first.
    for each in sorted(runs.index.holdings(), key=lambda each: each.status not in ENDED):
        size = each.bytes or disk_bytes(runs.root / each.id)
        held[each.owner] += size
        if not each.kept and _at_rest(each, wanted):
            found = Leaving(runs.root / each.id, size, each.id)
            giving.setdefault(each.owner, deque()).append(found)
    while surplus > 0 and any(giving.values()):
        most = max(filter(giving.get, giving), key=lambda owner: held[owner])
        chosen.append(giving[most].popleft())
        held[most] -= chosen[-1].bytes
        surplus -= chosen[-1].bytes
    return chosen


def next_to_leave(runs: Runs, limit: int) -> list[str]:
    """The ids of the runs that have to leave so that all takes at most `limit` bytes, in their order."""
    return [each.run for each in leaving(runs, taken(runs).total - limit) if each.run]


def _at_rest(run: Holding, wanted: set[str]) -> bool:
    """Whether nobody has the run in the queue; who trains it without one holds its lock."""
    if run.status in ENDED or run.status == PAUSED:
        return True
    return run.id not in wanted and run.sweep not in wanted and abs(time.time() - run.created) > JUST_MADE
