"""What a sweep varies and what it holds fixed: one or two axes over the settings of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta

from core.settings import DataSettings, Setting, SettingsError, TrainSettings
from core.words import listed

Value = float | int | str
Values = tuple[Value, ...]

MOST = 100  # cells of a sweep on one machine
MOST_ON_CLUSTER = 1000

# What can vary, in the order in which a page offers it, and the record that it belongs to.
AXES: Mapping[str, Literal["data", "train"]] = {
    "learning_rate": "train",
    "optimizer": "train",
    "momentum": "train",
    "batch": "train",
    "order": "train",
    "noise": "data",
    "samples": "data",
    "seed": "data",
    "h": "data",
    "v": "data",
}


class SweepError(ValueError):
    """A sweep cannot be made from these axes; the message says what was asked and what to do."""


def setting_of(name: str) -> Setting:
    """What is known of the setting that an axis varies: its label, range or choices.

    Raises:
        SweepError: nothing of this name can vary.
    """
    if name not in AXES:
        raise SweepError(f"A sweep cannot vary {name[:40]!r}; it can vary {listed(AXES)}.")
    record = DataSettings if AXES[name] == "data" else TrainSettings
    return record.settings()[name]


def default_of(name: str) -> Value:
    """The recipe's value of a setting."""
    return getattr(DataSettings() if AXES[name] == "data" else TrainSettings(), name)


@dataclass(frozen=True)
class Axis:
    """One setting and the values that it takes.

    Raises:
        SweepError: the setting is none that can vary, a value is out of its range or comes twice.
    """

    name: str
    values: Annotated[Values, Meta(max_length=MOST_ON_CLUSTER)]

    def __post_init__(self) -> None:
        label = setting_of(self.name).label
        if not self.values:
            raise SweepError(f"{label} has no values. Give at least one.")
        record: type[DataSettings] | type[TrainSettings]
        record = DataSettings if AXES[self.name] == "data" else TrainSettings
        try:
            values = tuple(getattr(record(**{self.name: value}), self.name) for value in self.values)  # type: ignore[arg-type]
        except SettingsError as error:
            raise SweepError(str(error)) from None
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise SweepError(f"{label} takes {listed(map(text_of, sorted(twice, key=str)))} twice.")
        object.__setattr__(self, "values", values)

    @property
    def label(self) -> str:
        """What the setting is called on the pages."""
        return setting_of(self.name).label


@dataclass(frozen=True)
class Cell:
    """One run of a sweep: its place, from 0, and its settings; `data` is None for the user's own points."""

    place: int
    data: DataSettings | None
    train: TrainSettings
    values: Values


