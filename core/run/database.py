"""Where the index of the runs is kept: an SQLite file beside them, or memory while that file cannot be used.

A disk can be full or read-only, another process can hold the file, and anything can be in its place. The runs
themselves are still there, so the pages go on with an index in memory, one for each process, and try the file
again from time to time.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

PATIENCE = 1.0  # seconds to wait for another process's write
GLANCE = 0.05  # seconds to wait for it where memory serves as well
RETRY = 5.0  # seconds after which a file that could not be used is tried again

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

_log = logging.getLogger(__name__)


@dataclass
class _Memory:
    """What serves in place of a file.

    Attributes:
        why: what is the matter with the file, in SQLite's or the system's words.
        until: when the file is tried again, on the monotonic clock.
    """

    database: sqlite3.Connection
    why: str
    until: float


_memories: dict[Path, _Memory] = {}
_lock = threading.RLock()  # one thread at a time uses a memory


class Database:
    """One table that can be made again at any time."""

    def __init__(self, path: Path, columns: Sequence[str], schema: Sequence[str], fill: Work[None]) -> None:
        """
        Args:
            columns: of the table, in their order; a file that has others is made again.
            schema: the statements that make it.
            fill: brings an old or an empty table up to date.
        """
        self._path, self._columns, self._schema, self._fill = path, tuple(columns), schema, fill

    @property
    def trouble(self) -> str:
        """Why the file cannot be used now, in the system's words; empty when it can."""
        memory = _memories.get(self._path)
        return memory.why if memory else ""

    def do(self, work: Work[T]) -> T:
        """Do something in one transaction."""
        memory = _memories.get(self._path)
        if memory is None or memory.until <= time.monotonic():
            try:
                answer = self._in_file(work, missed=memory is not None)
            except (sqlite3.Error, OSError) as error:
                memory = self._remember(str(error))
            else:
                if memory is not None:
                    self._forget()
                return answer
        with _lock:
            if _memories.get(self._path) is memory:
                with memory.database:
                    return work(memory.database)
        return self.do(work)  # while this one waited, another one found that the file can be used again

    def note(self, work: Work[object]) -> None:
        """Write something, if there is an index; what cannot be written now, `fill` finds later."""
        with _lock:
            if memory := _memories.get(self._path):
                with memory.database:
                    work(memory.database)
                return
        if self._path.exists():
            try:
                self._in_file(work)
            except (sqlite3.Error, OSError) as error:
                _log.warning("the index of the runs misses a change: %s", error)

    def _in_file(self, work: Work[T], missed: bool = False) -> T:
        """Do something in the file.

        Args:
            missed: it was out of use, and does not know what happened meanwhile.

        Raises:
            sqlite3.Error: another process holds it, or the disk does not take it.
            OSError: something is in its place that cannot be removed.
        """
        try:
            with self._open(missed) as database:
                return work(database)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:  # "file is not a database", "malformed"
            _log.warning("the index of the runs is made again (%s)", error)
            self._path.unlink()
        with self._open(missed) as database:
            return work(database)

    @contextmanager
    def _open(self, missed: bool) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            self._path.touch(0o666)  # SQLite would leave the group out, whatever the umask says
        with closing(sqlite3.connect(self._path, timeout=GLANCE if missed else PATIENCE)) as database:
            # It can be made again, so nobody has to wait for the disk.
            database.execute("pragma synchronous = off")
            with database:
                if missed or not self._is_usable(database):
                    database.execute("begin immediate")
                    self._prepare(database)
                yield database

    def _prepare(self, database: sqlite3.Connection) -> None:
        if not self._is_usable(database):
            for statement in self._schema:
                database.execute(statement)
        self._fill(database)

    def _is_usable(self, database: sqlite3.Connection) -> bool:
        rows = database.execute("select name from pragma_table_info('runs')")
        return tuple(name for (name,) in rows) == self._columns

    def _remember(self, why: str) -> _Memory:
        """The index in memory, which begins with what the file says, as far as it can be read."""
        with _lock:
            memory = _memories.get(self._path)
            if memory is None:
                _log.warning("the index of the runs cannot be used (%s); it is kept in memory", why)
                memory = _Memory(self._copy(), why, 0.0)
                with memory.database:
                    self._prepare(memory.database)
                _memories[self._path] = memory
            memory.why, memory.until = why, time.monotonic() + RETRY
            return memory

    def _copy(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        address = f"file:{quote(str(self._path))}?immutable=1"  # it is read past any lock
        with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as file:
            file.backup(copy)
            if copy.execute("pragma quick_check(1)").fetchone() == ("ok",):
                return copy
        copy.close()
        return sqlite3.connect(":memory:", check_same_thread=False)

    def _forget(self) -> None:
        """The file can be used again."""
        with _lock:
            if memory := _memories.pop(self._path, None):
                memory.database.close()
                _log.warning("the index of the runs can be used again")
