"""FlatBuffers, read in place: a table's fields by number, each checked against the size of the file.

Source: https://flatbuffers.dev/internals. All offsets but a table's own vtable lead forward, and nothing here
follows one by itself, so that no file can lead in a circle.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from core.bundle.source import Source
from core.checkpoint import CheckpointError, TooLarge

MOST = 200_000  # elements of a vector of tables


class Table:
    """A table in a file; a field that is not there has its default."""

    def __init__(self, source: Source, at: int) -> None:
        """Args:
        at: where the table begins.

        Raises:
            CheckpointError: it is outside of the file.
        """
        self._source, self._at = source, at
        self._fields = at - _number(source, at, "<i")
        self._count = (_number(source, self._fields, "<H") - 4) // 2

    def number(self, field: int, layout: str, default: int = 0) -> int:
        """A number, in the layout of `struct`."""
        at = self._place(field)
        return _number(self._source, at, layout) if at else default

    def table(self, field: int) -> Table | None:
        at = self._place(field)
        return Table(self._source, at + _number(self._source, at, "<I")) if at else None

    def text(self, field: int, most: int = 1000) -> str:
        """A text; "" where there is none."""
        at, count = self.vector(field, 1)
        return bytes(self._source.read(at, min(count, most))).decode(errors="replace")

    def numbers(self, field: int, layout: str, most: int = 1 << 20) -> Sequence[int | float]:
        """A vector of numbers.

        Raises:
            TooLarge: of more than `most`.
        """
        size = struct.calcsize(layout)
        at, count = self.vector(field, size)
        if count > most:
            raise TooLarge(f"{self._source.name} has a list of {count:,} numbers where few are expected.")
        return struct.unpack(f"<{count}{layout}", self._source.read(at, count * size))

    def tables(self, field: int) -> Iterator[Table]:
        """A vector of tables.

        Raises:
            TooLarge: of more than `MOST`.
        """
        at, count = self.vector(field, 4)
        if count > MOST:
            raise TooLarge(f"{self._source.name} has a list of {count:,} tables.")
        for place in range(at, at + 4 * count, 4):
            yield Table(self._source, place + _number(self._source, place, "<I"))

    def vector(self, field: int, size: int) -> tuple[int, int]:
        """Where a vector's elements of `size` bytes begin, and how many there are.

        Raises:
            CheckpointError: it ends outside of the file.
        """
        at = self._place(field)
        if not at:
            return 0, 0
        at += _number(self._source, at, "<I")
        count = _number(self._source, at, "<I")
        if count * size > self._source.size - at - 4:
            raise CheckpointError(f"{self._source.name} is damaged: a list in it is longer than the file.")
        return at + 4, count

    def _place(self, field: int) -> int:
        if field >= self._count:
            return 0
        offset = _number(self._source, self._fields + 4 + 2 * field, "<H")
        return self._at + offset if offset else 0


def root(source: Source) -> Table:
    """The table that the file begins with.

    Raises:
        CheckpointError: there is none.
    """
    return Table(source, _number(source, 0, "<I"))


def _number(source: Source, at: int, layout: str) -> int:
    size = struct.calcsize(layout)
    raw = source.read(at, size) if at >= 0 else b""
    if len(raw) < size:
        raise CheckpointError(f"{source.name} is damaged or cut off: something in it leads outside of it.")
    return int(struct.unpack(layout, raw)[0])
