"""The data: a seeded noisy sample or the user's own points, and the best fit in closed form."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.run.digests import digest_of
from core.settings import MOST_SAMPLES, DataSettings
from core.storage import read_own

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MAX_COLUMNS = 100
MAX_BYTES = 1_000_000
LARGEST = 1e6  # a cost of float32 squares stays finite up to here
NARROWEST = 1e-6  # from the least x to the greatest; h and v of a narrower file would be beyond all measure


class DataError(ValueError):
    """The user's own data cannot be used; the message says what was found and what to do."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Points to train on.

    Attributes:
        x: float32, shape [samples].
        y: float32, shape [samples].
        truth: the (h, v) that made the points, None for the user's own.
        how: how the user's own file was read, in one sentence, where that is not plain.
    """

    x: Floats
    y: Floats
    truth: tuple[float, float] | None = None
    how: str = ""

    def __len__(self) -> int:
        return len(self.x)

    def same_points(self, other: Sample) -> bool:
        """Whether both have the same x and y, in the same order."""
        return np.array_equal(self.x, other.x) and np.array_equal(self.y, other.y)


ROUNDING = 1e-8  # of the variance of y: what float32 leaves of a cost that could be 0
CLOSE = 1.01  # a cost is as good as reached within one per cent of the best possible


@dataclass(frozen=True)
class Optimum:
    """The h and v that fit a sample best.

    Attributes:
        cost: the mean squared error that is left, units of y².
        near: how far above that a cost may be to be as good as reached: one per cent, or what float32 leaves.
    """

    h: float
    v: float
    cost: float
    near: float

    def first_close(self, cost: npt.ArrayLike) -> int | None:
        """The first place in `cost`, shape [n], that is as good as the best; None if none is."""
        close = np.flatnonzero(np.asarray(cost) <= self.cost + self.near)
        return int(close[0]) if len(close) else None


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
    near = (CLOSE - 1) * line.least + ROUNDING * float(np.var(sample.y, dtype=np.float64))
    return Optimum(line.h, line.intercept - line.h**2, line.least, near)


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


def valley(sample: Sample, h: npt.ArrayLike) -> tuple[Doubles, Doubles]:
    """(floor, bed), of the shape of `h`, float64: `cost` at (h, v) is floor + (v - bed)²."""
    line = _Line.of(sample)
    h64 = np.asarray(h, np.float64)
    bed = line.intercept - h64**2 + 2.0 * (h64 - line.h) * line.mean
    return cost(sample, h64, bed), bed


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
        raise DataError("The file contains zero bytes, so it is not a text file. Save it as CSV.")
    try:
        names, rows, how = _table(text)
    except csv.Error as error:
        raise DataError(f"The file is not a table with the columns x and y: {error}.") from None
    found = ", ".join(names[:8])
    missing = [name for name in ("x", "y") if name not in names]
    if missing:
        raise DataError(
            f"The file has no column {' and no column '.join(missing)} (columns found: {found}). "
            "Name them x and y in the first line."
        )
    if names.count("x") > 1 or names.count("y") > 1:
        raise DataError(f"The file has more than one column x or y (columns: {found}). Keep one of each.")
    if len(rows) > MOST_SAMPLES:
        raise DataError(f"The file has {len(rows):,} rows; at most {MOST_SAMPLES:,} are accepted.")
    if not rows:
        raise DataError("The file has no points below its first line.")
    x, y = (_numbers([row[names.index(name)] for row in rows], name) for name in ("x", "y"))
    if len(np.unique(x)) < 2:
        raise DataError(
            f"Every x of the file is the same ({len(rows):,} rows); a parabola needs at least 2 different "
            "ones."
        )
    if np.ptp(x) < NARROWEST:
        raise DataError(
            f"All x of the file are within {np.ptp(x):.1g} of one another; a parabola needs them to reach "
            f"over {NARROWEST:g} at least. Give x in a smaller unit."
        )
    return Sample(x, y, how=how)


def write_csv(sample: Sample, path: Path) -> bytes:
    """Write x and y, and return what was written; nine digits bring every float32 back bit for bit."""
    lines = "".join(f"{a:.9g},{b:.9g}\n" for a, b in zip(sample.x, sample.y, strict=True))
    content = f"x,y\n{lines}".encode()
    path.write_bytes(content)
    return content


def read_points(path: Path, truth: tuple[float, float] | None, digest: str | None) -> Sample:
    """The points that `write_csv` wrote.

    Args:
        digest: the SHA-256 that was recorded then; None where version 1.0 recorded none.

    Raises:
        DataError: the file is missing or not the one that was written.
    """
    try:
        content = read_own(path, MAX_BYTES)
    except OSError as error:
        raise DataError(f"The run's {path.name} cannot be read: {error.strerror}.") from None
    if digest is not None and digest_of(content) != digest:
        raise DataError(
            f"The run's {path.name} is not the file that it trained on (its SHA-256 differs from the "
            "recorded one), so nothing is drawn from it."
        )
    points = read_csv(content)
    return Sample(points.x, points.y, truth)


def _table(text: str) -> tuple[list[str], list[list[str]], str]:
    """The names in the first line, the rows below it, each with one entry a name, and how they were read.

    Columns may be separated by semicolons with decimal commas, as spreadsheets of half of Europe write them;
    and a first line of numbers is taken for the first point.

    Raises:
        DataError: there are too many columns, or a row has more or fewer entries than the first.
        csv.Error: it is no table.
    """
    first = text.partition("\n")[0]
    semicolons = first.count(";") > first.count(",") or (";" in first and _are_numbers(first.split(";")))
    separator = ";" if semicolons else ","
    lines = csv.reader(
        text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True, strict=True
    )
    names = [name.strip() for name in next(lines, [])]
    if not names:
        raise DataError("The file is empty. It needs a first line x,y and then points.")
    if len(names) > MAX_COLUMNS:
        raise DataError(f"The file has {len(names):,} columns; at most {MAX_COLUMNS} are accepted.")
    rows: list[list[str]] = []
    how = "Read with semicolons between columns and commas as decimal points." if semicolons else ""
    if len(names) == 2 and _are_numbers(names):
        rows.append(names)
        names = ["x", "y"]
        how += " Its first line has numbers, so the columns were taken for x and y, in that order."
    for row in lines:
        if not row:
            continue  # an empty line
        if len(row) != len(names):
            raise DataError(
                f"Row {len(rows) + 1} has {len(row)} entries, and the first line has {len(names)}. Separate "
                "columns by commas and write decimals with a point, or by semicolons and with a comma."
            )
        rows.append([entry.strip() for entry in row])
    if semicolons:
        rows = [[entry.replace(",", ".") for entry in row] for row in rows]
    return names, rows, how.strip()


def _are_numbers(entries: list[str]) -> bool:
    """Whether every entry is a number, with a decimal point or comma."""
    try:
        return all(math.isfinite(float(entry.strip().replace(",", "."))) for entry in entries)
    except ValueError:
        return False


def _numbers(entries: list[str], name: str) -> Floats:
    """Column `name` as float32.

    Raises:
        DataError: an entry is missing, not a number, or too large; names its row.
    """
    values = pd.to_numeric(pd.Series(entries, dtype=object), errors="coerce").to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(~(np.abs(values) <= LARGEST))
    if len(wrong):
        row = int(wrong[0])
        entry = entries[row]
        if entry.lower() in ("", "nan", "na", "n/a", "null", "none"):
            found = "is missing or NaN"
        elif np.isnan(values[row]):
            found = f"is {entry[:30]!r}, not a number"
        else:
            found = f"is {entry[:30]}, outside ±{LARGEST:,.0f}"
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
