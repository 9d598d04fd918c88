"""Writes checkpoints byte for byte, with valid checksums: also what TensorFlow never would."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from cramjam import snappy
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf import tensor_bundle_pb2

from core.bundle.wire import masked_crc32c

MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)
Row = tuple[bytes, bytes]


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block(rows: Iterable[Row], *, share: bool = True) -> bytes:
    """The rows of one block, each key without what it shares with the one before."""
    out, before = b"", b""
    for key, value in rows:
        shared = 0
        while share and shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + struct.pack("<II", 0, 1)


def stored(content: bytes, kind: int = 0) -> bytes:
    """A block as it stands in a file, with its kind and checksum."""
    packed = bytes(snappy.compress_raw(content)) if kind == 1 else content
    return packed + bytes([kind]) + struct.pack("<I", masked_crc32c(packed + bytes([kind])))


def table(rows: Sequence[Row], *, kind: int = 0, per_block: int = 1 << 30) -> bytes:
    """A sorted string table of these rows."""
    out, handles = b"", []
    for start in range(0, len(rows), per_block):
        some = rows[start : start + per_block]
        written = stored(block(some), kind)
        handles.append((some[-1][0] + b"\x01", varint(len(out)) + varint(len(written) - 5)))
        out += written
    return finish(out, stored(block(handles), kind))


def finish(blocks: bytes, index: bytes) -> bytes:
    """Blocks, the index block and the footer."""
    meta = stored(block([]))
    footer = varint(len(blocks)) + varint(len(meta) - 5)
    footer += varint(len(blocks) + len(meta)) + varint(len(index) - 5)
    return blocks + meta + index + footer.ljust(40, b"\0") + MAGIC


def header(shards: int = 1, *, big: bool = False, min_consumer: int = 0) -> Row:
    proto = tensor_bundle_pb2.BundleHeaderProto(num_shards=shards, endianness=int(big))
    proto.version.producer = 1
    proto.version.min_consumer = min_consumer
    return b"", proto.SerializeToString()


def entry(
    name: str | bytes,
    shape: Sequence[int] = (),
    raw: bytes = bytes(4),
    *,
    dtype: int = types_pb2.DT_FLOAT,
    shard: int = 0,
    offset: int = 0,
    size: int | None = None,
    crc: int | None = None,
) -> Row:
    proto = tensor_bundle_pb2.BundleEntryProto(
        dtype=dtype,
        shard_id=shard,
        offset=offset,
        size=len(raw) if size is None else size,
        crc32c=masked_crc32c(raw) if crc is None else crc,
    )
    for each in shape:
        proto.shape.dim.add().size = each
    return name if isinstance(name, bytes) else name.encode(), proto.SerializeToString()


def write(
    prefix: Path, rows: Iterable[Row], data: bytes | Mapping[int, bytes] = bytes(4), **how: int
) -> Path:
    """A checkpoint of these rows, header first, and of these data files."""
    files = {0: data} if isinstance(data, bytes) else data
    prefix.with_name(prefix.name + ".index").write_bytes(table([*rows], **how))
    for shard, content in files.items():
        prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{len(files):05d}").write_bytes(content)
    return prefix


def of_arrays(prefix: Path, arrays: Mapping[str, np.ndarray], *, big: bool = False, **how: int) -> Path:
    """A checkpoint of these arrays of float32 and the like, in either byte order."""
    rows, data = [header(big=big)], b""
    for name, value in sorted(arrays.items()):
        raw = value.astype(value.dtype.newbyteorder(">" if big else "<")).tobytes()
        kind = types_pb2.DataType.Value(
            {"float32": "DT_FLOAT", "float64": "DT_DOUBLE"}.get(
                value.dtype.name, f"DT_{value.dtype.name.upper()}"
            )
        )
        rows.append(entry(name, value.shape, raw, dtype=kind, offset=len(data)))
        data += raw
    return write(prefix, rows, data, **how)
