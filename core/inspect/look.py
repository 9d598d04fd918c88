"""One tensor over a series: its histogram at every step, and the weights themselves as a picture."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.bundle.entries import STRING
from core.bundle.values import Array
from core.checkpoint import CheckpointError, TooLarge
from core.inspect.find import Checkpoint
from core.inspect.statistics import finite, histogram, span
from core.inspect.tensors import opened
from core.words import counted

BINS = 64
MOST_NUMBERS = 1000  # of a slice
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
    low, high = span(low, high)
    side = side_of(len(series))
    counts = np.zeros((len(series), BINS), np.uint32)
    pixels: list[npt.NDArray[np.uint8] | None] = []
    planes, shape = 1, (1, 1)
    reason = "There is no step."
    for at, checkpoint in enumerate(series):
        try:
            with opened(root, checkpoint) as values:
                entry = values.named(key)
                for numbers in finite(values, entry):
                    counts[at] += histogram(numbers, BINS, low, high)
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


@dataclass(frozen=True)
class Numbers:
    """The exact numbers of one tensor of one checkpoint: of the picture's points, and of a slice.

    Attributes:
        prefix: the indices that lead to the picture, such as "0, 2, ".
        rows, columns: which of the slice that is drawn are in the picture; no rows of what has one dimension.
        points: each number of the picture as text, with all its digits, row by row.
        slice: what `lines` are of, as NumPy has it.
        lines: the slice as text, or why it cannot be.
    """

    prefix: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    points: tuple[str, ...]
    slice: str
    lines: str


def numbers(root: Path, checkpoint: Checkpoint, key: str, plane: int, side: int, wanted: str) -> Numbers:
    """The numbers of a tensor.

    Args:
        plane, side: of the picture, as `look` draws it.
        wanted: a slice such as "0:5, 0:5"; "" for the first few.

    Raises:
        CheckpointError: it cannot be read, or is too large to be read whole.
    """
    with opened(root, checkpoint) as values:
        entry = values.named(key)
        if entry.dtype == STRING:
            raise CheckpointError(f"{key} is text: it has no numbers.")
        if entry.size > _LARGEST:
            raise TooLarge(f"{key} is larger than {_LARGEST:,} bytes: its numbers are not shown.")
        value = values.read(entry)
    wanted = wanted.strip() or first_of(value.shape, plane)
    try:
        part = value[sliced(wanted, value.shape)]
        lines = written(part)
    except CheckpointError as error:
        lines = str(error)
    if not value.size:
        return Numbers("", (), (), (), wanted, lines)
    chosen, rows, columns, planes = _drawn(value, plane, side)
    before = np.unravel_index(min(max(plane, 0), planes - 1), value.shape[:-2]) if value.ndim > 2 else ()
    return Numbers(
        "".join(f"{each}, " for each in before),
        tuple(rows.tolist()) if value.ndim > 1 else (),
        tuple(columns.tolist()) if value.ndim else (),
        tuple(str(each) for each in chosen[np.ix_(rows, columns)].reshape(-1)),
        wanted,
        lines,
    )


def written(part: Array) -> str:
    """A few numbers as text, each with all its digits.

    Raises:
        CheckpointError: they are too many.
    """
    if part.size > MOST_NUMBERS:
        raise CheckpointError(f"This slice has {part.size:,} numbers; at most {MOST_NUMBERS:,} are printed.")
    return np.array2string(part, threshold=MOST_NUMBERS + 1, max_line_width=100, floatmode="unique")


def first_of(shape: Sequence[int], plane: int = 0) -> str:
    """A slice with the first five of the last two dimensions, in the plane that is drawn."""
    count = math.prod(shape[:-2])
    before = np.unravel_index(min(max(plane, 0), count - 1), shape[:-2]) if len(shape) > 2 and count else ()
    return ", ".join([*(str(each) for each in before), *(f"0:{min(size, 5)}" for size in shape[-2:])])


def sliced(text: str, whole: Sequence[int]) -> tuple[slice | int, ...]:
    """Such as "0:5, 0:5", as NumPy has it; "" is all of a single number.

    Raises:
        CheckpointError: it is another text, or has more parts than the tensor dimensions.
    """
    parts = text.split(",") if text.strip() else []
    if not all(re.fullmatch(r"\s*-?\d{0,18}(:-?\d{0,18}){0,2}\s*", each) and each.strip() for each in parts):
        raise CheckpointError(f"{text!r} is no slice. Write it as 0:5,0:5.")
    if len(parts) > len(whole):
        raise CheckpointError(
            f"{text!r} has {len(parts)} parts; the tensor has {counted(len(whole), 'dimension')}."
        )
    found: list[slice | int] = []
    for each, size in zip(parts, whole, strict=False):
        if re.fullmatch(r".*:.*:-?0+\s*", each):
            raise CheckpointError(f"{text!r} has a step of 0.")
        numbers = [int(part) if part.strip(" -") else None for part in each.split(":")]
        if len(numbers) > 1:
            found.append(slice(*numbers))
        elif numbers[0] is not None and -size <= numbers[0] < size:
            found.append(numbers[0])
        else:
            raise CheckpointError(f"{each.strip()} is outside of a dimension of {size:,}.")
    return tuple(found)


def side_of(steps: int) -> int:
    """Pixels of a picture's side, where so many steps have one."""
    return max(8, min(_SIDE, math.isqrt(_PIXELS // max(1, steps))))


def _drawn(
    value: Array, plane: int, side: int
) -> tuple[Array, npt.NDArray[np.intp], npt.NDArray[np.intp], int]:
    """The slice that is drawn, which of its rows and columns, and how many slices there are."""
    height, width = (1, 1, *value.shape)[-2:]
    stack = value.reshape(-1, height, width)
    rows = np.linspace(0, height - 1, min(height, side)).astype(int)
    columns = np.linspace(0, width - 1, min(width, side)).astype(int)
    return stack[min(max(plane, 0), len(stack) - 1)], rows, columns, len(stack)


def _picture(
    value: Array, plane: int, side: int, low: float, high: float
) -> tuple[npt.NDArray[np.uint8], int]:
    """A 2-D slice, no larger than `side`, as levels of the range."""
    if value.dtype.kind == "c":
        value = np.abs(value)
    if not value.size:
        return np.full((1, 1), NO_NUMBER, np.uint8), 1
    chosen, rows, columns, planes = _drawn(value, plane, side)
    small = chosen[np.ix_(rows, columns)].astype(np.float64)
    with np.errstate(all="ignore"):
        share = (small / 2 - low / 2) / (high / 2 - low / 2)  # halved, so that no range is infinite
        level = np.clip(np.rint(share * (NO_NUMBER - 1)), 0, NO_NUMBER - 1)
    return np.where(np.isfinite(small), level, NO_NUMBER).astype(np.uint8), planes
