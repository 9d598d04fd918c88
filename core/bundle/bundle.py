"""Checkpoints in the V2 format, the "bundle": `prefix.index` and one data file or more.

Source: tensorflow/core/util/tensor_bundle/tensor_bundle.h and .cc. An index is a table from name to
`BundleEntryProto`, whose first row, without a name, is the header.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from crc32c import crc32c

from core.bundle import table
from core.bundle.entries import (
    STRING,
    Entry,
    Extent,
    Header,
    entry,
    header,
    slice_key,
    text,
)
from core.bundle.source import Source
from core.bundle.values import PIECE, Array, Values, stored_dtype
from core.bundle.wire import mask, varint
from core.checkpoint import INDEX, CheckpointError, Unreadable, WrongChecksum


class Index:
    """An index, decoded.

    Attributes:
        header: how many data files, and in which byte order.
        entries: the tensors, in the table's order (by name).
        parts: the row of every slice by its key.
        damaged: rows that could not be decoded: name and sentence.
        whole: the file's content, if it is small.
        unread_damage: whether bytes of it are damaged that TensorFlow does not read.
    """

    def __init__(self, path: str, most: int | None = None) -> None:
        """Read and decode the file.

        Raises:
            CheckpointError: missing, torn, or not an index.
        """
        self.entries: list[Entry] = []
        self.parts: dict[bytes, Entry] = {}
        self.damaged: dict[str, str] = {}
        with Source(path, most) as source:
            self.whole = source.whole
            try:
                self._decode(source)
            except Unreadable:
                raise
            except CheckpointError as error:
                raise type(error)(f"{source.name} is damaged: {error}.") from None
            except (IndexError, struct.error):
                raise CheckpointError(f"{source.name} is damaged: its table cannot be followed.") from None

    def _decode(self, source: Source) -> None:
        rows = table.rows(source)
        key, block, start, end = next(rows, (b"?", b"", 0, 0))
        if key != b"":
            raise CheckpointError("it has no header")
        self.header: Header = header(block[start:end])
        for key, block, start, end in rows:
            try:
                row = entry(key, block[start:end])
            except (CheckpointError, IndexError) as error:
                reason = str(error) if isinstance(error, CheckpointError) else "its row is cut off"
                self.damaged[text(key)] = f"{text(key)} cannot be read: {reason}."
                continue
            if key[:1] == b"\x00":
                self.parts[key] = row
            elif row.shard >= self.header.shards and not row.slices:
                self.damaged[row.name] = (
                    f"{row.name} is in data file {row.shard + 1:,}, and there are {self.header.shards:,}."
                )
            else:
                self.entries.append(row)
        self.unread_damage = table.unread_damage(source)


def shard_name(prefix: str, shard: int, shards: int) -> str:
    """The name of one data file of a checkpoint (core/lib/io/naming: DataFilename)."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