@dataclass(frozen=True)
class Grid:
    """All runs of a sweep.

    Attributes:
        axes: the first goes across, the second, if there is one, goes down.
        data: the settings of the data that do not vary; None for the user's own points.
        train: the settings of the training that do not vary.

    Raises:
        SweepError: the axes do not fit each other or the rest.
    """

    axes: Annotated[tuple[Axis, ...], Meta(max_length=2)]
    data: DataSettings | None = None
    train: TrainSettings = field(default_factory=TrainSettings)

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        if len(names) not in (1, 2):
            raise SweepError(f"A sweep has one or two axes; these are {len(names)}.")
        if len(set(names)) < len(names):
            raise SweepError(f"Both axes are {self.axes[0].label}. Choose another one, or none.")
        if self.data is None and "data" in (AXES[name] for name in names):
            raise SweepError("Your own points are what they are: a sweep over them varies the training only.")
        if "momentum" in names and "optimizer" not in names and not self.train.takes("momentum"):
            raise SweepError(
                f"The optimizer {self.train.optimizer} does not use momentum, so every run would be "
                "the same. Choose Momentum or another axis."
            )
        try:
            if self.size <= MOST_ON_CLUSTER:
                self.cells()
        except SettingsError as error:
            raise SweepError(str(error)) from None

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return len(self.axes[0].values)

    @property
    def rows(self) -> int:
        """Rows of cells; 1 with one axis."""
        return len(self.axes[1].values) if len(self.axes) > 1 else 1

    @property
    def size(self) -> int:
        """How many runs."""
        return self.columns * self.rows

    def cells(self) -> list[Cell]:
        """The runs, row by row."""
        down: tuple[Value | None, ...] = self.axes[1].values if len(self.axes) > 1 else (None,)
        found: list[Cell] = []
        for second in down:
            for first in self.axes[0].values:
                values: Values = (first,) if second is None else (first, second)
                data, train = self.data, self.train
                for axis, value in zip(self.axes, values, strict=True):
                    changed: dict[str, Any] = {axis.name: value}
                    if AXES[axis.name] == "train":
                        train = replace(train, **changed)
                    elif data is not None:
                        data = replace(data, **changed)
                found.append(Cell(len(found), data, train, values))
        return found

    def check_size(self, cluster: bool) -> None:
        """Refuse a sweep that is too large for where it would run.

        Raises:
            SweepError: it is.
        """
        most = MOST_ON_CLUSTER if cluster else MOST
        if self.size > most:
            more = "" if cluster else ", or connect a cluster (CHECKPOINT_EXPLORER_SCHEDULER)"
            raise SweepError(
                f"{self.columns} × {self.rows} are {self.size:,} runs; at most {most:,} go into one sweep "
                f"here. Take fewer values{more}."
            )

    def to_json(self) -> dict[str, Any]:
        """The grid as JSON values."""
        return {
            "axes": [{"name": axis.name, "values": list(axis.values)} for axis in self.axes],
            "data": None if self.data is None else self.data.to_json(),
            "train": self.train.to_json(),
        }


def spread(name: str, low: float, high: float, count: int, logarithmic: bool = False) -> Values:
    """`count` values of a numeric setting from `low` to `high`, evenly in value or in magnitude.

    Three digits are kept, or six where three would make two values one, so that a value is what a page shows;
    whole numbers stay whole, each once.

    Raises:
        SweepError: there is no such row of values.
    """
    each = setting_of(name)
    label = each.label
    if each.choices:
        raise SweepError(f"{label} is chosen from words; list them.")
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or count < 2:
        raise SweepError(
            f"{label} from {low:g} to {high:g} in {count} values is no row; from must be smaller than to, "
            "and there must be at least 2 values."
        )
    if logarithmic and low <= 0:
        raise SweepError(f"{label} from {low:g} cannot be spread logarithmically; from must be above 0.")
    if count > MOST_ON_CLUSTER:
        raise SweepError(f"{label} in {count:,} values is too much; at most {MOST_ON_CLUSTER:,}.")
    row = np.geomspace(low, high, count) if logarithmic else np.linspace(low, high, count)
    if isinstance(default_of(name), int):
        return tuple(dict.fromkeys(int(value) for value in np.rint(row)))
    short = _rounded(each, row.tolist(), 3)
    return short if len(short) == count else _rounded(each, row.tolist(), 6)


def _rounded(setting: Setting, row: list[float], digits: int) -> tuple[float, ...]:
    """The values in so many digits, each once; one that this would lead out of its range stays as it is."""
    short = [(value, float(f"{value:.{digits}g}")) for value in row]
    return tuple(
        dict.fromkeys(near if setting.low <= near <= setting.high else value for value, near in short)
    )


def text_of(value: Value, name: str = "") -> str:
    """A value in a few characters; a batch of 0 is all samples at once."""
    if name == "batch" and value == 0:
        return "all"
    return value if isinstance(value, str) else f"{value:g}"


def describe(grid: Grid) -> str:
    """The sweep in a few words: "learning rate × seed, 6 × 5"."""
    names = " × ".join(
        axis.label.lower() if axis.name not in ("h", "v") else axis.label for axis in grid.axes
    )
    size = f"{grid.columns} × {grid.rows}" if len(grid.axes) > 1 else str(grid.columns)
    return f"{names}, {size}"
