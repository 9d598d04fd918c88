"""The data: a seeded noisy sample or the user's own points, and the best fit in closed form."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.settings import DataSettings

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MAX_ROWS = 10_000
MAX_BYTES = 1_000_000
LARGEST = 1e6  # a cost of float32 squares stays finite up to here


class DataError(ValueError):
    """The user's own data cannot be used; the message says what was found and what to do."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Points to train on.

    Attributes:
        x: float32, shape [samples].
        y: float32, shape [samples].
        truth: the (h, v) that made the points, None for the user's own.
    """

    x: Floats
    y: Floats
    truth: tuple[float, float] | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Optimum:
    """The h and v that fit a sample best, and the mean squared error that is left (units of y²)."""

    h: float
    v: float
    cost: float


def make_sample(settings: DataSettings) -> Sample:
    """Evenly spaced x, y = (x - h)² + v plus Gaussian noise; computed in float64, kept as float32."""
    x = np.linspace(settings.x_min, settings.x_max, settings.samples)
    noise = np.random.default_rng(settings.seed).normal(0.0, settings.noise, settings.samples)
    y = parabola(x, settings.h, settings.v) + noise
    return Sample(x.astype(np.float32), y.astype(np.float32), (settings.h, settings.v))


def parabola(x: npt.ArrayLike, h: float, v: float) -> Doubles:
    """y = (x - h)² + v in float64, the shape of `x`."""
    return (np.asarray(x, np.float64) - h) ** 2 + v


def optimum(sample: Sample) -> Optimum:
    """Least squares in closed form: y - x² = -2h·x + (h² + v) is a straight line in x."""
    line = _Line.of(sample)
    return Optimum(line.h, line.intercept - line.h**2, line.least)


def cost(sample: Sample, h: npt.ArrayLike, v: npt.ArrayLike) -> Doubles:
    """Mean squared error over the sample for every (h, v), broadcast; float64, units of y².

    Exact around the optimum: with a and b the line's intercept and slope, and Δ the distance from
    the least-squares line, the mean of (Δa + Δb·x)² adds to what no parabola can remove. So the
    work does not grow with the number of samples.
    """
    line = _Line.of(sample)
    h64, v64 = np.asarray(h, np.float64), np.asarray(v, np.float64)
    slope = -2.0 * (h64 - line.h)
    level = h64**2 + v64 - line.intercept + slope * line.mean
    return np.asarray(line.least + level**2 + slope**2 * line.spread)


def read_csv(content: bytes) -> Sample:
    """The user's own points from a CSV file with the columns x and y.

    Raises:
        DataError: not such a file; the message is one sentence for the user.
    """
    if len(content) > MAX_BYTES:
        raise DataError(
            f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are accepted. Keep fewer rows."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"The file is not UTF-8 text (byte {error.start} is 0x{content[error.start]:02x}). "
            "Save it as CSV in UTF-8."
        ) from None
    if "\0" in text:
        raise DataError("The file holds zero bytes, so it is not a text file. Save it as CSV.")
    try:
        table = pd.read_csv(io.StringIO(text), skipinitialspace=True, index_col=False, dtype=str)
    except pd.errors.EmptyDataError:
        raise DataError("The file is empty. It needs a first line x,y and then points.") from None
    except pd.errors.ParserError as error:
        reason = str(error).strip().splitlines()[-1]
        raise DataError(f"The file is not a table with the columns x and y: {reason}") from None
    table.columns = [str(name).strip() for name in table.columns]
    missing = [name for name in ("x", "y") if name not in table.columns]
    if missing:
        found = ", ".join(table.columns[:8]) or "none"
        raise DataError(
            f"The file has no column {' and no column '.join(missing)} (columns found: {found}). "
            "Name them x and y in the first line."
        )
    if len(table) > MAX_ROWS:
        raise DataError(f"The file has {len(table):,} rows; at most {MAX_ROWS:,} are accepted.")
    x, y = (_numbers(table, name) for name in ("x", "y"))
    if len(np.unique(x)) < 2:
        raise DataError(
            f"The file has {len(table)} row(s) with fewer than 2 different values of x; "
            "a parabola needs at least 2."
        )
    return Sample(x, y)


def write_csv(sample: Sample, path: Path) -> None:
    """Write x and y; nine digits bring every float32 back bit for bit."""
    lines = "".join(f"{a:.9g},{b:.9g}\n" for a, b in zip(sample.x, sample.y, strict=True))
    path.write_text("x,y\n" + lines, encoding="utf-8")


def _numbers(table: pd.DataFrame, name: str) -> Floats:
    """Column `name` as float32.

    Raises:
        DataError: an entry is missing, not a number, or too large; names its row.
    """
    column = table[name]
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(~(np.abs(values) <= LARGEST))
    if len(wrong):
        row = int(wrong[0])
        entry = column.iloc[row]
        if pd.isna(entry):
            found = "is missing or NaN"
        elif np.isnan(values[row]):
            found = f"is {str(entry)[:30]!r}, not a number"
        else:
            found = f"is {str(entry)[:30]}, outside ±{LARGEST:,.0f}"
        raise DataError(f"Column {name}, row {row + 1} {found}. Mend or delete that row.")
    return values.astype(np.float32)


@dataclass(frozen=True)
class _Line:
    """The least-squares line of y - x² over x, with what `cost` needs around it."""

    h: float
    intercept: float
    mean: float
    spread: float
    least: float

    @staticmethod
    @lru_cache(maxsize=32)  # training asks for the same sample's cost after every iteration
    def of(sample: Sample) -> _Line:
        x, y = sample.x.astype(np.float64), sample.y.astype(np.float64)
        z = y - x**2
        mean = float(x.mean())
        centred = x - mean
        spread = float((centred**2).mean())
        slope = float((centred * z).mean() / spread)
        level = float(z.mean())
        least = float(((z - level - slope * centred) ** 2).mean())
        return _Line(-slope / 2, level - slope * mean, mean, spread, least)
