"""The disk limit: which runs leave, and in which order, when all of them take more than they may."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from dataclasses import replace

from core import environment
from core.run.index import Holding
from core.run.manifest import ENDED, PAUSED
from core.run.runs import UNDO, RunBusy, RunNotFound, Runs
from core.storage import disk_bytes

USUAL_MB = 2000.0
LONG_AGO = 24 * 3600.0  # seconds after which nobody waits for a run in a queue any more


def disk_limit() -> int:
    """Bytes that all runs may take together: CHECKPOINT_EXPLORER_DISK_MB, else 2,000 MB."""
    return int(environment.number(environment.DISK_MB, USUAL_MB, 0) * 1e6)


def make_room(runs: Runs, limit: int) -> list[str]:
    """Delete runs at rest until all runs take at most `limit` bytes of disk.

    Whoever holds most gives first. Of one owner's runs the oldest that have ended leave first; then those
    that are paused or that a server's end left. What its owner keeps stays.

    Returns:
        The ids that were deleted.
    """
    deleted: list[str] = []
    leaving = next_to_leave(runs, limit)
    runs.empty_trash(0.0 if leaving else UNDO)
    for run_id in leaving:
        with contextlib.suppress(RunBusy, RunNotFound):
            runs.delete(run_id)
            deleted.append(run_id)
    return deleted


def next_to_leave(runs: Runs, limit: int) -> list[str]:
    """The ids of the runs that have to leave so that all take at most `limit` bytes, in their order."""
    together = runs.index.held()
    if together is not None and together <= limit:
        return []
    all_held = [
        each if each.bytes else replace(each, bytes=disk_bytes(runs.root / each.id))
        for each in runs.index.holdings()
    ]
    held: Counter[str] = Counter()
    for each in all_held:
        held[each.owner] += each.bytes
    surplus = held.total() - limit
    if surplus <= 0:
        return []
    waiting: dict[str, deque[Holding]] = {}
    for each in sorted(all_held, key=lambda each: each.status not in ENDED):  # in these the oldest first
        if not each.kept:
            waiting.setdefault(each.owner, deque()).append(each)
    leaving: list[str] = []
    while surplus > 0 and waiting:
        most = max(waiting, key=lambda owner: held[owner])
        each = waiting[most].popleft()
        if not waiting[most]:
            del waiting[most]
        if not _at_rest(runs, each):
            continue
        held[most] -= each.bytes
        surplus -= each.bytes
        leaving.append(each.id)
    return leaving


def _at_rest(runs: Runs, run: Holding) -> bool:
    """Whether nobody trains the run or has it in a queue, as far as one can tell from here."""
    if run.status in ENDED or run.status == PAUSED:
        return True
    try:
        written = (runs.root / run.id / "run.json").stat().st_mtime
    except FileNotFoundError:
        return False
    return time.time() - written > LONG_AGO
