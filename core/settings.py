"""What a user can set: frozen records that check themselves; the defaults are the recipe's.

The same record feeds the widgets, the URL, `run.json` and the exported script, so every field has one name
everywhere, and one description, written once beside it: label, range, unit, help.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np

from core.json_records import RecordError
from core.training import optimizers
from core.words import brief

NONE = "none"  # how "no limit" is written in a URL

OPTIMIZERS = optimizers.NAMES
ORDERS = ("in order", "shuffled")
MOST_SAMPLES = 10_000
KEEP_EVERY_HOURS = 10_000.0  # TensorFlow's default: once in 14 months
# Iterations a second that a training is held to, as one chooses them; None is full speed. A run's pace can be
# changed while it trains, so it is none of its settings.
PACES = {"Slow": 5.0, "Watch": 25.0, "Fast": 100.0, "Full speed": None}
PACE = "Watch"  # the recipe's 100 iterations take four seconds

_KEY = "setting"


class SettingsError(ValueError):
    """A setting is out of its range; the message names the field, the value and the range."""


@dataclass(frozen=True)
class Setting:
    """All that is known of one setting: widgets, URL, JSON and messages read it here.

    Attributes:
        label: its name for people.
        help: what it does, in a sentence.
        low, high: the range, both ends allowed; whole numbers when the setting is one.
        unit: of the value, in words; empty when it has none.
        increment: what one press of + adds; 0 leaves it to the size of the value.
        empty: what leaving it empty means; empty when it must have a value.
        choices: the words that it takes, in place of a range.
    """

    label: str
    help: str
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    increment: float = 0.0
    empty: str = ""
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its label, and its unit in brackets."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def kind(self) -> type[int] | type[float]:
        """The type of its numbers: that of its bounds."""
        return int if isinstance(self.low, int) else float

    @property
    def allowed(self) -> str:
        """Which values it takes, in words."""
        if self.choices:
            return f"one of: {', '.join(self.choices)}"
        whole = "a whole number " if self.kind is int else ""
        none = f"{NONE}, or " if self.empty else ""
        return f"{none}{whole}from {self.low:.10g} to {self.high:.10g}"

    def checked(self, value: Any) -> Any:
        """`value` in the setting's own type.

        Raises:
            SettingsError: it is of another type or out of range.
        """
        if self.choices:
            good = value in self.choices
        elif value is None:
            good = bool(self.empty)
        else:
            good = (
                isinstance(value, (int, float))
                and not isinstance(value, bool)
                and self.low <= value <= self.high
                and (self.kind is float or value == int(value))
            )
        if not good:
            raise SettingsError(f"{self.label} is {brief(value)}; it must be {self.allowed}.")
        return value if self.choices or value is None else self.kind(value)

    def parsed(self, text: str) -> Any:
        """The value that `text` writes; text that writes none stays text, for `checked` to refuse."""
        if self.choices:
            return text
        if text == NONE:
            return None
        try:
            return self.kind(text)
        except ValueError:
            return text


def ranged(default: float | None, label: str, low: float, high: float, help: str, **more: Any) -> Any:
    """A numeric field of a record, with its inclusive range; `more` as in `Setting`."""
    return field(default=default, metadata={_KEY: Setting(label, help, low, high, **more)})


def one_of(default: str, label: str, choices: tuple[str, ...], help: str) -> Any:
    """A field of a record that takes one of a few words."""
    return field(default=default, metadata={_KEY: Setting(label, help, choices=choices)})


S = TypeVar("S", bound="Record")


@dataclass(frozen=True)
class Record:
    """What all settings share: the check, and the round trips to strings and to JSON."""

    def __post_init__(self) -> None:
        for name, setting in self.settings().items():
            object.__setattr__(self, name, setting.checked(getattr(self, name)))

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """What is known of each field, by its name."""
        return {each.name: each.metadata[_KEY] for each in fields(cls)}

    def to_strings(self) -> dict[str, str]:
        """Every field as a plain string, as in a URL. `repr` of a float loses no bit."""
        return {name: NONE if value is None else str(value) for name, value in self.to_json().items()}

    @classmethod
    def from_strings(cls: type[S], strings: Mapping[str, str]) -> S:
        """The record that `to_strings` wrote; missing fields take their default, others are ignored.

        Raises:
            SettingsError: a string is not a value of its field.
        """
        known = cls.settings()
        return cls(**{name: known[name].parsed(text) for name, text in strings.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        """The fields as a dict of JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class DataSettings(Record):
    """A noisy sample of y = (x - h)² + v.

    Raises:
        SettingsError: a value is out of range, or the x range is empty.
    """

    h: float = ranged(1.0, "True h", -100.0, 100.0, "Where the parabola's lowest point is in x.")
    v: float = ranged(-2.0, "True v", -100.0, 100.0, "Where the parabola's lowest point is in y.")
    noise: float = ranged(
        0.4, "Noise", 0.0, 100.0, "Standard deviation of the Gaussian noise added to y.", unit="in y"
    )
    samples: int = ranged(201, "Points", 2, MOST_SAMPLES, "Number of evenly spaced points.")
    x_min: float = ranged(-2.0, "x from", -100.0, 100.0, "The first x.")
    x_max: float = ranged(4.0, "x to", -100.0, 100.0, "The last x.")
    seed: int = ranged(0, "Seed", 0, 2**32 - 1, "The same seed gives the same noise, bit for bit.")

    def __post_init__(self) -> None:
        super().__post_init__()
        # The model computes in float32, which may round the two to one.
        if not np.float32(self.x_min) < np.float32(self.x_max):
            raise SettingsError(
                f"x from is {self.x_min:g} and x to is {self.x_max:g}; x from must be the smaller."
            )


