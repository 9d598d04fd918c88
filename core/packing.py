"""Arrays on their way to a browser."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt


def packed(values: npt.ArrayLike, dtype: str) -> str:
    """The values, flattened in C order, as base64 of ``dtype``."""
    return base64.b64encode(np.ascontiguousarray(values, dtype=dtype).tobytes()).decode("ascii")
