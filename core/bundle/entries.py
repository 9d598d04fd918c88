"""What an index says about its tensors: `BundleHeaderProto` and `BundleEntryProto`, decoded.

Sources: tensorflow/core/protobuf/tensor_bundle.proto, tensorflow/core/framework/types.proto,
tensorflow/core/util/saved_tensor_slice_util.cc, tensorflow/core/lib/strings/ordered_code.cc.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

import ml_dtypes
import numpy as np

from core.bundle.wire import fields, inner, number, signed
from core.checkpoint import CheckpointError, Unsupported

STRING, RESOURCE, VARIANT = "string", "resource", "variant"

# Enum value to TensorFlow's name of the type, and how NumPy stores one element of it.
_TYPES: dict[int, tuple[str, type | None]] = {
    1: ("float32", np.float32),
    2: ("float64", np.float64),
    3: ("int32", np.int32),
    4: ("uint8", np.uint8),
    5: ("int16", np.int16),
    6: ("int8", np.int8),
    7: (STRING, None),
    8: ("complex64", np.complex64),
    9: ("int64", np.int64),
    10: ("bool", np.bool_),
    11: ("qint8", np.int8),
    12: ("quint8", np.uint8),
    13: ("qint32", np.int32),
    14: ("bfloat16", ml_dtypes.bfloat16),
    15: ("qint16", np.int16),
    16: ("quint16", np.uint16),
    17: ("uint16", np.uint16),
    18: ("complex128", np.complex128),
    19: ("float16", np.float16),
    20: (RESOURCE, None),
    21: (VARIANT, None),
    22: ("uint32", np.uint32),
    23: ("uint64", np.uint64),
    24: ("float8_e5m2", ml_dtypes.float8_e5m2),
    25: ("float8_e4m3fn", ml_dtypes.float8_e4m3fn),
    26: ("float8_e4m3fnuz", ml_dtypes.float8_e4m3fnuz),
    27: ("float8_e4m3b11fnuz", ml_dtypes.float8_e4m3b11fnuz),
    28: ("float8_e5m2fnuz", ml_dtypes.float8_e5m2fnuz),
    29: ("int4", ml_dtypes.int4),
    30: ("uint4", ml_dtypes.uint4),
    31: ("int2", ml_dtypes.int2),
    32: ("uint2", ml_dtypes.uint2),
    33: ("float4_e2m1fn", ml_dtypes.float4_e2m1fn),
}
_NUMPY = {name: np.dtype(stored) for name, stored in _TYPES.values() if stored is not None}

Extent = tuple[int, int]  # start and length; length -1 takes the whole dimension


class Entry(NamedTuple):
    """One tensor of a checkpoint, as its index describes it. (A tuple, since thousands are made at once.)

    Attributes:
        name: the variable's name in the graph that saved it, or its key in an object graph.
        dtype: TensorFlow's name for the type, such as float32, bfloat16 or string.
        shape: () for a scalar.
        offset: where its bytes start in the data file.
        size: number of its bytes; of a partitioned variable, that of all its parts.
        crc32c: the masked checksum of those bytes; 0 where the format keeps none for each tensor.
        shard: which of the data files holds it.
        slices: of a partitioned variable, the extents of its parts; each has a row of its own.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int
    crc32c: int
    shard: int = 0
    slices: tuple[tuple[Extent, ...], ...] = ()

    @property
    def elements(self) -> int:
        """How many elements the shape has."""
        return math.prod(self.shape)


class Header(NamedTuple):
    """An index's own row: how many data files there are, and whether numbers are big-endian in them."""

    shards: int
    big: bool


class _Layout(NamedTuple):
    dtype: str
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc32c: int
    slices: tuple[tuple[Extent, ...], ...]


def numpy_dtype(dtype: str) -> np.dtype | None:
    """How NumPy stores an element of this TensorFlow type; None for what has no fixed size."""
    return _NUMPY.get(dtype)


def dtype_name(number: int) -> str:
    """TensorFlow's name of a type by its number; reference types are those plus 100."""
    if number in _TYPES:
        return _TYPES[number][0]
    return f"type {number}"


def header(proto: bytes) -> Header:
    """Decode a `BundleHeaderProto`: num_shards 1, endianness 2, version 3 (min_consumer 2).

    Raises:
        CheckpointError: it was written for a newer reader, or is no header.
    """
    shards, big = 0, False
    for field, value in fields(proto):
        if field == 1:
            shards = signed(number(value))
        elif field == 2:
            big = number(value) == 1
        elif field == 3 and any(n == 2 and number(v) > 1 for n, v in fields(inner(value))):
            raise Unsupported("it was written for a newer reader than any that is known")
    if not 1 <= shards <= 1 << 20:
        raise CheckpointError(f"its header names {shards:,} data files")
    return Header(shards, big)


