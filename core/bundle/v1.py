"""Checkpoints in the V1 format: the prefix itself is a table, or `prefix-00000-of-00002` and so on.

Sources: tensorflow/core/util/saved_tensor_slice.proto, tensor_slice_writer.cc,
tensorflow/core/framework/tensor.proto. Values are typed fields of `TensorProto`; the checksum of their
block is the only one they have.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.bundle import table
from core.bundle.bundle import place_of
from core.bundle.entries import STRING, Entry, Extent, dtype_name, extents, numpy_dtype, shape, text
from core.bundle.source import Source
from core.bundle.values import Array, Values, stored_dtype
from core.bundle.wire import fields, inner, number
from core.checkpoint import CheckpointError, Unreadable

T = TypeVar("T")

_SHARD = re.compile(r"-(\d{5})-of-(\d{5})")
LARGEST_FILE = 2 << 30

# Field of TensorProto to how its values are packed: NumPy's layout, or "varint".
_PACKED = {5: "<f4", 6: "<f8", 9: "<f4", 12: "<f8", 7: "", 10: "", 11: "", 13: "", 16: "", 17: ""}


class TableV1(Values):
    """A V1 checkpoint, open for reading."""

    def __init__(self, files: Iterable[Path]) -> None:
        """List what the tables hold.

        Raises:
            CheckpointError: a file is missing, torn or not such a table.
        """
        self.damaged = {}
        self._files = tuple(files)
        found: dict[str, Entry] = {}
        for path in self._files:
            for row in self._meta(path):
                before = found.get(row.name)
                if before is not None:  # another shard holds more parts of it
                    row = row._replace(slices=before.slices + row.slices)
                found[row.name] = row
        self.entries = tuple(found[name] for name in sorted(found))

    def read(self, entry: Entry) -> Array:
        dtype = np.dtype(object) if entry.dtype == STRING else stored_dtype(entry)
        whole: Array | None = None
        covered = 0
        for path in self._files:
            for slice_, proto in self._slices(path, entry):
                place = place_of(entry, slice_)
                wanted = tuple(each.stop - each.start for each in place)
                value = _tensor(entry, proto, dtype).reshape(-1)
                if value.size != int(np.prod(wanted, dtype=object)):
                    raise CheckpointError(
                        f"{path.name} is damaged: {entry.name} should have {wanted} there, and has "
                        f"{value.size:,} elements."
                    )
                if value.size == entry.elements:
                    return value.reshape(entry.shape)
                if whole is None:
                    parts = max(1, len(entry.slices))
                    if entry.elements > 1024 * parts * max(1, value.size):
                        raise CheckpointError(
                            f"{entry.name} says {entry.shape}, and its parts are far smaller."
                        )
                    whole, seen = np.empty(entry.shape, dtype), np.zeros(entry.shape, np.bool_)
                if np.any(seen[place]):
                    raise CheckpointError(f"{entry.name} is partitioned, and two of its parts overlap.")
                whole[place], seen[place] = value.reshape(wanted), True
                covered += value.size
        if whole is None or covered != entry.elements:
            raise CheckpointError(f"{entry.name} is listed, and its values, or some of them, are missing.")
        return whole

    def close(self) -> None:
        """Nothing stays open: each table is gone through when it is asked."""

    def _meta(self, path: Path) -> list[Entry]:
        """What the table's first row lists: SavedTensorSliceMeta."""

        def decode(source: Source) -> list[Entry]:
            key, block, start, end = next(table.rows(source), (b"?", b"", 0, 0))
            if key != b"":
                raise CheckpointError("it has no header")
            listed = []
            for field, value in fields(block[start:end]):
                if field == 1:
                    listed += [_listed(inner(each)) for n, each in fields(inner(value)) if n == 1]
            return listed

        return _decoded(path, decode)

    def _slices(self, path: Path, entry: Entry) -> list[tuple[tuple[Extent, ...], bytes]]:
        """The parts of one tensor in one file: SavedSlice (name 1, slice 2, data 3)."""

        def decode(source: Source) -> list[tuple[tuple[Extent, ...], bytes]]:
            found = []
            for key, block, start, end in table.rows(source):
                if key == b"":
                    continue
                for field, value in fields(block[start:end]):
                    if field != 2:
                        continue
                    name, data = b"", b""
                    place: tuple[Extent, ...] = ()
                    for inside, given in fields(inner(value)):
                        if inside == 1:
                            name = inner(given)
                            if text(name) != entry.name:
                                break
                        elif inside == 2:
                            place = extents(inner(given))
                        elif inside == 3:
                            data = inner(given)
                    if text(name) == entry.name:
                        found.append((place or ((0, -1),) * len(entry.shape), data))
            return found

        return _decoded(path, decode)


