"""Reads TensorFlow's checkpoint files without TensorFlow, every checksum verified.

A checkpoint "prefix" is two files of values: `prefix.index`, a sorted string table (LevelDB's table
format, uncompressed) from tensor name to a `BundleEntryProto`, and `prefix.data-00000-of-00001`, the
tensors' bytes, little-endian. Sources: tensorflow/core/util/tensor_bundle/tensor_bundle.h,
tensorflow/core/protobuf/tensor_bundle.proto, and LevelDB's doc/table_format.md.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.checkpoint import DATA, INDEX, CheckpointError, Unreadable

LARGEST_FILE = 1 << 20  # the model has a handful of scalars: a megabyte is not its checkpoint

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_BLOCK_TRAILER = 5
# tensorflow/core/framework/types.proto
_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}


@dataclass(frozen=True)
class Entry:
    """One tensor of a checkpoint, as its index describes it.

    Attributes:
        name: the variable's name in the graph that saved it.
        dtype: NumPy's name for the type, such as float32.
        shape: () for a scalar.
        offset: where its bytes start in the data file.
        size: number of its bytes.
        crc32c: the masked checksum of those bytes.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int
    crc32c: int


def read_index(prefix: Path) -> tuple[Entry, ...]:
    """The tensors that `prefix.index` lists, in its order (by name).

    Raises:
        CheckpointError: missing, torn, or not an index.
    """
    path = _with(prefix, INDEX)
    content = _read(path)
    try:
        rows = list(_rows(content))
        if not rows or rows[0][0] != b"":
            raise CheckpointError("it has no header")
        return tuple(_entry(key, value) for key, value in rows[1:])
    except CheckpointError as error:
        raise CheckpointError(f"{path.name} is damaged: {error}.") from None
    except (IndexError, ValueError, struct.error, KeyError):
        raise CheckpointError(f"{path.name} is damaged: its table cannot be followed.") from None


def read_values(prefix: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Every tensor of the checkpoint by name, its bytes' checksum verified.

    Raises:
        CheckpointError: a file is missing or torn, or a checksum does not match.
    """
    entries = read_index(prefix)
    path = _with(prefix, DATA)
    content = _read(path)
    values: dict[str, npt.NDArray[np.generic]] = {}
    for entry in entries:
        raw = content[entry.offset : entry.offset + entry.size]
        if len(raw) != entry.size:
            raise CheckpointError(
                f"{path.name} is damaged: {entry.name} needs bytes {entry.offset} to "
                f"{entry.offset + entry.size}, the file has {len(content)}."
            )
        if masked_crc32c(raw) != entry.crc32c:
            raise CheckpointError(
                f"{path.name} is damaged: the checksum of {entry.name} does not match its bytes."
            )
        try:
            values[entry.name] = np.frombuffer(raw, np.dtype(entry.dtype)).reshape(entry.shape)
        except ValueError:
            raise CheckpointError(
                f"{path.name} is damaged: {entry.name} has {entry.size} bytes, "
                f"not those of {entry.dtype} {entry.shape}."
            ) from None
    return values


def _with(prefix: Path, suffix: str) -> Path:
    return prefix.with_name(prefix.name + suffix)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise CheckpointError(f"{path.name} is missing.") from None
    except IsADirectoryError:
        raise CheckpointError(f"{path.name} is a directory, not a file.") from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST_FILE:
        raise CheckpointError(f"{path.name} is larger than {LARGEST_FILE:,} bytes.")
    return content


def _rows(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of every row of a sorted string table, from its footer inwards."""
    if len(table) < _FOOTER or struct.unpack_from("<Q", table, len(table) - 8)[0] != _MAGIC:
        raise CheckpointError("its last 8 bytes are not those of an index")
    footer = table[-_FOOTER:]
    _, at = _varint(footer, 0)  # the meta-index block is empty in these files
    _, at = _varint(footer, at)
    for _, handle in _block(table, *_handle(footer, at)):
        yield from _block(table, *_handle(handle, 0))


def _handle(raw: bytes, at: int) -> tuple[int, int]:
    offset, at = _varint(raw, at)
    size, _ = _varint(raw, at)
    return offset, size


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The rows of one block; each key shares a prefix with the one before it."""
    end = offset + size
    trailer = table[end : end + _BLOCK_TRAILER]
    if len(trailer) != _BLOCK_TRAILER:
        raise CheckpointError("it ends in the middle of a block")
    kind, checksum = trailer[0], struct.unpack("<I", trailer[1:])[0]
    if masked_crc32c(table[offset : end + 1]) != checksum:
        raise CheckpointError("the checksum of a block does not match its bytes")
    if kind != 0:
        raise CheckpointError("a block is compressed, which TensorFlow does not do")
    block = table[offset:end]
    restarts = struct.unpack_from("<I", block, size - 4)[0]
    at, stop, key = 0, size - 4 * (restarts + 1), b""
    while at < stop:
        shared, at = _varint(block, at)
        unshared, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length


def _entry(key: bytes, proto: bytes) -> Entry:
    """Decode a `BundleEntryProto`: dtype 1, shape 2, shard 3, offset 4, size 5, crc32c 6."""
    found = dict.fromkeys((1, 3, 4, 5, 6), 0)
    shape: tuple[int, ...] = ()
    for number, value in _fields(proto):
        if number == 2 and isinstance(value, bytes):
            shape = tuple(
                int(dict(_fields(dim)).get(1, 0))
                for tag, dim in _fields(value)
                if tag == 2 and isinstance(dim, bytes)
            )
        elif isinstance(value, int):
            found[number] = value
    if found[3] != 0:
        raise CheckpointError("it names a second data file")
    dtype = np.dtype(_DTYPES[found[1]])
    return Entry(key.decode(), dtype.name, shape, found[4], found[5], found[6])


def _fields(proto: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and raw values of a protocol buffer (protobuf.dev/programming-guides/encoding)."""
    at = 0
    while at < len(proto):
        tag, at = _varint(proto, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(proto, at)
            yield tag >> 3, value
        elif kind == 2:
            size, at = _varint(proto, at)
            yield tag >> 3, proto[at : at + size]
            at += size
        elif kind == 5:
            yield tag >> 3, struct.unpack_from("<I", proto, at)[0]
            at += 4
        else:
            raise CheckpointError("an entry has a field of an unknown kind")


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A base-128 number and where the next one starts."""
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise CheckpointError("a number in it does not end")


def _crc32c_table() -> tuple[int, ...]:
    """Castagnoli's polynomial, reflected (RFC 3720, appendix B.4)."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _crc32c_table()


def masked_crc32c(raw: bytes) -> int:
    """CRC-32C, rotated and offset as TensorFlow and LevelDB store it (crc32c.h: Mask)."""
    crc = 0xFFFFFFFF
    for byte in raw:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
