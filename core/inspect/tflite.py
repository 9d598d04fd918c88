"""TensorFlow Lite models: the constants of every subgraph, how they are quantized, and the signatures.

Source: tensorflow/compiler/mlir/lite/schema/schema.fbs. No operator in the file is run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.bundle.entries import STRING, Entry, numpy_dtype
from core.bundle.one_file import OneFile
from core.bundle.values import Array
from core.checkpoint import CheckpointError, TooLarge
from core.inspect import flatbuffer
from core.inspect.flatbuffer import Table
from core.words import counted

IDENTIFIER = b"TFL3"  # after the first four bytes
_TYPES = (
    *("float32", "float16", "int32", "uint8", "int64", STRING, "bool", "int16", "complex64", "int8"),
    *("float64", "complex128", "uint64", "resource", "variant", "uint32", "uint16", "int4", "bfloat16"),
    *("int2", "uint4"),
)
_BITS = {"int4": 4, "uint4": 4, "int2": 2}
# Fields of the schema's tables, by number.
_SUBGRAPHS, _DESCRIPTION, _BUFFERS, _SIGNATURES = 2, 3, 4, 7
_TENSORS, _INPUTS, _OUTPUTS, _NAME = 0, 1, 2, 4
_SHAPE, _TYPE, _BUFFER, _TENSOR_NAME, _QUANTIZATION, _SPARSITY, _SIGNATURE_SHAPE = 0, 1, 2, 3, 4, 6, 7
_SCALE, _ZERO_POINT, _DIMENSION = 2, 3, 6
_MOST_DIMENSIONS = 32


@dataclass(frozen=True)
class Quantization:
    """How the numbers of a tensor stand for others: (number - zero point) * scale.

    Attributes:
        scale, zero_point: one, or one for each place along `dimension`.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    dimension: int


@dataclass(frozen=True)
class _Shown:
    """A tensor of a subgraph as a signature tells it."""

    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        sizes = ("?" if each < 0 else str(each) for each in self.shape)
        return f"{self.dtype} {'×'.join(sizes) or 'scalar'}"


