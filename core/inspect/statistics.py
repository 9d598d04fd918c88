"""What is said about a tensor's values: one pass over its pieces, at the speed of memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from crc32c import crc32c

from core.bundle import Entry, Values
from core.bundle.values import Array
from core.checkpoint import Unsupported


class Statistics(NamedTuple):
    """One tensor at one step. All but counts are over finite elements; of complex numbers, the magnitudes.

    Attributes:
        norm: Euclidean.
        mean, std, min, max: NaN when no element is finite.
        zeros, nan, inf: how many elements.
        first_bad: place of the first NaN or infinity in the flattened tensor; -1 without.
        change: Euclidean norm of the difference to the step before; NaN when there is nothing to compare.
        changed: how many elements have other bits than in the step before; NaN likewise.
        digest: CRC-32C of the bytes, by which the same values are known again.
    """

    norm: float
    mean: float
    std: float
    min: float
    max: float
    zeros: float
    nan: float
    inf: float
    first_bad: float
    change: float
    changed: float
    digest: float


COLUMNS = Statistics._fields
_NEARLY = 1e-12  # of a value: what is closer than that is drawn as one
NOTHING = Statistics(*[math.nan] * len(COLUMNS))


def measure(values: Values, entry: Entry, before: tuple[Values, Entry] | None = None) -> Statistics:
    """Statistics of one tensor, and its change since `before`, which has to have the same shape and type.

    Raises:
        CheckpointError: the tensor, or the one before, cannot be read, or holds no numbers.
    """
    count, mean, squares = 0, 0.0, 0.0
    least, most = math.inf, -math.inf
    zeros = nan = inf = place = digest = changed = 0
    first_bad, difference = -1, 0.0
    old = before[0].pieces(before[1]) if before else iter(())
    for piece in values.pieces(entry):
        if piece.dtype == object:
            raise Unsupported(f"{entry.name} contains strings, not numbers.")
        digest = crc32c(piece.view(np.uint8).data, digest)
        numbers = _numbers(piece)
        if before:
            there = next(old)
            other = piece.view(np.uint8) != there.view(np.uint8)
            if other.any():
                changed += int(other.reshape(len(piece), -1).any(axis=1).sum())
                with np.errstate(all="ignore"):
                    delta = _difference(piece, there).astype(np.float64)
                delta = delta[np.isfinite(delta)]
                difference += _squares(delta)
        zeros += int(np.count_nonzero(numbers == 0))
        low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (math.inf, -math.inf)
        if not (math.isfinite(low) and math.isfinite(high)) and len(numbers):
            bad = ~np.isfinite(numbers)
            nans = int(np.count_nonzero(np.isnan(numbers)))
            nan, inf = nan + nans, inf + int(np.count_nonzero(bad)) - nans
            if first_bad < 0:
                first_bad = place + int(np.argmax(bad))
            place += len(numbers)
            numbers = numbers[~bad]
            low, high = (
                (float(numbers.min()), float(numbers.max())) if len(numbers) else (math.inf, -math.inf)
            )
        else:
            place += len(numbers)
        if not len(numbers):
            continue
        least, most = min(least, low), max(most, high)
        # Pieces are joined as Chan, Golub and LeVeque do, so that a large mean costs no digits of the spread.
        exact = numbers.astype(np.float64)
        here = float(exact.sum()) / len(exact)
        exact -= here
        total = count + len(exact)
        step = here - mean
        squares += _squares(exact) + step * step * count * len(exact) / total
        mean += step * len(exact) / total
        count = total
    for _ in old:  # its checksum is only known at its end
        pass
    some = count > 0
    return Statistics(
        norm=math.sqrt(squares + count * mean * mean) if some else 0.0,
        mean=mean if some else math.nan,
        std=math.sqrt(squares / count) if some else math.nan,
        min=least if some else math.nan,
        max=most if some else math.nan,
        zeros=zeros,
        nan=nan,
        inf=inf,
        first_bad=first_bad,
        change=math.sqrt(difference) if before else math.nan,
        changed=changed if before else math.nan,
        digest=digest,
    )


def not_finite(values: Values, entry: Entry) -> tuple[int, int]:
    """How many elements are NaN, and how many are infinite; every byte is read and its checksum verified.

    Raises:
        CheckpointError: the tensor cannot be read.
    """
    nan = inf = 0
    for piece in values.pieces(entry):
        if piece.dtype == object or piece.dtype.kind in "biu":
            continue
        numbers = _numbers(piece)
        bad = ~np.isfinite(numbers)
        if bad.any():
            nans = int(np.count_nonzero(np.isnan(numbers)))
            nan, inf = nan + nans, inf + int(np.count_nonzero(bad)) - nans
    return nan, inf


def finite(values: Values, entry: Entry) -> Iterator[Array]:
    """The finite elements of a tensor as float64 or float32, a piece at a time."""
    for piece in values.pieces(entry):
        if piece.dtype == object:
            raise Unsupported(f"{entry.name} contains strings, not numbers.")
        numbers = _numbers(piece)
        yield numbers[np.isfinite(numbers)]


def span(low: float, high: float) -> tuple[float, float]:
    """A range from `low` to `high` that can be cut into parts; wider where the two are nearly the same."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    least = _NEARLY * max(abs(low), abs(high))
    if high - low > least:
        return low, high
    half = max(0.5, least) if high == low else least
    return low - half, low + half


def histogram(numbers: Array, bins: int, low: float, high: float) -> npt.NDArray[np.uint32]:
    """How many of the numbers are in each of `bins` equal parts of a range that `span` gave."""
    # In float64: a narrow range of float32 has fewer values than parts. Halved: no range is infinite.
    halves = numbers.astype(np.float64) / 2
    return np.histogram(halves, bins, (low / 2, high / 2))[0].astype(np.uint32)


def _numbers(piece: Array) -> Array:
    """The elements as floats that NumPy reckons with at full speed; of complex numbers the magnitudes."""
    if piece.dtype in (np.float32, np.float64):
        return piece
    if piece.dtype.kind == "c":
        return np.abs(piece)
    return piece.astype(np.float64)


def _difference(piece: Array, there: Array) -> npt.NDArray[Any]:
    """How far the elements are from each other."""
    if piece.dtype.kind == "c":
        return np.abs(piece.astype(np.complex128) - there.astype(np.complex128))
    return piece.astype(np.float64) - there.astype(np.float64)


def _squares(numbers: npt.NDArray[np.float64]) -> float:
    """The sum of the squares; the numbers are used up. (A dot product would wake a thread for each core.)"""
    numbers *= numbers
    return float(numbers.sum())
