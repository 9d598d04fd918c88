"""TensorFlow.js models: `model.json` lists the weights, which lie one after another in binary shards.

Source: tfjs-core/src/io/types.ts (WeightsManifestConfig) and io_utils.ts (decodeWeights).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.bundle.entries import STRING, Entry, numpy_dtype
from core.bundle.source import Source, json_object
from core.bundle.values import Array, Values
from core.checkpoint import CheckpointError, Missing, TooLarge

MANIFEST = b'"weightsManifest"'
_LARGEST = 64 << 20
_MOST, _MOST_SHARDS = 200_000, 10_000
_TYPES = ("float32", "int32", "bool", STRING, "complex64", "float16", "int16", "uint8", "int8")
_NUMBERS = ("uint8", "uint16", "float16")  # what weights are quantized to


class TensorFlowJs(Values):
    """The weights of a `model.json`, open for reading.

    Attributes:
        missing: shards that are named and not there: name and why.
        is_graph: whether it is a graph, whose constants are among the weights.
        quantized: how many weights are stored with fewer bits.
        writer: what the file says.
    """

    def __init__(self, path: Path) -> None:
        """Read the list of weights.

        Raises:
            CheckpointError: it is missing or damaged, or none of its shards is there.
        """
        self.damaged = {}
        self.missing: dict[str, str] = {}
        self._folder = path.parent
        self._places: dict[str, tuple[tuple[tuple[str, int], ...], Mapping[str, Any]]] = {}
        described = json_object(path, _LARGEST)
        self.is_graph = described.get("format") == "graph-model"
        said = described.get("convertedBy") or described.get("generatedBy")
        self.writer = str(said)[:80] if said else ""
        try:
            self.entries = tuple(self._listed(described["weightsManifest"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise CheckpointError(f"{path.name} is damaged: its list of weights cannot be read.") from None
        self.quantized = sum(bool(each) for _, each in self._places.values())
        if self.missing and all(each.name in self.damaged for each in self.entries):
            raise Missing(f"{path.name} is there without its shards: {min(self.missing)} is missing.")

    def close(self) -> None:
        """Nothing is open."""

    def read(self, entry: Entry) -> Array:
        if entry.name in self.damaged:
            raise CheckpointError(self.damaged[entry.name])
        shards, quantized = self._places[entry.name]
        raw = self._bytes(shards, entry)
        if entry.dtype == STRING:
            return _texts(raw, entry)
        dtype = numpy_dtype(entry.dtype)
        assert dtype is not None
        if not quantized:
            return np.frombuffer(raw, dtype).reshape(entry.shape)
        numbers = np.frombuffer(raw, quantized["dtype"])
        if quantized["dtype"] == "float16":
            return numbers.astype(dtype).reshape(entry.shape)
        whole = numbers.astype(np.float64) * quantized["scale"] + quantized["min"]
        return (np.round(whole) if dtype.kind == "i" else whole).astype(dtype).reshape(entry.shape)

    def _bytes(self, shards: tuple[tuple[str, int], ...], entry: Entry) -> bytearray:
        """The bytes of a weight, which may lie across shards."""
        found, at = bytearray(), entry.offset
        for name, size in shards:
            if at < size and len(found) < entry.size:
                with Source(self._folder / name) as source:
                    found += source.read(at, min(size - at, entry.size - len(found)))
            at = max(0, at - size)
        if len(found) < entry.size:
            raise CheckpointError(
                f"{entry.name} is cut off: {len(found):,} of {entry.size:,} bytes are there."
            )
        return found

    def _listed(self, groups: list[Mapping[str, Any]]) -> Iterator[Entry]:
        taken: set[str] = set()
        for group in groups:
            if len(group["paths"]) > _MOST_SHARDS:
                raise TooLarge(f"A group of weights names more than {_MOST_SHARDS:,} shards.")
            shards = tuple((str(name), self._size(str(name))) for name in group["paths"])
            at = 0
            for weight in group["weights"]:
                name, dtype = str(weight["name"])[:1000], str(weight["dtype"])
                shape = tuple(int(each) for each in weight["shape"])
                quantized = weight.get("quantization") or {}
                if quantized:
                    stored = str(quantized["dtype"])
                    known = stored in _NUMBERS and (stored == "float16" or _is_scale(quantized))
                    known = known and dtype in _TYPES and dtype != STRING
                    size = math.prod(shape) * np.dtype(stored).itemsize if known else 0
                else:
                    known = dtype in _TYPES
                    try:
                        size = self._size_of(shards, at, dtype, shape)
                    except CheckpointError:  # of texts that are not there, and so of all that follows
                        size, at = 1, sum(length for _, length in shards)
                if name in taken or len(taken) > _MOST or min((*shape, 0)) < 0:
                    raise ValueError(name)
                taken.add(name)
                self._places[name] = shards, quantized
                if not known:
                    self.damaged[name] = f"{name} is of type {dtype}, which is not read."
                else:
                    self._look(name, shards, at, size)
                yield Entry(name, dtype, shape, at, size, 0)
                at += size

    def _size(self, name: str) -> int:
        """Bytes of a shard; a name that leads to another folder is no shard."""
        if name in self.missing:
            return 0
        try:
            if Path(name).name != name:
                raise Missing(f"{name} is in another place. It is not followed there.")
            with Source(self._folder / name) as source:
                return source.size
        except CheckpointError as error:
            self.missing[name] = str(error)
            return 0

    def _size_of(
        self, shards: tuple[tuple[str, int], ...], at: int, dtype: str, shape: tuple[int, ...]
    ) -> int:
        stored = numpy_dtype(dtype)
        if dtype != STRING:
            return math.prod(shape) * (stored.itemsize if stored else 0)
        size = 0
        if math.prod(shape) > _MOST:
            raise ValueError(dtype)
        for _ in range(math.prod(shape)):  # each text has its length before it
            length = self._bytes(shards, Entry("A text", STRING, (), at + size, 4, 0))
            size += 4 + int.from_bytes(length, "little")
        return size

    def _look(self, name: str, shards: tuple[tuple[str, int], ...], at: int, size: int) -> None:
        """Whether all bytes of a weight are there. Of a missing shard nobody knows how long it was."""
        start = 0
        for shard, length in shards:
            if shard in self.missing:
                self.damaged[name] = f"{name} is or may be in {shard}, which is missing."
                return
            start += length
            if at + size <= start:
                return
        if size:
            self.damaged[name] = f"{name} is cut off: the shards end before it."


def shards_of(path: Path) -> tuple[str, ...] | None:
    """The files that a `model.json` of TensorFlow.js names; None of another file.

    Raises:
        CheckpointError: it cannot be read.
    """
    with Source(path) as source:
        if source.size > _LARGEST or MANIFEST not in bytes(source.read(0, source.size)):
            return None
    try:
        groups = json_object(path, _LARGEST)["weightsManifest"]
        return tuple(str(name) for group in groups for name in group["paths"])[:_MOST]
    except (CheckpointError, KeyError, TypeError):
        return ()  # it is one, and damaged


def _is_scale(quantized: Mapping[str, Any]) -> bool:
    return all(isinstance(quantized.get(each), int | float) for each in ("scale", "min"))


def _texts(raw: bytearray, entry: Entry) -> Array:
    found = np.empty(entry.elements, object)
    at = 0
    for n in range(entry.elements):
        length = int.from_bytes(raw[at : at + 4], "little")
        found[n] = bytes(raw[at + 4 : at + 4 + length])
        at += 4 + length
    return found.reshape(entry.shape)
