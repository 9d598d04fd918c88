"""Flax' checkpoints in MessagePack: a tree of dictionaries with arrays, read in place; nothing is run.

Sources: https://github.com/msgpack/msgpack/blob/master/spec.md, flax/serialization.py (an array is an
extension of type 1: shape, dtype and bytes, packed once more; a large one comes in chunks).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.bundle.entries import Entry, numpy_dtype
from core.bundle.one_file import OneFile
from core.bundle.values import Array
from core.checkpoint import CheckpointError, TooLarge
from core.inspect.formats.objects import Meaning
from core.inspect.model import COUNTER, SLOT, WEIGHT

_ARRAY, _SCALAR = 1, 3
_CHUNKED = "__msgpack_chunked_array__"
_DEEPEST = 64
_MOST = 200_000
_FIXED = {
    **{0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"},
    **{0xCA: ">f", 0xCB: ">d"},
}
_LENGTHS = {  # of what begins so: how it is sorted, and how many bytes its length has
    **{0xD9: ("text", 1), 0xDA: ("text", 2), 0xDB: ("text", 4)},
    **{0xC4: ("bytes", 1), 0xC5: ("bytes", 2), 0xC6: ("bytes", 4)},
    **{0xC7: ("extension", 1), 0xC8: ("extension", 2), 0xC9: ("extension", 4)},
    **{0xDC: ("list", 2), 0xDD: ("list", 4), 0xDE: ("map", 2), 0xDF: ("map", 4)},
}


class _Item(NamedTuple):
    """Something in the file.

    Attributes:
        sort: map, list, text, bytes, extension or number.
        length: of pairs, elements or bytes.
        at: where its content begins.
        value: of a number; the type of an extension.
    """

    sort: str
    length: int
    at: int
    value: int | float | None = None


class FlaxFile(OneFile):
    """A tree of arrays, open for reading."""

    def _list(self, name: str) -> None:
        self._parts: dict[str, list[tuple[int, int]]] = {}
        self._numbers: dict[str, int | float] = {}
        self._names: set[str] = set()
        item = self._item(0)
        if item.sort != "map":
            raise CheckpointError(f"{name} is no tree of Flax: it does not begin with a dictionary.")
        found: list[Entry] = []
        end = self._walk(item, "", 0, found)
        if end != self._source.size:
            raise CheckpointError(f"{name} is damaged: something follows its tree.")
        self.entries = tuple(found)

    def _read(self, entry: Entry) -> Array:
        dtype = numpy_dtype(entry.dtype)
        assert dtype is not None
        if entry.name in self._numbers:
            return np.array(self._numbers[entry.name], dtype)
        pieces = [np.frombuffer(self._source.read(at, size), dtype) for at, size in self._parts[entry.name]]
        return (pieces[0] if len(pieces) == 1 else np.concatenate(pieces)).reshape(entry.shape)

    def meanings(self) -> dict[str, Meaning]:
        """What each array is: below `params` and beside an optimizer's state, a weight."""
        weights = {
            name: name.partition("/")[2] if name.startswith("params/") else name
            for name in (each.name for each in self.entries)
            if name.partition("/")[0] not in ("opt_state", "optimizer", "step") and name not in self._numbers
        }
        by_path = {tuple(name.split("/")): key for key, name in weights.items()}
        shapes = {each.name: each.shape for each in self.entries}
        found = {}
        for key, shape in shapes.items():
            if key in weights:
                name = weights[key]
                found[key] = Meaning(name, name.rpartition("/")[0], WEIGHT)
                continue
            path = key.split("/")
            ends = (n for n in range(1, len(path)) if tuple(path[n:]) in by_path)
            at = next(ends, 0)
            owner = by_path[tuple(path[at:])] if at else ""
            if owner and shapes[owner] == shape:
                slot = next((each for each in reversed(path[:at]) if each != "params"), "slot")
                name = f"{weights[owner]}/{slot}"
                found[key] = Meaning(name, weights[owner].rpartition("/")[0], SLOT, slot, owner)
            else:
                found[key] = Meaning(key, "", COUNTER)
        return found

    def _walk(self, item: _Item, path: str, depth: int, found: list[Entry]) -> int:
        """Take the arrays of a dictionary or list along; where it ends."""
        if depth > _DEEPEST:
            raise TooLarge(f"{self._source.name} is nested too deep.")
        at, begin = item.at, len(found)
        keys: set[str] = set()
        for n in range(item.length):
            key = str(n)
            if item.sort == "map":
                head = self._item(at)
                if head.sort != "text" and head.sort != "number":
                    raise CheckpointError(f"{self._source.name} is damaged: a key in it is no text.")
                key = self._text(head) if head.sort == "text" else str(head.value)
                at = head.at + head.length
            keys.add(key)
            if len(self._names) > _MOST:
                raise TooLarge(f"{self._source.name} has more than {_MOST:,} keys.")
            inside = self._item(at)
            name = f"{path}/{key}" if path else key
            if name in self._names:
                raise CheckpointError(f"{self._source.name} is damaged: it has {name} twice.")
            self._names.add(name)
            if inside.sort in ("map", "list"):
                at = self._walk(inside, name, depth + 1, found)
            else:
                found += self._leaf(name, inside)
                at = inside.at + inside.length
        if _CHUNKED in keys:
            self._join(path, found, begin)
        return at

    def _join(self, path: str, found: list[Entry], begin: int) -> None:
        """Put the chunks of a large array together."""
        mine, found[begin:] = found[begin:], []
        sizes = [self._numbers.pop(e.name, None) for e in mine if e.name.startswith(f"{path}/shape/")]
        chunks = [
            each for each in mine if each.name.startswith(f"{path}/chunks/") and each.name in self._parts
        ]
        parts = [part for each in chunks for part in self._parts.pop(each.name)]
        shape = tuple(int(each) for each in sizes if isinstance(each, int) and each >= 0)
        types = {each.dtype for each in chunks}
        dtype = numpy_dtype(chunks[0].dtype) if chunks else None
        total = sum(size for _, size in parts)
        if (
            len(types) != 1
            or dtype is None
            or len(shape) != len(sizes)
            or math.prod(shape) * dtype.itemsize != total
        ):
            self.damaged[path] = f"{path} is damaged: its chunks do not make its shape."
            return
        self._parts[path] = parts
        found.append(Entry(path, chunks[0].dtype, shape, parts[0][0], total, 0))

    def _leaf(self, name: str, item: _Item) -> Iterator[Entry]:
        if item.sort == "number" and item.value is not None:
            self._numbers[name] = item.value
            yield Entry(name, "float64" if isinstance(item.value, float) else "int64", (), item.at, 8, 0)
        elif item.sort == "extension" and item.value in (_ARRAY, _SCALAR):
            entry = self._array(name, item)
            if entry is not None:
                yield entry

    def _array(self, name: str, item: _Item) -> Entry | None:
        """An array: its shape, its type, and its bytes, which stay in the file."""
        outer = self._item(item.at)
        shape_of = self._item(outer.at)
        if (outer.sort, outer.length, shape_of.sort) != ("list", 3, "list") or shape_of.length > 32:
            self.damaged[name] = f"{name} is damaged: it is no array."
            return None
        at, shape = shape_of.at, []
        for _ in range(shape_of.length):
            each = self._item(at)
            shape.append(each.value if isinstance(each.value, int) else -1)
            at = each.at + each.length
        kind = self._item(at)
        raw = self._item(kind.at + kind.length)
        dtype = self._text(kind) if kind.sort == "text" else ""
        stored = numpy_dtype(dtype)
        if stored is None or min((*shape, 0)) < 0 or raw.sort != "bytes":
            self.damaged[name] = f"{name} is of type {dtype[:40]}, which is not read."
            return None
        if math.prod(shape) * stored.itemsize != raw.length or raw.at + raw.length > item.at + item.length:
            self.damaged[name] = f"{name} does not have as many bytes as its shape asks for."
            return None
        self._parts[name] = [(raw.at, raw.length)]
        return Entry(name, dtype, tuple(shape), raw.at, raw.length, 0)

    def _text(self, item: _Item) -> str:
        return bytes(self._source.read(item.at, min(item.length, 1000))).decode(errors="replace")

    def _item(self, at: int) -> _Item:
        """What begins here; the content of texts, bytes and extensions is in the file, whole.

        Raises:
            CheckpointError: the file ends before, or it is of no known sort.
        """
        first = self._byte(at)
        if first < 0x80 or first >= 0xE0:
            return _Item("number", 0, at + 1, first if first < 0x80 else first - 256)
        if first < 0xA0:
            return _Item("map" if first < 0x90 else "list", first & 15, at + 1)
        if first < 0xC0:
            return self._whole("text", first & 31, at + 1)
        if first in _FIXED:
            size = struct.calcsize(_FIXED[first])
            (value,) = struct.unpack(_FIXED[first], self._bytes(at + 1, size))
            return _Item("number", 0, at + 1 + size, value)
        if first in (0xC0, 0xC2, 0xC3):
            return _Item("number", 0, at + 1)
        if 0xD4 <= first <= 0xD8:
            return self._whole("extension", 1 << first - 0xD4, at + 2, self._byte(at + 1))
        if first not in _LENGTHS:
            raise CheckpointError(f"{self._source.name} is damaged: it has a byte that begins nothing.")
        sort, width = _LENGTHS[first]
        count = int.from_bytes(self._bytes(at + 1, width), "big")
        if sort in ("map", "list"):
            return _Item(sort, count, at + 1 + width)
        if sort == "extension":
            return self._whole(sort, count, at + 2 + width, self._byte(at + 1 + width))
        return self._whole(sort, count, at + 1 + width)

    def _whole(self, sort: str, count: int, at: int, value: int | None = None) -> _Item:
        if at + count > self._source.size:
            raise CheckpointError(f"{self._source.name} is cut off.")
        return _Item(sort, count, at, value)

    def _byte(self, at: int) -> int:
        return self._bytes(at, 1)[0]

    def _bytes(self, at: int, size: int) -> memoryview:
        raw = self._source.read(at, size)
        if len(raw) < size:
            raise CheckpointError(f"{self._source.name} is cut off.")
        return raw


def looks_like_one(head: bytes) -> bool:
    """Whether a file begins as a dictionary with a short name in it."""
    skipped = {0xDE: 3, 0xDF: 5}.get(head[0], 1 if 0x80 < head[0] < 0x90 else 0) if head else 0
    length = head[skipped] & 31 if skipped and len(head) > skipped and 0xA0 < head[skipped] < 0xC0 else 0
    name = head[skipped + 1 : skipped + 1 + length]
    return bool(name) and len(name) == length and name.isascii() and name.decode().isprintable()
