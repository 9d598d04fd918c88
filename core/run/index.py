"""An index of all runs beside their directories, so that a list costs no more with ten thousand of them.

The directories are the truth: the index can be deleted at any time and is made again from them. Whoever
writes a `run.json` through `Run.write` notes it here too; what changed behind its back `refresh` finds.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from core.json_records import RecordError, decoded
from core.run.database import Database
from core.run.manifest import ENDED, Manifest
from core.storage import read_own

FILE = ".index.sqlite"
PERIOD = 5.0  # seconds between two looks at the names in the folder
WHOLE = 60.0  # seconds between two looks at every run.json

_COLUMNS = ("id", "owner", "number", "created", "status", "bytes", "stamp", "manifest", "problem")
_SCHEMA = (
    "drop table if exists runs",
    "create table runs (id text primary key, owner text not null, number integer not null, "
    "created real not null, status text not null, bytes integer not null, stamp text not null, "
    "manifest text not null, problem text not null)",
    "create index owners on runs (owner, number, created)",
)

_log = logging.getLogger(__name__)

_refreshed: dict[Path, tuple[float, float]] = {}
_refreshing = threading.Lock()


@dataclass(frozen=True)
class Entry:
    """One run as the index knows it.

    Attributes:
        manifest: of the last `run.json` that could be read.
        bytes: disk space of its files, counted while they are written too.
        problem: why its `run.json` cannot be read now; empty when it can.
    """

    manifest: Manifest
    bytes: int
    problem: str


@dataclass(frozen=True)
class Holding:
    """What one run holds of the disk, and what decides when it leaves; as in `Manifest` and `Entry`."""

    id: str
    owner: str
    created: float
    status: str
    bytes: int
    kept: bool
    sweep: str


class RunIndex:
    """The index of one folder of runs."""

    def __init__(self, root: Path, largest: int) -> None:
        """
        Args:
            largest: bytes that a `run.json` may have.
        """
        self._root = root
        self._largest = largest
        self._database = Database(root / FILE, _COLUMNS, _SCHEMA, partial(self._reconcile, whole=True))

    @property
    def trouble(self) -> str:
        """Why its file cannot be used now, in the system's words; empty when it can."""
        return self._database.trouble

    def entries(self, owner: str | None = None, most: int = -1) -> list[Entry]:
        """All runs, newest first, or one owner's, or the newest `most`."""
        whose = "?1 is null" if owner is None else "owner = ?1"  # an `or` of both would read every row
        query = (
            f"select manifest, bytes, problem from runs where {whose} and manifest != '' "
            "order by number desc, created desc limit ?2"
        )
        found = []
        for text, size, problem in self._rows(query, owner, most):
            with suppress(RecordError):  # the version that wrote the row may have taken more for a record
                found.append(Entry(_manifest(text), size, problem))
        return found

    def held(self) -> int:
        """Bytes that all runs hold together, of those that were counted."""
        ((size,),) = self._rows("select total(bytes) from runs where manifest != ''")
        return int(size)

    def uncounted(self) -> list[str]:
        """The ids of runs whose bytes have not been counted, as version 1.0 left them."""
        return [run_id for (run_id,) in self._rows("select id from runs where manifest != '' and bytes = 0")]

    def next_number(self) -> int:
        """The number of the next run; two that are made at the same moment may have the same."""
        query = "select coalesce(max(number), 0) from runs"
        ((newest,),) = self._database.do(lambda database: database.execute(query).fetchall())
        return int(newest) + 1

    def holdings(self) -> list[Holding]:
        """What every run holds, the oldest first, without reading ten thousand manifests."""
        query = (
            "select id, owner, created, status, bytes, json_extract(manifest, '$.kept'), "
            "json_extract(manifest, '$.sweep') from runs where manifest != '' order by number, created"
        )
        return [
            Holding(run_id, owner, created, status, size, bool(kept), sweep or "")
            for run_id, owner, created, status, size, kept, sweep in self._rows(query)
        ]

    def _rows(self, query: str, *values: object) -> list[Any]:
        self.refresh()
        return self._database.do(lambda database: database.execute(query, values).fetchall())

    def put(self, run_id: str) -> None:
        """Note a `run.json` that has just been written."""

        def work(database: sqlite3.Connection) -> None:
            if not database.in_transaction:  # from the look at the file to its row, nobody else writes one
                database.execute("begin immediate")
            self._read(database, run_id, self._stamp(run_id))

        self._database.note(work)

    def count(self, run_id: str, size: int) -> None:
        """Note how many bytes of disk a run takes now."""
        update = "update runs set bytes = ? where id = ?"
        self._database.note(lambda database: database.execute(update, (size, run_id)))

    def drop(self, run_id: str) -> None:
        """Forget a run."""
        self._database.note(lambda database: database.execute("delete from runs where id = ?", (run_id,)))

    def refresh(self, *, now: bool = False) -> None:
        """Find runs that came, went or changed without a word; every few seconds, in one thread at a time.

        Nobody waits for another thread's look, but for the first one.

        Args:
            now: do it at once, and look at every `run.json`, not only at those of runs that have not ended.
        """
        if not _refreshing.acquire(blocking=now or self._root not in _refreshed):
            return
        try:
            last, last_whole = _refreshed.get(self._root, (-PERIOD, -WHOLE))
            began = time.monotonic()
            whole = now or began - last_whole >= WHOLE
            if not whole and began - last < PERIOD:
                return
            self._database.do(partial(self._reconcile, whole=whole))
            _refreshed[self._root] = began, began if whole else last_whole
        finally:
            _refreshing.release()

    def _reconcile(self, database: sqlite3.Connection, whole: bool) -> None:
        """Make the rows say what the directories say.

        Args:
            whole: look at every `run.json`, not only at those of runs that have not ended.
        """
        try:
            names = {entry.name for entry in os.scandir(self._root) if _is_id(entry.name)}
        except OSError:
            return  # a folder that cannot be read has not lost its runs
        known = {
            run_id: (stamp, status)
            for run_id, stamp, status in database.execute("select id, stamp, status from runs")
        }
        for gone in set(known) - names:
            database.execute("delete from runs where id = ?", (gone,))
        for name in names:
            stamp, status = known.get(name, ("", ""))
            if stamp and status in ENDED and not whole:
                continue
            found = self._stamp(name)
            if found != stamp:
                self._read(database, name, found)

    def _read(self, database: sqlite3.Connection, run_id: str, stamp: str) -> None:
        """Put a run's row from its `run.json`; one that cannot be read keeps its old row, with the reason."""
        try:
            manifest = Manifest.from_json(decoded(read_own(self._root / run_id / "run.json", self._largest)))
            if manifest.id != run_id:
                raise RecordError(f"it is that of run {manifest.id[:40]}")
        except FileNotFoundError:
            missing = "update runs set stamp = '', problem = 'it is missing' where id = ?"
            database.execute(missing, (run_id,))
        except (RecordError, OSError) as error:
            reason = str((error.strerror if isinstance(error, OSError) else None) or error)[:300]
            _log.warning("run %s: its run.json cannot be read: %s", run_id, reason)
            database.execute(
                "insert into runs values (?, '', 0, 0, 'failed', 0, ?, '', ?) "
                "on conflict (id) do update set stamp = excluded.stamp, problem = excluded.problem",
                (run_id, stamp, reason),
            )
        else:
            self._put(database, manifest, stamp)

    def _put(self, database: sqlite3.Connection, manifest: Manifest, stamp: str) -> None:
        database.execute(
            "insert into runs values (?, ?, ?, ?, ?, ?, ?, ?, '') on conflict (id) do update set "
            "owner = excluded.owner, number = excluded.number, created = excluded.created, "
            "status = excluded.status, bytes = max(bytes, excluded.bytes), stamp = excluded.stamp, "
            "manifest = excluded.manifest, problem = ''",
            (
                manifest.id,
                manifest.owner,
                manifest.number,
                manifest.created,
                manifest.status,
                manifest.bytes,
                stamp,
                json.dumps(manifest.to_json()),
            ),
        )

    def _stamp(self, run_id: str) -> str:
        """What tells whether a `run.json` has changed; empty when there is none."""
        try:
            status = os.lstat(self._root / run_id / "run.json")
        except OSError:
            return ""
        return f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"


def _is_id(name: str) -> bool:
    return len(name) == 16 and not set(name) - set("0123456789abcdef")


@lru_cache(maxsize=4096)  # the same text is the same manifest
def _manifest(text: str) -> Manifest:
    return Manifest.from_json(decoded(text.encode()))
