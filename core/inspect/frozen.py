"""Frozen graphs: the constants of a `GraphDef`, by the names of their nodes; nothing in it is run.

Sources: tensorflow/core/framework/graph.proto, node_def.proto, tensor.proto, and Tensor::FromProto of
tensor.cc, which repeats the last of too few values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from core.bundle.entries import STRING, Entry, dtype_name, numpy_dtype
from core.bundle.one_file import OneFile
from core.bundle.source import Source
from core.bundle.values import Array, stored_dtype
from core.bundle.wire import Span, signed, spans, varint
from core.checkpoint import CheckpointError, TooLarge

_NODE, _LIBRARY, _FUNCTION, _NODE_OF_FUNCTION = 1, 2, 1, 3
_DTYPE, _SHAPE, _CONTENT, _STRINGS = 1, 2, 4, 8
# Fields of a TensorProto with one number a value, and how they are stored: as varints, or as they are.
_VARINTS = {7, 10, 11, 13, 16, 17}
_PLAIN = {5: "<f4", 6: "<f8", 9: "<f4", 12: "<f8"}
_MOST = 200_000  # nodes
_MOST_DIMENSIONS = 254
_REPEATED = 16 << 20  # bytes that a few repeated values may grow to


class FrozenGraph(OneFile):
    """A graph's constants, open for reading."""

    def _list(self, name: str) -> None:
        self._nodes = 0
        self._values: dict[str, tuple[Span, ...]] = {}
        try:
            self.entries = tuple(sorted(self._listed(), key=lambda each: each.name))
        except CheckpointError as error:
            raise type(error)(f"{name} is damaged or no graph: {error}.") from None
        if not self._nodes:
            raise CheckpointError(f"{name} is no graph: it has no nodes.")

    def _read(self, entry: Entry) -> Array:
        found = self._values[entry.name]
        if entry.dtype == STRING:
            texts = [
                bytes(self._source.read(each.at, each.size)) for each in found if each.number == _STRINGS
            ]
            return _repeated(np.array([*texts, None], object)[:-1], entry).reshape(entry.shape)
        dtype = stored_dtype(entry)
        content = next((each for each in found if each.number == _CONTENT and each.size), None)
        if content is not None:
            return np.frombuffer(self._source.read(content.at, content.size), dtype).reshape(entry.shape)
        pieces = [piece for each in found if (piece := self._numbers(each, dtype)) is not None]
        flat = np.concatenate(pieces) if pieces else np.zeros(0, dtype)
        return _repeated(flat, entry).reshape(entry.shape)

    def _numbers(self, span: Span, dtype: np.dtype) -> Array | None:
        """The values of one field: one of them, or many that are packed."""
        if span.number in _PLAIN:
            width = 8 if span.number in (6, 12) else 4
            raw = self._source.read(span.at, max(span.size, 0) // width * width)
            plain = np.frombuffer(raw, _PLAIN[span.number])
            return plain[: len(plain) // 2 * 2].view(dtype) if dtype.kind == "c" else plain.astype(dtype)
        if span.number not in _VARINTS:
            return None
        numbers = [span.value] if span.size < 0 else self._varints(span)
        whole = np.array(numbers, np.uint64)
        if span.number == 13:  # the bits of a float of two bytes
            return whole.astype(np.uint16).view(dtype) if dtype.itemsize == 2 else None
        return whole.view(np.int64).astype(dtype) if dtype.kind != "u" else whole.astype(dtype)

    def _varints(self, span: Span) -> list[int]:
        raw, at, found = bytes(self._source.read(span.at, span.size)), 0, []
        try:
            while at < len(raw):
                value, at = varint(raw, at)
                found.append(value)
        except IndexError:
            raise CheckpointError("A number is cut off.") from None
        return found

    def _listed(self) -> Iterator[Entry]:
        for each in spans(self._source, 0, self._source.size):
            if each.number == _NODE and each.size >= 0:
                yield from self._constant(each, "")
            elif each.number == _LIBRARY and each.size >= 0:
                for function in _inside(self._source, each, _FUNCTION):
                    name = self._name_of(function)
                    for node in _inside(self._source, function, _NODE_OF_FUNCTION):
                        yield from self._constant(node, f"{name}/")

    def _name_of(self, function: Span) -> str:
        signature = next(_inside(self._source, function, 1), None)
        name = next(_inside(self._source, signature, 1), None) if signature else None
        return self._text(name) if name else "function"

    def _constant(self, node: Span, within: str) -> Iterator[Entry]:
        self._nodes += 1
        if self._nodes > _MOST:
            raise TooLarge(f"it has more than {_MOST:,} nodes")
        name, constant = "", False
        for each in spans(self._source, node.at, node.at + node.size):
            if each.number == 1 and each.size >= 0:
                name = self._text(each)
            elif each.number == 2 and each.size >= 0:
                constant = each.size == 5 and self._text(each) == "Const"
            elif each.number == 5 and constant and each.size >= 0:
                value = self._attribute(each)
                if value is not None:
                    yield self._entry(f"{within}{name}", value)

    def _attribute(self, span: Span) -> Span | None:
        """The tensor of an attribute called value."""
        parts = {each.number: each for each in spans(self._source, span.at, span.at + span.size)}
        if 1 not in parts or 2 not in parts or self._text(parts[1]) != "value" or parts[2].size < 0:
            return None
        return next(_inside(self._source, parts[2], 8), None)

    def _entry(self, name: str, tensor: Span) -> Entry:
        parts = tuple(spans(self._source, tensor.at, tensor.at + tensor.size))
        dtype = dtype_name(next((each.value for each in parts if each.number == _DTYPE), 0))
        shape: list[int] = []
        for each in parts:
            if each.number == _SHAPE and each.size >= 0:
                for dim in _inside(self._source, each, 2):
                    sizes = spans(self._source, dim.at, dim.at + dim.size)
                    shape.append(signed(next((size.value for size in sizes if size.number == 1), 0)))
        name = name if name not in self._values else f"{name}_{len(self._values)}"
        self._values[name] = parts
        if len(shape) > _MOST_DIMENSIONS or min((*shape, 0)) < 0:
            self.damaged[name] = f"{name} has a shape that no tensor can have."
            shape = []
        count, stored = math.prod(shape), numpy_dtype(dtype)
        content = sum(each.size for each in parts if each.number == _CONTENT and each.size > 0)
        size = count * stored.itemsize if stored is not None else tensor.size
        if stored is None and dtype != STRING:
            self.damaged[name] = f"{name} is of the {dtype}, which is not read."
        elif dtype == STRING and count > max(_MOST, tensor.size):
            self.damaged[name] = f"{name} claims {count:,} texts in {tensor.size:,} bytes."
        elif content and content != size:
            self.damaged[name] = f"{name} does not have as many bytes as its shape asks for."
        elif stored is not None and not content and size > max(_REPEATED, 64 * tensor.size):
            self.damaged[name] = f"{name} claims {size:,} bytes and has {tensor.size:,} in the file."
        return Entry(name, dtype, tuple(shape), tensor.at, size, 0)

    def _text(self, span: Span) -> str:
        return bytes(self._source.read(span.at, min(max(span.size, 0), 1000))).decode(errors="replace")


def looks_like_one(head: bytes) -> bool:
    """Whether a file begins as a graph does: with a node that begins with its name."""
    try:
        if head[0] != 0x0A:
            return False
        size, at = varint(head, 1)
        length, start = varint(head, at + 1)
        return head[at] == 0x0A and 0 < length < size and head[start : start + length].isascii()
    except (IndexError, CheckpointError):
        return False


def _inside(source: Source, span: Span, number: int) -> Iterator[Span]:
    """The messages or texts in a message that have this number."""
    for each in spans(source, span.at, span.at + span.size):
        if each.number == number and each.size >= 0:
            yield each


def _repeated(flat: Array, entry: Entry) -> Array:
    """As many values as the shape asks for; the last one again and again where there are fewer."""
    if len(flat) > entry.elements:
        raise CheckpointError(f"{entry.name} has more values than its shape asks for.")
    if len(flat) == entry.elements:
        return flat
    last = (
        flat[-1:]
        if len(flat)
        else np.array([b""], object)
        if entry.dtype == STRING
        else np.zeros(1, flat.dtype)
    )
    return np.concatenate([flat, np.repeat(last, entry.elements - len(flat))])