class TFLiteFile(OneFile):
    """A TensorFlow Lite model, open for reading.

    Attributes:
        quantized: name of a tensor to how its numbers are meant.
        copies: name of a tensor to the one whose bytes it shares.
        signatures: a sentence each.
        takes: name of a signature to its inputs: name, type and shape, -1 for any size.
    """

    def _list(self, name: str) -> None:
        self.quantized: dict[str, Quantization] = {}
        self.copies: dict[str, str] = {}
        self.takes: dict[str, tuple[tuple[str, str, tuple[int, ...]], ...]] = {}
        if bytes(self._source.read(4, 4)) != IDENTIFIER:
            raise CheckpointError(f"{name} is cut off or no TensorFlow Lite model.")
        model = flatbuffer.root(self._source)
        self._buffers = [self._buffer(each) for each in model.tables(_BUFFERS)]
        self._subgraphs: list[list[_Shown]] = []
        self.entries = tuple(self._listed(model))
        self.signatures = tuple(self._signatures(model))

    def _read(self, entry: Entry) -> Array:
        if entry.dtype == STRING:
            return self._texts(entry)
        dtype = numpy_dtype(entry.dtype)
        raw = self._source.read(entry.offset, entry.size)
        if dtype is None or len(raw) < entry.size:
            raise CheckpointError(f"{entry.name} is cut off: {len(raw):,} of {entry.size:,} bytes are there.")
        if entry.dtype in _BITS:
            return _unpacked(raw, entry).astype(dtype).reshape(entry.shape)
        return np.frombuffer(raw, dtype).reshape(entry.shape)

    def _buffer(self, table: Table) -> tuple[int, int]:
        """Where a buffer's bytes are and how many; in large files they lie after the tables."""
        at, size = table.vector(0, 1)
        if size:
            return at, size
        at, size = table.number(1, "<Q"), table.number(2, "<Q")
        if at <= 1 or not size:
            return 0, 0
        if at + size > self._source.size:
            return 0, -1
        return at, size

    def _listed(self, model: Table) -> Iterator[Entry]:
        taken: dict[str, int] = {}
        owners: dict[int, str] = {}
        for n, subgraph in enumerate(model.tables(_SUBGRAPHS)):
            within = f"{subgraph.text(_NAME) or f'subgraph {n}'}/" if n else ""
            shown: list[_Shown] = []
            for place, tensor in enumerate(subgraph.tables(_TENSORS)):
                if sum(map(len, self._subgraphs)) + place > flatbuffer.MOST:
                    raise TooLarge(f"{self._source.name} has too many tensors.")
                dtype, shape = self._described(tensor)
                free = tensor.numbers(_SIGNATURE_SHAPE, "i", _MOST_DIMENSIONS)  # with -1 for any size
                shown.append(_Shown(dtype, tuple(int(each) for each in free) or shape))
                number = tensor.number(_BUFFER, "<I")
                if number >= len(self._buffers):
                    raise CheckpointError(f"{self._source.name} is damaged: a tensor's buffer is not there.")
                offset, size = self._buffers[number]
                if not size:
                    continue  # what is computed, or given
                name = f"{within}{tensor.text(_TENSOR_NAME) or f'tensor {place}'}"
                taken[name] = taken.get(name, 0) + 1
                name = f"{name}_{taken[name] - 1}" if taken[name] > 1 else name
                if number in owners:
                    self.copies[name] = owners[number]
                owners.setdefault(number, name)
                yield self._entry(name, dtype, shape, offset, size, tensor)
            self._subgraphs.append(shown)

    def _described(self, tensor: Table) -> tuple[str, tuple[int, ...]]:
        kind = tensor.number(_TYPE, "<b")
        dtype = _TYPES[kind] if 0 <= kind < len(_TYPES) else f"type {kind}"
        shape = tuple(int(each) for each in tensor.numbers(_SHAPE, "i", _MOST_DIMENSIONS))
        if min((*shape, 0)) < -1:
            raise CheckpointError(f"{self._source.name} is damaged: a tensor has a negative dimension.")
        return dtype, shape

    def _entry(
        self, name: str, dtype: str, shape: tuple[int, ...], offset: int, size: int, tensor: Table
    ) -> Entry:
        stored = numpy_dtype(dtype)
        shape = tuple(max(each, 0) for each in shape)
        count = math.prod(shape)
        if tensor.table(_SPARSITY) is not None:
            self.damaged[name] = f"{name} is sparse; such values are not read."
        elif stored is None and dtype != STRING:
            self.damaged[name] = f"{name} is of the {dtype}, which is not read."
        elif size < 0:
            self.damaged[name] = f"{name} is cut off: its bytes are after the end of the file."
        elif stored is not None and size != -(-count * _BITS.get(dtype, 8 * stored.itemsize) // 8):
            self.damaged[name] = f"{name} does not have as many bytes as its shape asks for."
        quantization = tensor.table(_QUANTIZATION)
        scale = quantization.numbers(_SCALE, "f") if quantization else ()
        if quantization and scale:
            zeros = tuple(int(each) for each in quantization.numbers(_ZERO_POINT, "q"))
            dimension = quantization.number(_DIMENSION, "<i")
            self.quantized[name] = Quantization(tuple(map(float, scale)), zeros, dimension)
        return Entry(name, dtype, shape, offset, max(size, 0), 0)

    def _texts(self, entry: Entry) -> Array:
        """A buffer of texts: their count, where each begins, where the last ends, then the texts."""
        raw = bytes(self._source.read(entry.offset, entry.size))
        count = int.from_bytes(raw[:4], "little")
        if count != entry.elements or 4 * count + 8 > len(raw):
            raise CheckpointError(f"{entry.name} does not have as many texts as its shape asks for.")
        ends = np.frombuffer(raw, "<i4", count + 1, 4)
        if count and (ends[0] < 0 or ends[-1] > len(raw) or np.any(np.diff(ends) < 0)):
            raise CheckpointError(f"{entry.name} is damaged: its texts overlap.")
        found = np.empty(count, object)
        found[:] = [raw[a:b] for a, b in pairwise(ends)]
        return found.reshape(entry.shape)

    def _signatures(self, model: Table) -> Iterator[str]:
        for signature in model.tables(_SIGNATURES):
            at = signature.number(4, "<I")
            tensors = self._subgraphs[at] if at < len(self._subgraphs) else []
            given, back = (
                [
                    (each.text(0), tensors[place])
                    for each in signature.tables(field)
                    if (place := each.number(1, "<I")) < len(tensors)
                ]
                for field in (0, 1)
            )
            inputs, outputs = (", ".join(f"{name} ({each})" for name, each in some) for some in (given, back))
            self.takes[signature.text(2)] = tuple((name, each.dtype, each.shape) for name, each in given)
            named = f"Signature {signature.text(2)}"
            yield f"{named} takes {inputs or 'nothing'} and returns {outputs or 'nothing'}."


def described(quantized: Mapping[str, Quantization]) -> str:
    """How the tensors are quantized, in a sentence; "" when none is."""
    if not quantized:
        return ""
    found = []
    for name, each in [*quantized.items()][:3]:
        if len(each.scale) == 1:
            zero = each.zero_point[0] if each.zero_point else 0
            found.append(f"{name} has scale {each.scale[0]:.6g} and zero point {zero}")
        else:
            found.append(f"{name} has {len(each.scale)} scales along dimension {each.dimension}")
    more = f"; and {len(quantized) - 3:,} more" if len(quantized) > 3 else ""
    verb = "is" if len(quantized) == 1 else "are"
    return f"{counted(len(quantized), 'tensor')} {verb} quantized: {'; '.join(found)}{more}."


def _unpacked(raw: memoryview, entry: Entry) -> Array:
    """Numbers of four or two bits, the lowest bits first, as signed or unsigned bytes."""
    bits = _BITS[entry.dtype]
    bytes_ = np.frombuffer(raw, np.uint8)
    parts = np.stack([bytes_ >> shift & (1 << bits) - 1 for shift in range(0, 8, bits)], axis=1)
    flat = parts.reshape(-1)[: entry.elements].astype(np.int8)
    return (
        flat if entry.dtype.startswith("u") else ((flat ^ (1 << bits - 1)) - (1 << bits - 1)).astype(np.int8)
    )
