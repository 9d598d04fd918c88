"""An index of all runs beside their directories, so that a list costs no more with ten thousand of them.

The directories are the truth: the index can be deleted at any time and is made again from them. Whoever
writes a `run.json` through `Run.write` writes its row too; what changed behind its back `refresh` finds.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from core.run.manifest import ENDED, Manifest, ManifestError, decoded
from core.storage import read_own

FILE = ".index.sqlite"
PERIOD = 5.0  # seconds between two looks at the names in the folder
WHOLE = 60.0  # seconds between two looks at every run.json
PATIENCE = 10.0  # seconds to wait for another process's write

_SCHEMA = """
create table if not exists runs (
  id text primary key, owner text not null, created real not null, status text not null,
  bytes integer not null, stamp text not null, manifest text not null, problem text not null
);
create index if not exists owners on runs (owner, created);
"""

T = TypeVar("T")

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
    """What one run holds of the disk, and what decides when it gives way; as in `Manifest` and `Entry`."""

    id: str
    owner: str
    created: float
    status: str
    bytes: int
    kept: bool


class RunIndex:
    """The index of one folder of runs."""

    def __init__(self, root: Path, largest: int) -> None:
        """
        Args:
            largest: bytes that a `run.json` may have.
        """
        self._root = root
        self._largest = largest

    def entries(self, owner: str | None = None, most: int = -1) -> list[Entry]:
        """All runs, newest first, or one owner's, or the newest `most`."""
        whose = "?1 is null" if owner is None else "owner = ?1"  # an `or` of both would read every row
        query = (
            f"select manifest, bytes, problem from runs where {whose} and manifest != '' "
            "order by created desc limit ?2"
        )
        return [
            Entry(_manifest(text), size, problem) for text, size, problem in self._rows(query, owner, most)
        ]

    def held(self) -> int | None:
        """Bytes that all runs hold together; None while those of a run have not been counted."""
        query = "select total(bytes), coalesce(min(bytes), 1) from runs where manifest != ''"
        ((size, least),) = self._rows(query)
        return int(size) if least > 0 else None

    def holdings(self) -> list[Holding]:
        """What every run holds, the oldest first, without reading ten thousand manifests."""
        query = (
            "select id, owner, created, status, bytes, json_extract(manifest, '$.kept') from runs "
            "where manifest != '' order by created"
        )
        return [
            Holding(run_id, owner, created, status, size, bool(kept))
            for run_id, owner, created, status, size, kept in self._rows(query)
        ]

    def _rows(self, query: str, *values: object) -> list[Any]:
        self.refresh()
        return self._do(lambda database: database.execute(query, values).fetchall())

    def put(self, manifest: Manifest) -> None:
        """Note a `run.json` that has just been written, if there is an index to note it in."""
        self._note(lambda database: self._put(database, manifest, self._stamp(manifest.id)))

    def count(self, run_id: str, size: int) -> None:
        """Note how many bytes of disk a run takes now, if there is an index."""
        update = "update runs set bytes = ? where id = ?"
        self._note(lambda database: database.execute(update, (size, run_id)))

    def drop(self, run_id: str) -> None:
        """Forget a run."""
        self._note(lambda database: database.execute("delete from runs where id = ?", (run_id,)))

    def _note(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Write to the index, if there is one; what cannot be written on a full disk `refresh` "
        "finds later."""
        if (self._root / FILE).exists():
            try:
                self._do(work)
            except OSError as error:
                logging.getLogger(__name__).warning("the index of the runs misses a change: %s", error)

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
            whole = now or began - last_whole >= WHOLE or not (self._root / FILE).exists()
            if not whole and began - last < PERIOD:
                return
            try:
                names = {entry.name for entry in os.scandir(self._root) if _is_id(entry.name)}
            except FileNotFoundError:
                return
            self._do(lambda database: self._reconcile(database, names, whole))
            _refreshed[self._root] = began, began if whole else last_whole
        finally:
            _refreshing.release()

    def _reconcile(self, database: sqlite3.Connection, names: set[str], whole: bool) -> None:
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
            if found and found != stamp:
                self._read(database, name, found)

    def _read(self, database: sqlite3.Connection, run_id: str, stamp: str) -> None:
        """Put a run's row from its `run.json`; one that cannot be read keeps its old row, with the reason."""
        try:
            manifest = Manifest.from_json(decoded(read_own(self._root / run_id / "run.json", self._largest)))
            if manifest.id != run_id:
                raise ManifestError(f"it is that of run {manifest.id[:40]}")
        except FileNotFoundError:
            return
        except (ManifestError, OSError) as error:
            reason = str((error.strerror if isinstance(error, OSError) else None) or error)[:300]
            logging.getLogger(__name__).warning("run %s: its run.json cannot be read: %s", run_id, reason)
            database.execute(
                "insert into runs values (?, '', 0, 'failed', 0, ?, '', ?) "
                "on conflict (id) do update set stamp = excluded.stamp, problem = excluded.problem",
                (run_id, stamp, reason),
            )
        else:
            self._put(database, manifest, stamp)

    def _put(self, database: sqlite3.Connection, manifest: Manifest, stamp: str) -> None:
        database.execute(
            "insert into runs values (?, ?, ?, ?, ?, ?, ?, '') on conflict (id) do update set "
            "owner = excluded.owner, created = excluded.created, status = excluded.status, "
            "bytes = max(bytes, excluded.bytes), stamp = excluded.stamp, manifest = excluded.manifest, "
            "problem = ''",
            (
                manifest.id,
                manifest.owner,
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

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction; a database that is damaged is made anew.

        Raises:
            OSError: another process holds it, or the disk has no room for it.
        """
        try:
            with self._open() as database:
                return work(database)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise OSError(f"The index of the runs is held by another process: {error}.") from None
            logging.getLogger(__name__).warning("the index of the runs is made anew (%s)", error)
            with suppress(OSError):
                (self._root / FILE).unlink()
            try:
                with self._open() as database:
                    names = {entry.name for entry in os.scandir(self._root) if _is_id(entry.name)}
                    self._reconcile(database, names, whole=True)
                with self._open() as database:
                    return work(database)
            except sqlite3.Error as again:
                raise OSError(f"The index of the runs cannot be written: {again}.") from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._root / FILE, timeout=PATIENCE)) as database:
            # It can be made again, so nobody has to wait for the disk.
            database.execute("pragma synchronous = off")
            database.executescript(_SCHEMA) if _is_new(database) else None
            with database:
                yield database


def _is_new(database: sqlite3.Connection) -> bool:
    query = "select count(*) from sqlite_master where name = 'runs'"
    return not database.execute(query).fetchone()[0]


def _is_id(name: str) -> bool:
    return len(name) == 16 and not set(name) - set("0123456789abcdef")


@lru_cache(maxsize=4096)  # the same text is the same manifest
def _manifest(text: str) -> Manifest:
    return Manifest.from_json(json.loads(text))
