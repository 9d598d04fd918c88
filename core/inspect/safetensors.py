"""safetensors files: a length, a header in JSON, and plain numbers; nothing in them can be run.

Source: https://huggingface.co/docs/safetensors, "Format".
"""

from __future__ import annotations

import json
import math
import struct

import numpy as np

from core.bundle.entries import Entry, numpy_dtype
from core.bundle.one_file import OneFile
from core.bundle.values import Array
from core.checkpoint import CheckpointError, Unsupported

_LARGEST = 100 << 20  # bytes of the header, the format's own bound
_MOST = 200_000
_TYPES = {
    **{"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"},
    **{"I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8", "BOOL": "bool"},
    **{"U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8"},
    **{"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "C64": "complex64"},
}


class SafetensorsFile(OneFile):
    """A safetensors file, open for reading."""

    def _list(self, name: str) -> None:
        self.entries = tuple(sorted(self._listed(name), key=lambda each: each.name))

    def _read(self, entry: Entry) -> Array:
        dtype = numpy_dtype(entry.dtype)
        raw = self._source.read(entry.offset, entry.size)
        if dtype is None or len(raw) < entry.size:
            raise CheckpointError(f"{entry.name} is cut off: {len(raw):,} of {entry.size:,} bytes are there.")
        return np.frombuffer(raw, dtype).reshape(entry.shape)

    def _listed(self, name: str) -> list[Entry]:
        first = bytes(self._source.read(0, 8))
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
        if not 2 <= length <= min(_LARGEST, self._source.size - 8):
            raise CheckpointError(f"{name} is cut off or no safetensors file: its header is not there.")
        try:
            header = json.loads(bytes(self._source.read(8, length)))
            rows = [(key, each) for key, each in header.items() if key != "__metadata__"]
            found = [self._entry(key, each, 8 + length) for key, each in rows[:_MOST]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise CheckpointError(f"{name} is damaged: its header cannot be read.") from None
        return found

    def _entry(self, name: str, described: dict[str, object], start: int) -> Entry:
        kind, shape, place = described["dtype"], described["shape"], described["data_offsets"]
        dtype = numpy_dtype(_TYPES.get(str(kind), ""))
        if not isinstance(shape, list) or not isinstance(place, list):
            raise ValueError(name)
        sizes = tuple(int(each) for each in shape)
        begin, end = (int(each) for each in place)
        if min((*sizes, begin, 0)) < 0:
            raise ValueError(name)
        if dtype is None:
            raise Unsupported(f"{name} is of type {kind}, which is not read.")
        if end - begin != math.prod(sizes) * dtype.itemsize:
            raise CheckpointError(f"{name} does not have as many bytes as its shape asks for.")
        return Entry(name, _TYPES[str(kind)], sizes, start + begin, end - begin, 0)
