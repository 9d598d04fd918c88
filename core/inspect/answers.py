"""Records as bytes and back, without pickles: a process that has read a stranger's file is not trusted.

Only the records that are named here come out, made of text, numbers and arrays.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from core.checkpoint import CheckpointError
from core.inspect import records


def packed(value: object) -> bytes:
    """A record, or tuples, mappings and arrays of them, as JSON."""
    return json.dumps(_plain(value), ensure_ascii=True, separators=(",", ":")).encode()


def unpacked(raw: bytes) -> Any:
    """What `packed` has packed.

    Raises:
        CheckpointError: it is not that.
    """
    try:
        return _record(json.loads(raw))
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        raise CheckpointError("The reading process gave an answer that cannot be understood.") from None


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        stored = np.ascontiguousarray(value)
        return {"#": [stored.dtype.str, list(value.shape), base64.b64encode(stored.tobytes()).decode()]}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if is_dataclass(value) and not isinstance(value, type):
        inside = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {"@": type(value).__name__, **inside}
    if isinstance(value, dict):
        return {"=": [[key, _plain(each)] for key, each in value.items()]}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"f": repr(value)}
    return value


def _record(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_record(each) for each in value)
    if not isinstance(value, dict):
        return value
    if "#" in value:
        dtype, shape, raw = value["#"]
        if np.dtype(dtype).hasobject:
            raise ValueError(dtype)
        return np.frombuffer(base64.b64decode(raw), dtype).reshape(shape)
    if "=" in value:
        return {key: _record(each) for key, each in value["="]}
    if "b" in value:
        return base64.b64decode(value["b"])
    if "f" in value:
        return float(value["f"])
    kind = records.RECORDS[value.pop("@")]
    return kind(**{name: _record(each) for name, each in value.items()})
