"""Sorted string tables, LevelDB's format, in which every index and every V1 checkpoint is written.

Sources: LevelDB's doc/table_format.md, tensorflow/tsl/lib/io/format.cc and table_options.h (blocks of
262,144 bytes unless told otherwise, plain or snappy).

Every bound is checked before memory is taken: blocks may not overlap, names may not repeat their
predecessor without end, and a compressed block may not claim more than snappy can make of its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.bundle.source import Source
from core.bundle.wire import masked_crc32c, varint
from core.checkpoint import CheckpointError, TooLarge, Unsupported, WrongChecksum

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5
_PLAIN, _SNAPPY = 0, 1
_EMPTY = bytes(4) + struct.pack("<I", 1)  # a block without rows: one restart, at 0, and their number
_RATIO = 24  # three bytes of snappy copy at most 64
LARGEST_SNAPPY = 64 << 20
LARGEST_NAMES = 64 << 20  # bytes of all keys of one table, as they stand unpacked


def is_table(source: Source) -> bool:
    """Whether the file ends as a table does."""
    return source.size >= _FOOTER and bytes(source.read(source.size - 8, 8)) == struct.pack("<Q", _MAGIC)


def rows(source: Source) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Every row of a table: its key, the block that holds its value, and where the value starts and ends.

    Raises:
        CheckpointError: it is torn or no table; the message has no file name.
        IndexError, struct.error: its numbers lead nowhere.
    """
    if not is_table(source):
        raise CheckpointError("its last 8 bytes are not those of an index")
    footer = bytes(source.read(source.size - _FOOTER, _FOOTER))
    _, at = varint(footer, 0)  # the meta-index block is empty in these files
    _, at = varint(footer, at)
    index = _content(source, *_handle(footer, at))
    before, names, end = None, 0, 0
    for _, start, stop in _rows(index):
        offset, size = _handle(index[start:stop], 0)
        if offset < end:
            raise CheckpointError("two of its blocks overlap")
        end = offset + size + _TRAILER
        block = _content(source, offset, size)
        for key, first, last in _rows(block):
            if before is not None and key <= before:
                raise CheckpointError("its names are not in order")
            names += len(key)
            if names > LARGEST_NAMES:
                raise TooLarge(f"its names take more than {LARGEST_NAMES:,} bytes")
            before = key
            yield key, block, first, last


def unread_damage(source: Source) -> bool:
    """Whether bytes are damaged that no value needs: TensorFlow's readers do not look at them.

    A table is its blocks one after another, an empty meta-index block, the index block and the footer.

    Raises:
        CheckpointError, IndexError, struct.error: as `rows` does.
    """
    footer = bytes(source.read(source.size - _FOOTER, _FOOTER))
    meta, at = _handle(footer, 0), varint(footer, varint(footer, 0)[1])[1]
    last = _handle(footer, at)
    at = varint(footer, varint(footer, at)[1])[1]
    if any(footer[at : _FOOTER - 8]):
        return True
    index = _content(source, *last)
    blocks = [_handle(index[start:stop], 0) for _, start, stop in _rows(index)]
    if sum(size + _TRAILER for _, size in (*blocks, meta, last)) + _FOOTER != source.size:
        return True
    try:
        return bytes(_content(source, *meta)) != _EMPTY
    except CheckpointError:
        return True


def _handle(raw: bytes, at: int) -> tuple[int, int]:
    offset, at = varint(raw, at)
    size, _ = varint(raw, at)
    return offset, size


def _content(source: Source, offset: int, size: int) -> bytes:
    """One block, its checksum verified, unpacked."""
    if size > source.size or offset > source.size:
        raise CheckpointError("it ends in the middle of a block")
    stored = source.read(offset, size + _TRAILER)
    if len(stored) != size + _TRAILER:
        raise CheckpointError("it ends in the middle of a block")
    kind, checksum = stored[size], struct.unpack_from("<I", stored, size + 1)[0]
    if masked_crc32c(stored[: size + 1]) != checksum:
        raise WrongChecksum("the checksum of a block does not match its bytes")
    if kind == _PLAIN:
        return bytes(stored[:size])
    if kind == _SNAPPY:
        return _unpacked(stored[:size])
    raise Unsupported(f"a block is compressed in an unknown way ({kind})")


def _unpacked(packed: memoryview) -> bytes:
    """The content of a block in snappy's raw format (google/snappy: format_description.txt)."""
    from cramjam import snappy  # most tables are plain

    claimed, _ = varint(packed, 0)
    if claimed > min(_RATIO * len(packed) + 64, LARGEST_SNAPPY):
        raise TooLarge(f"a block of {len(packed):,} bytes claims to contain {claimed:,}")
    try:
        content = bytes(snappy.decompress_raw(packed))
    except Exception as error:  # cramjam's own class is not part of its interface
        if type(error).__name__ != "DecompressionError":
            raise
        raise CheckpointError("a compressed block cannot be unpacked") from None
    if len(content) != claimed:
        raise CheckpointError("a compressed block has another length than it says")
    return content


def _rows(block: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Key, start and end of every value of one block; each key shares a prefix with the one before it."""
    size = len(block)
    if size < 4:
        raise CheckpointError("a block is too short")
    stop = size - 4 * (struct.unpack_from("<I", block, size - 4)[0] + 1)
    if stop < 0:
        raise CheckpointError("a block is shorter than its list of restarts")
    at, key = 0, b""
    while at < stop:
        shared, unshared, length = block[at], block[at + 1], block[at + 2]
        if shared | unshared | length < 0x80:
            at += 3
        else:
            shared, at = varint(block, at)
            unshared, at = varint(block, at)
            length, at = varint(block, at)
        start = at + unshared
        end = start + length
        if shared > len(key) or end > stop:
            raise CheckpointError("a row does not fit into its block")
        key = key[:shared] + block[at:start]
        yield key, start, end
        at = end