class Bundle(Values):
    """A V2 checkpoint, open for reading: every value's checksum is verified, each on its own.

    Attributes:
        header: how many data files, and in which byte order.
        parts: of a partitioned variable's slices, each row by its key.
        unread_damage: whether bytes of the index are damaged that TensorFlow does not read.
    """

    def __init__(self, prefix: Path, most: int | None = None) -> None:
        """Read the index. A missing data file costs the tensors in it, when they are read.

        Args:
            most: larger files are refused.

        Raises:
            CheckpointError: the index is missing or damaged.
        """
        index = Index(f"{prefix}{INDEX}", most)
        self.prefix, self._most = prefix, most
        self.header, self.parts, self.damaged = index.header, index.parts, index.damaged
        self.entries = tuple(index.entries)
        self.unread_damage = index.unread_damage
        self._index_content = index.whole
        self._files: dict[int, Source] = {}
        self._buffer = memoryview(bytearray(0))
        self._refuse_overlaps()

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def contents(self) -> dict[str, memoryview]:
        """File name to content, of the small files that have been read: the same bytes, not read again."""
        read = {source.name: source.whole for source in self._files.values()}
        read[self.prefix.name + INDEX] = self._index_content
        return {name: whole for name, whole in read.items() if whole is not None}

    def read(self, entry: Entry) -> Array:
        self._refuse_damaged(entry)
        if entry.dtype == STRING:
            return self._strings(entry)
        dtype = stored_dtype(entry)
        if entry.slices:
            return self._assembled(entry)
        self._check_size(entry, dtype)
        raw, path = self._raw(entry)
        if mask(crc32c(raw)) != entry.crc32c:
            raise _wrong_checksum(path, entry)
        stored = np.frombuffer(raw, dtype.newbyteorder(">") if self.header.big else dtype)
        return stored.astype(dtype, copy=False).reshape(entry.shape)

    def pieces(self, entry: Entry) -> Iterator[Array]:
        if entry.slices or entry.dtype == STRING or entry.size <= PIECE:
            yield from super().pieces(entry)
            return
        self._refuse_damaged(entry)
        dtype = stored_dtype(entry)
        self._check_size(entry, dtype)
        file = self._file(entry.shard)
        self._check_end(file, entry)
        if not self._buffer:
            self._buffer = memoryview(bytearray(PIECE))
        stored, crc = dtype.newbyteorder(">") if self.header.big else dtype, 0
        for start in range(0, entry.size, PIECE):
            piece = self._buffer[: min(PIECE, entry.size - start)]
            if file.read_into(entry.offset + start, piece) != len(piece):
                raise CheckpointError(f"{file.name} became shorter while it was read.")
            crc = crc32c(piece, crc)
            yield np.frombuffer(piece, stored).astype(dtype, copy=False)
        if mask(crc) != entry.crc32c:
            raise _wrong_checksum(file.name, entry)

    def part(self, entry: Entry, slice_: tuple[Extent, ...]) -> Entry:
        """The row of one slice of a partitioned variable.

        Raises:
            CheckpointError: the index lacks it.
        """
        found = self.parts.get(slice_key(entry.name.encode(), slice_))
        if found is None:
            raise CheckpointError(f"{entry.name} is partitioned, and the index lacks its part {slice_}.")
        return found

    def _refuse_damaged(self, entry: Entry) -> None:
        if entry.name in self.damaged:
            raise CheckpointError(self.damaged[entry.name])

    def _refuse_overlaps(self) -> None:
        """Tensors whose bytes overlap: TensorFlow writes none, and reading them could go on for ever."""
        rows = [row for row in (*self.entries, *self.parts.values()) if row.size and not row.slices]
        rows.sort(key=lambda row: (row.shard, row.offset))
        last: Entry | None = None  # whose bytes reach furthest
        for row in rows:
            if last is None or row.shard != last.shard or row.offset >= last.offset + last.size:
                last = row
                continue
            for each in (last, row):
                self.damaged[each.name] = (
                    f"{last.name} and {row.name} claim the same bytes, which TensorFlow never writes."
                )
            last = max(last, row, key=lambda each: each.offset + each.size)

    def _file(self, shard: int) -> Source:
        if shard not in self._files:
            path = shard_name(str(self.prefix), shard, self.header.shards)
            if len(self._files) >= 64:  # a checkpoint of thousands of shards must not take every descriptor
                self._files.pop(next(iter(self._files))).close()
            self._files[shard] = Source(path, self._most)
        return self._files[shard]

    def _check_size(self, entry: Entry, dtype: np.dtype) -> None:
        if entry.elements * dtype.itemsize != entry.size:
            name = shard_name(self.prefix.name, entry.shard, self.header.shards)
            raise CheckpointError(
                f"{name} is damaged: {entry.name} has {entry.size} bytes, not those of {entry.dtype} "
                f"{entry.shape}."
            )

    def _check_end(self, file: Source, entry: Entry) -> None:
        if entry.offset + entry.size > file.size:
            raise CheckpointError(
                f"{file.name} is damaged: {entry.name} needs bytes {entry.offset} to "
                f"{entry.offset + entry.size}, the file has {file.size}."
            )

    def _raw(self, entry: Entry) -> tuple[memoryview, str]:
        file = self._file(entry.shard)
        self._check_end(file, entry)
        raw = file.read(entry.offset, entry.size)
        if len(raw) != entry.size:
            raise CheckpointError(f"{file.name} became shorter while it was read.")
        return raw, file.name

    def _assembled(self, entry: Entry) -> Array:
        """A partitioned variable, from its slices in whatever files they are."""
        dtype = stored_dtype(entry)
        parts = [(slice_, self.part(entry, slice_)) for slice_ in entry.slices]
        if sum(part.size for _, part in parts) != entry.elements * dtype.itemsize:
            raise CheckpointError(f"{entry.name} is partitioned, and its parts do not make up {entry.shape}.")
        whole: Array | None = None
        covered: Array | None = None
        for slice_, part in parts:
            self._refuse_damaged(part)
            if part.slices:
                raise CheckpointError(f"{entry.name} is partitioned, and so is one of its parts.")
            place = place_of(entry, slice_)
            wanted = tuple(each.stop - each.start for each in place)
            if part.dtype != entry.dtype or part.shape != wanted:
                raise CheckpointError(
                    f"{entry.name} is partitioned; its part {slice_} should be {entry.dtype} {wanted}, "
                    f"and is {part.dtype} {part.shape}."
                )
            # The key of a part is no name that a person could read.
            value = self.read(part._replace(name=entry.name))
            if whole is None or covered is None:  # only now is it known that bytes stand behind the shape
                whole, covered = np.empty(entry.shape, dtype), np.zeros(entry.shape, np.bool_)
            whole[place] = value
            if np.any(covered[place]):
                raise CheckpointError(f"{entry.name} is partitioned, and two of its parts overlap.")
            covered[place] = True
        if whole is None:
            raise CheckpointError(f"{entry.name} is partitioned into nothing.")
        return whole

    def _strings(self, entry: Entry) -> Array:
        """Strings: varint lengths, a masked checksum of the lengths as integers, then all bytes.

        Source: tensor_bundle.cc, ReadStringTensor. A length up to 4 GiB enters the checksum as uint32.
        """
        if entry.slices:
            return self._assembled(entry)
        raw, path = self._raw(entry)
        count, order = entry.elements, ">" if self.header.big else "<"
        if count > len(raw):
            raise CheckpointError(
                f"{path} is damaged: {entry.name} should hold {count} strings in {len(raw)} bytes."
            )
        result = np.empty(count, object)
        if not raw:
            return result.reshape(entry.shape)
        lengths, at = [], 0
        try:
            for _ in range(count):
                length, at = varint(raw, at)
                lengths.append(length)
        except (IndexError, CheckpointError):
            raise CheckpointError(f"{path} is damaged: the lengths of {entry.name} do not end.") from None
        if not any(length >> 32 for length in lengths):
            crc = crc32c(np.array(lengths, f"{order}u4").tobytes())
        else:
            crc = 0
            for length in lengths:
                crc = crc32c(struct.pack(f"{order}{'Q' if length >> 32 else 'I'}", length), crc)
        if at + 4 + sum(lengths) != len(raw):
            raise CheckpointError(f"{path} is damaged: the lengths of {entry.name} do not fit its bytes.")
        (stored,) = struct.unpack_from(f"{order}I", raw, at)
        if stored != mask(crc) or mask(crc32c(raw[at:], crc)) != entry.crc32c:
            raise _wrong_checksum(path, entry)
        at += 4
        for place, length in enumerate(lengths):
            result[place] = bytes(raw[at : at + length])
            at += length
        return result.reshape(entry.shape)


def place_of(entry: Entry, slice_: tuple[Extent, ...]) -> tuple[slice, ...]:
    """Where a part lies in the whole."""
    if len(slice_) != len(entry.shape):
        raise CheckpointError(f"{entry.name} is partitioned, and a part has another rank.")
    place = []
    for (start, length), size in zip(slice_, entry.shape, strict=True):
        stop = size if length == -1 else start + length
        if stop > size:
            raise CheckpointError(f"{entry.name} is partitioned, and a part reaches beyond {entry.shape}.")
        place.append(slice(start, stop))
    return tuple(place)


def _wrong_checksum(path: str, entry: Entry) -> CheckpointError:
    return WrongChecksum(f"{path} is damaged: the checksum of {entry.name} does not match its bytes.")