@dataclass(frozen=True)
class TrainSettings(Record):
    """How to train, and which checkpoints the Saver keeps.

    `max_to_keep` None keeps every checkpoint. -1, which makes TensorFlow delete every value that
    it has just saved, is out of range.

    Raises:
        SettingsError: a value is out of range.
    """

    optimizer: str = one_of(
        "gradient descent", "Optimizer", OPTIMIZERS, "The rule that turns a gradient into an update."
    )
    learning_rate: float = ranged(
        0.001, "Learning rate", 1e-8, 10.0, "How far one update moves; too high diverges."
    )
    momentum: float = ranged(
        0.9,
        "Momentum",
        0.0,
        0.9999,
        "Share of the last update that is added to the next (Momentum and Nesterov momentum only).",
    )
    iterations: int = ranged(100, "Iterations", 1, 20_000, "Passes over all points. Each saves a checkpoint.")
    order: str = one_of(
        "in order", "Order of points", ORDERS, "As in the data, or shuffled in each iteration."
    )
    batch: int = ranged(
        1,
        "Batch size",
        0,
        MOST_SAMPLES,
        "Points per update: 1 as in the recipe, 0 for all.",
        unit="points",
    )
    max_to_keep: int | None = ranged(
        None, "max_to_keep", 1, 100_000, "Checkpoints that the Saver keeps; none keeps all.", empty="keep all"
    )
    keep_checkpoint_every_n_hours: float = ranged(
        KEEP_EVERY_HOURS,
        "keep_checkpoint_every_n_hours",
        1e-6,
        1e6,
        "Hours in which one checkpoint stays, even when max_to_keep would delete it.",
        unit="hours",
    )

    def takes(self, setting: str) -> bool:
        """Whether the optimizer has a use for this setting, such as "momentum"."""
        return setting in optimizers.optimizer(self.optimizer).settings

    @property
    def graph(self) -> TrainSettings:
        """Equal for runs that train in the same graph with the same Saver."""
        momentum = self.momentum if self.takes("momentum") else 0.0
        return replace(self, iterations=1, order="in order", momentum=momentum)


def refuse_unknown(values: object) -> None:
    """Of decoded JSON that has settings, refuse such as this version does not know: it would lose them.

    Raises:
        RecordError: there is one.
    """
    for name, kind in (("data", DataSettings), ("train", TrainSettings)):
        given = values.get(name) if isinstance(values, dict) else None
        unknown = set(given) - set(kind.settings()) if isinstance(given, dict) else set()
        if unknown:
            raise RecordError(f"{name} has no setting named {', '.join(sorted(unknown))}")