def v1_files(prefix: Path) -> tuple[Path, ...]:
    """The tables of a V1 checkpoint of this prefix; none when there is none."""
    found = []
    try:
        names = [each.name for each in prefix.parent.iterdir() if each.name.startswith(prefix.name)]
    except OSError:
        return ()
    if prefix.name in names and not prefix.is_dir():
        return (prefix,)
    for name in sorted(names):
        match = _SHARD.fullmatch(name[len(prefix.name) :])
        if match:
            found.append((int(match[2]), prefix.with_name(name)))
    if not found:
        return ()
    shards = found[0][0]
    return tuple(prefix.with_name(f"{prefix.name}-{n:05d}-of-{shards:05d}") for n in range(min(shards, 4096)))


def _decoded(path: Path, decode: Callable[[Source], T]) -> T:
    with Source(path, LARGEST_FILE) as source:
        try:
            return decode(source)
        except Unreadable:
            raise
        except CheckpointError as error:
            raise type(error)(f"{path.name} is damaged: {error}.") from None
        except (IndexError, struct.error):
            raise CheckpointError(f"{path.name} is damaged: its table cannot be followed.") from None


def _listed(proto: bytes) -> Entry:
    """Decode a SavedSliceMeta: name 1, shape 2, type 3, slice 4."""
    name, kind = b"", 0
    dims: tuple[int, ...] = ()
    slices: list[tuple[Extent, ...]] = []
    for field, value in fields(proto):
        if field == 1:
            name = inner(value)
        elif field == 2:
            dims = shape(inner(value))
        elif field == 3:
            kind = number(value)
        elif field == 4:
            slices.append(extents(inner(value)))
    dtype = dtype_name(kind)
    entry = Entry(text(name), dtype, dims, 0, 0, 0, 0, tuple(slices) if len(slices) > 1 else ())
    stored = numpy_dtype(dtype)
    return entry._replace(size=entry.elements * stored.itemsize if stored else 0)


def _tensor(entry: Entry, proto: bytes, dtype: np.dtype) -> Array:
    """The values of a TensorProto, in one dimension."""
    pieces: list[Array] = []
    strings: list[bytes] = []
    for field, value in fields(proto):
        if field == 8 and entry.dtype == STRING:
            strings.append(inner(value))
        elif field == 4 and entry.dtype != STRING:  # tensor_content: the bytes as they are in memory
            raw = inner(value)
            if len(raw) % dtype.itemsize:
                raise CheckpointError(f"{entry.name} has {len(raw)} bytes, which are no {entry.dtype}.")
            pieces.append(np.frombuffer(raw, dtype))
        elif field in _PACKED:
            pieces.append(_numbers(value, _PACKED[field], dtype, entry))
    if entry.dtype == STRING:
        result = np.empty(len(strings), object)
        result[:] = strings
        return result
    return np.concatenate(pieces) if len(pieces) > 1 else pieces[0] if pieces else np.empty(0, dtype)


def _numbers(value: int | bytes, layout: str, dtype: np.dtype, entry: Entry) -> Array:
    """A repeated field of numbers, packed or a single one, as the tensor's type."""
    if isinstance(value, int):
        if layout:
            found: Array = np.frombuffer(value.to_bytes(int(layout[-1]), "little"), layout)
        else:
            found = np.array([value], np.uint64)
    elif layout:
        if len(value) % int(layout[-1]):
            raise CheckpointError(f"the numbers of {entry.name} are cut off")
        found = np.frombuffer(value, layout)
    else:
        found = _varints(value)
    if dtype.kind == "c":
        if len(found) % 2:
            raise CheckpointError(f"{entry.name} has half a complex number")
        return found.view(dtype)
    if layout or dtype == np.bool_:
        return found.astype(dtype)
    if dtype == np.float16 or dtype.name == "bfloat16":  # half_val holds the bits
        return found.astype(np.uint16).view(dtype)
    return found.astype(dtype)


def _varints(packed: bytes) -> Array:
    """Packed varints as uint64, all at once."""
    raw = np.frombuffer(packed, np.uint8)
    if len(raw) == 0:
        return np.empty(0, np.uint64)
    if raw[-1] >= 0x80:
        raise CheckpointError("a number in it does not end")
    last = np.flatnonzero(raw < 0x80)
    first = np.concatenate(([0], last[:-1] + 1))
    if int((last - first).max()) > 9:
        raise CheckpointError("a number in it does not end")
    place = np.arange(len(raw)) - np.repeat(first, last - first + 1)
    bits = (raw & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.add.reduceat(bits, first)
