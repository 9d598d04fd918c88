"""One tensor over a series: its histogram at every step, and the weights themselves as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.bundle.values import Array
from core.checkpoint import CheckpointError
from core.inspect.find import Checkpoint
from core.inspect.statistics import finite
from core.inspect.tensors import opened

BINS = 64
_SIDE = 64  # pixels
_PIXELS = 3_000_000  # of all steps together
NO_NUMBER = 255  # a pixel that is NaN or infinite
_LARGEST = 256 << 20


@dataclass(frozen=True, eq=False)
class Look:
    """What is drawn of one tensor.

    Attributes:
        key: which tensor.
        low, high: the range of histogram and picture, over all steps.
        counts: uint32 of shape [steps, BINS]; elements in each of BINS equal parts of the range.
        pixels: uint8 of shape [steps, height, width], 0 to 254 over the range, or NO_NUMBER.
        planes: how many 2-D slices the tensor has.
        there: for each step, whether the tensor could be read.
    """

    key: str
    low: float
    high: float
    counts: npt.NDArray[np.uint32]
    pixels: npt.NDArray[np.uint8]
    planes: int
    there: tuple[bool, ...]


def look(root: Path, series: Sequence[Checkpoint], key: str, low: float, high: float, plane: int = 0) -> Look:
    """Look at one tensor at every step.

    Args:
        low, high: smallest and largest finite value over the series.
        plane: which 2-D slice is drawn, of a tensor of more dimensions.

    Raises:
        CheckpointError: it can be read at no step.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if high <= low:
        low, high = low - 0.5, low + 0.5
    side = max(8, min(_SIDE, math.isqrt(_PIXELS // max(1, len(series)))))
    counts = np.zeros((len(series), BINS), np.uint32)
    pixels: list[npt.NDArray[np.uint8] | None] = []
    planes, shape = 1, (1, 1)
    reason = "There is no step."
    for at, checkpoint in enumerate(series):
        try:
            with opened(root, checkpoint) as values:
                entry = values.named(key)
                for numbers in finite(values, entry):
                    counts[at] += np.histogram(numbers, BINS, (low, high))[0].astype(np.uint32)
                picture = None
                if entry.size <= _LARGEST:
                    picture, planes = _picture(values.read(entry), plane, side, low, high)
                    shape = picture.shape
                pixels.append(picture)
        except CheckpointError as error:
            reason = str(error)
            pixels.append(None)
    there = tuple(each is not None for each in pixels)
    if not any(there) and not counts.any():
        raise CheckpointError(reason)
    blank = np.full(shape, NO_NUMBER, np.uint8)
    stack: npt.NDArray[np.uint8] = np.stack(
        [each if each is not None and each.shape == shape else blank for each in pixels]
    )
    return Look(key, low, high, counts, stack, planes, there)


def _picture(
    value: Array, plane: int, side: int, low: float, high: float
) -> tuple[npt.NDArray[np.uint8], int]:
    """A 2-D slice, no larger than `side`, as levels of the range."""
    if value.dtype.kind == "c":
        value = np.abs(value)
    height, width = (1, 1, *value.shape)[-2:]
    if not value.size:
        return np.full((1, 1), NO_NUMBER, np.uint8), 1
    stack = value.reshape(-1, height, width)
    chosen = stack[min(max(plane, 0), len(stack) - 1)]
    rows = np.linspace(0, height - 1, min(height, side)).astype(int)
    columns = np.linspace(0, width - 1, min(width, side)).astype(int)
    small = chosen[np.ix_(rows, columns)].astype(np.float64)
    with np.errstate(all="ignore"):
        level = np.clip(np.rint((small - low) / (high - low) * (NO_NUMBER - 1)), 0, NO_NUMBER - 1)
    return np.where(np.isfinite(small), level, NO_NUMBER).astype(np.uint8), len(stack)
