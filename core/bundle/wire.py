"""Checksums, varints and protocol buffers: the pieces that every part of the format is made of.

Sources: tensorflow/tsl/lib/hash/crc32c.h (Mask), protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from crc32c import crc32c

from core.bundle.source import Source
from core.checkpoint import CheckpointError

Field = int | bytes
_DELTA = 0xA282EAD8


def mask(crc: int) -> int:
    """A CRC-32C as TensorFlow and LevelDB store it: rotated and offset (crc32c.h: Mask)."""
    return ((crc >> 15 | crc << 17) + _DELTA) & 0xFFFFFFFF


def masked_crc32c(raw: bytes | bytearray | memoryview) -> int:
    """The masked CRC-32C of these bytes."""
    return mask(crc32c(raw))


def varint(raw: bytes | memoryview, at: int) -> tuple[int, int]:
    """A base-128 number of at most 64 bits, and where the next one starts.

    Raises:
        IndexError: the bytes end inside it.
        CheckpointError: it does not end.
    """
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift > 63:
            raise CheckpointError("a number in it does not end")


def signed(number: int) -> int:
    """A 64-bit field read as int64."""
    return number - (1 << 64) if number >= 1 << 63 else number


def fields(proto: bytes) -> Iterator[tuple[int, Field]]:
    """Field numbers and raw values of a protocol buffer, in its order.

    Raises:
        IndexError, CheckpointError: the bytes are no protocol buffer.
    """
    at, end = 0, len(proto)
    while at < end:
        tag, at = varint(proto, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = varint(proto, at)
            yield number, value
        elif kind == 2:
            size, at = varint(proto, at)
            if size > end - at:
                raise CheckpointError("a field in it is longer than what contains it")
            yield number, proto[at : at + size]
            at += size
        elif kind == 5:
            yield number, _fixed("<I", proto, at)
            at += 4
        elif kind == 1:
            yield number, _fixed("<Q", proto, at)
            at += 8
        else:
            raise CheckpointError("an entry has a field of an unknown kind")


def inner(value: Field) -> bytes:
    """The bytes of a field that has to be text or a message."""
    if not isinstance(value, bytes):
        raise CheckpointError("a field in it has another kind than its number says")
    return value


def number(value: Field) -> int:
    """The number of a field that has to be one."""
    if not isinstance(value, int):
        raise CheckpointError("a field in it has another kind than its number says")
    return value


def _fixed(layout: str, proto: bytes, at: int) -> int:
    try:
        return int(struct.unpack_from(layout, proto, at)[0])
    except struct.error:
        raise CheckpointError("a field in it is cut off") from None


class Span(NamedTuple):
    """A field of a protocol buffer that stays in its file.

    Attributes:
        number: of the field.
        value: of a number or four or eight bytes; 0 of what has a length.
        at, size: where its bytes are; a size of -1 of what has none.
    """

    number: int
    value: int
    at: int
    size: int


def spans(source: Source, at: int, end: int) -> Iterator[Span]:
    """The fields of a protocol buffer between two places of a file, which may be larger than memory.

    Raises:
        CheckpointError: the bytes are no protocol buffer.
    """
    while at < end:
        head = source.read(at, min(20, end - at))
        try:
            tag, used = varint(head, 0)
            number, kind = tag >> 3, tag & 7
            if kind == 0:
                value, used = varint(head, used)
                yield Span(number, value, at, -1)
                at += used
            elif kind == 2:
                size, used = varint(head, used)
                if size > end - at - used:
                    raise CheckpointError("a field in it is longer than what contains it")
                yield Span(number, 0, at + used, size)
                at += used + size
            elif kind in (1, 5):
                size = 8 if kind == 1 else 4
                if size > len(head) - used:
                    raise CheckpointError("a field in it is cut off")
                yield Span(number, int.from_bytes(head[used : used + size], "little"), at + used, size)
                at += used + size
            else:
                raise CheckpointError("an entry has a field of an unknown kind")
        except IndexError:
            raise CheckpointError("a number in it is cut off") from None