def entry(key: bytes, proto: bytes) -> Entry:
    """Decode the row of one tensor.

    Raises:
        CheckpointError, IndexError: the row cannot be decoded.
    """
    # Between two checkpoints of one model only checksums differ, so what stands before them is known.
    # The five bytes are the field crc32c only where the rest is a whole protocol buffer by itself.
    if len(proto) > 5 and proto[-5] == 0x35:
        try:
            dtype, dims, shard, offset, size, crc, slices = _layout(proto[:-5])
            crc = int.from_bytes(proto[-4:], "little")
        except (CheckpointError, IndexError):
            dtype, dims, shard, offset, size, crc, slices = _layout(proto)
    else:
        dtype, dims, shard, offset, size, crc, slices = _layout(proto)
    return Entry(text(key), dtype, dims, offset, size, crc, shard, slices)


def text(key: bytes) -> str:
    """A name as text; bytes that are no UTF-8 are written out."""
    return key.decode(errors="backslashreplace")


@lru_cache(maxsize=1 << 15)
def _layout(proto: bytes) -> _Layout:
    """Decode a `BundleEntryProto`: dtype 1, shape 2, shard 3, offset 4, size 5, crc32c 6, slices 7."""
    dtype = shard = offset = size = crc = 0
    dims: tuple[int, ...] = ()
    slices: list[tuple[Extent, ...]] = []
    for field, value in fields(proto):
        if field == 1:
            dtype = number(value)
        elif field == 2:
            dims += shape(inner(value))
        elif field == 3:
            shard = signed(number(value))
        elif field == 4:
            offset = signed(number(value))
        elif field == 5:
            size = signed(number(value))
        elif field == 6:
            crc = number(value) & 0xFFFFFFFF
        elif field == 7:
            slices.append(extents(inner(value)))
    if min(shard, offset, size) < 0:
        raise CheckpointError("an entry has a place below zero")
    return _Layout(dtype_name(dtype), dims, shard, offset, size, crc, tuple(slices))


def shape(proto: bytes) -> tuple[int, ...]:
    """Decode a `TensorShapeProto`: dim 2 (size 1), unknown_rank 3.

    Raises:
        CheckpointError: a dimension is negative, or the rank is not known.
    """
    dims = []
    for field, value in fields(proto):
        if field == 2:
            size = 0
            for inside, given in fields(inner(value)):
                if inside == 1:
                    size = signed(number(given))
            if size < 0:
                raise CheckpointError("an entry has a dimension below zero")
            dims.append(size)
        elif field == 3 and value:
            raise CheckpointError("an entry has no known rank")
    if len(dims) > 254:  # tensorflow/core/framework/tensor_shape.h: MaxDimensions
        raise CheckpointError(f"an entry has {len(dims):,} dimensions")
    return tuple(dims)


def extents(proto: bytes) -> tuple[Extent, ...]:
    """Decode a `TensorSliceProto`: extent 1 (start 1, length 2; without a length, all of it)."""
    found = []
    for field, value in fields(proto):
        if field == 1:
            start, length = 0, -1
            for inside, given in fields(inner(value)):
                if inside == 1:
                    start = signed(number(given))
                elif inside == 2:
                    length = signed(number(given))
            if length == -1:
                start = 0
            if start < 0 or length < -1:
                raise CheckpointError("a slice starts or ends below zero")
            found.append((start, length))
    return tuple(found)


def slice_key(name: bytes, slice_: tuple[Extent, ...]) -> bytes:
    """The key of one part of a partitioned variable, in OrderedCode (saved_tensor_slice_util.cc)."""
    # One pass over the name, since one escape must not meet the other.
    escaped = re.sub(rb"[\x00\xff]", lambda byte: b"\x00\xff" if byte[0] == b"\x00" else b"\xff\x00", name)
    code = b"\x00" + escaped + b"\x00\x01" + _increasing(len(slice_))
    for start, length in slice_:
        code += _signed(0 if length == -1 else start) + _signed(length)
    return code


def _increasing(value: int) -> bytes:
    """OrderedCode::WriteNumIncreasing: the length, then the number, most significant byte first."""
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(raw)]) + raw


def _signed(value: int) -> bytes:
    """OrderedCode::WriteSignedNumIncreasing: as many leading bits as bytes, flipped below zero."""
    bits = (~value if value < 0 else value).bit_length()
    length = bits // 7 + 1
    if length == 1:
        return bytes([(0x80 ^ value) & 0xFF])
    raw = bytearray(value.to_bytes(10, "big", signed=True)[-length:])
    heads = _HEADS[length]
    raw[0] ^= heads[0]
    raw[1] ^= heads[1]
    return bytes(raw)


_HEADS = {
    2: (0xC0, 0),
    3: (0xE0, 0),
    4: (0xF0, 0),
    5: (0xF8, 0),
    6: (0xFC, 0),
    7: (0xFE, 0),
    8: (0xFF, 0),
    9: (0xFF, 0x80),
    10: (0xFF, 0xC0),
}
