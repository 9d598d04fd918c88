"""What a user can set: two frozen records that check themselves; the defaults are the recipe's.

The same record feeds the widgets, the URL, `run.json` and the exported script, so every field has
one name everywhere, and one allowed range, written once beside it.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

NONE = "none"  # how "no limit" is written in a URL

OPTIMIZERS = ("gradient descent", "Momentum", "Adam")
ORDERS = ("in order", "shuffled")


class SettingsError(ValueError):
    """A setting is out of its range; the message names the field, the value and the range."""


def _number(default: float | None, label: str, low: float, high: float, help: str, unit: str = "") -> Any:
    """A numeric field with its inclusive range."""
    facts = {"label": label, "low": low, "high": high, "help": help, "unit": unit}
    return field(default=default, metadata=facts)


def _choice(default: str, label: str, choices: tuple[str, ...], help: str) -> Any:
    """A field that takes one of a few words."""
    return field(default=default, metadata={"label": label, "choices": choices, "help": help})


S = TypeVar("S", bound="_Record")


@dataclass(frozen=True)
class _Record:
    """What both records share: the check, and the round trips to strings and to JSON."""

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for each in fields(self):
            value = _coerced(each, hints[each.name], getattr(self, each.name))
            object.__setattr__(self, each.name, value)

    def to_strings(self) -> dict[str, str]:
        """Every field as a plain string, as in a URL. `repr` of a float loses no bit."""
        return {name: NONE if value is None else str(value) for name, value in self.to_json().items()}

    @classmethod
    def from_strings(cls: type[S], strings: Mapping[str, str]) -> S:
        """The record that `to_strings` wrote; missing fields take their default, others are ignored.

        Raises:
            SettingsError: a string is not a value of its field.
        """
        hints = get_type_hints(cls)
        known = {each.name: each for each in fields(cls)}
        return cls(
            **{
                name: _parsed(known[name], hints[name], text)
                for name, text in strings.items()
                if name in known
            }
        )

    def to_json(self) -> dict[str, Any]:
        """The fields as a dict of JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls: type[S], values: Mapping[str, Any]) -> S:
        """The record that `to_json` wrote.

        Raises:
            SettingsError: a value is out of range, or a name is not a field.
        """
        unknown = set(values) - {each.name for each in fields(cls)}
        if unknown:
            raise SettingsError(f"{cls.__name__} has no setting named {', '.join(sorted(unknown))}.")
        return cls(**values)


@dataclass(frozen=True)
class DataSettings(_Record):
    """A noisy sample of y = (x - h)² + v.

    Raises:
        SettingsError: a value is out of range, or the x range is empty.
    """

    h: float = _number(1.0, "True h", -100.0, 100.0, "Where the parabola's lowest point lies in x.")
    v: float = _number(-2.0, "True v", -100.0, 100.0, "Where the parabola's lowest point lies in y.")
    noise: float = _number(
        0.4, "Noise", 0.0, 100.0, "Standard deviation of the Gaussian noise added to y.", "in y"
    )
    samples: int = _number(201, "Samples", 2, 10_000, "Number of evenly spaced points.", "points")
    x_min: float = _number(-2.0, "x from", -100.0, 100.0, "The first x.")
    x_max: float = _number(4.0, "x to", -100.0, 100.0, "The last x.")
    seed: int = _number(0, "Seed", 0, 2**32 - 1, "The same seed gives the same noise, bit for bit.")

    def __post_init__(self) -> None:
        super().__post_init__()
        # The model computes in float32, which may round the two to one.
        if not np.float32(self.x_min) < np.float32(self.x_max):
            raise SettingsError(
                f"x from is {self.x_min:g} and x to is {self.x_max:g}; x from must be the smaller."
            )


@dataclass(frozen=True)
class TrainSettings(_Record):
    """How to train, and which checkpoints the Saver keeps.

    `max_to_keep` None keeps every checkpoint. -1, which makes TensorFlow delete every value that
    it has just saved, is out of range.

    Raises:
        SettingsError: a value is out of range.
    """

    optimizer: str = _choice(
        "gradient descent", "Optimizer", OPTIMIZERS, "The rule that turns a gradient into a step."
    )
    learning_rate: float = _number(
        0.001, "Learning rate", 1e-8, 10.0, "How far one update moves; too high diverges."
    )
    momentum: float = _number(
        0.9, "Momentum", 0.0, 0.9999, "Share of the last update that goes on (Momentum only)."
    )
    iterations: int = _number(
        100, "Iterations", 1, 20_000, "Passes over all samples; each ends with a checkpoint."
    )
    order: str = _choice(
        "in order", "Order of samples", ORDERS, "As they lie in x, or shuffled anew each iteration."
    )
    batch: int = _number(
        1, "Batch", 0, 10_000, "Samples per update: 1 as in the recipe, 0 for all at once.", "samples"
    )
    max_to_keep: int | None = _number(
        None, "max_to_keep", 1, 100_000, "Checkpoints that the Saver keeps; none keeps all."
    )
    keep_checkpoint_every_n_hours: float = _number(
        10_000.0,
        "keep_checkpoint_every_n_hours",
        1e-6,
        1e6,
        "One checkpoint in so many hours stays, even when max_to_keep would delete it.",
        "hours",
    )


def _coerced(each: Field[Any], hint: Any, value: Any) -> Any:
    """`value` as the type of its field, checked against the field's range.

    Raises:
        SettingsError: wrong type or out of range.
    """
    facts = each.metadata
    label = facts["label"]
    if "choices" in facts:
        if value not in facts["choices"]:
            raise SettingsError(f"{label} is {value!r}; it must be one of: {', '.join(facts['choices'])}.")
        return value
    if value is None and type(None) in get_args(hint):
        return None
    kind = _plain(hint)
    allowed = f"from {facts['low']:.10g} to {facts['high']:.10g}"
    if type(None) in get_args(hint):
        allowed = f"{NONE}, or {allowed}"
    if kind is int:
        allowed = f"a whole number {allowed}"
    whole = not isinstance(value, float) or value.is_integer()
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or (kind is int and not whole)
        or not math.isfinite(value)
        or not facts["low"] <= value <= facts["high"]
    ):
        raise SettingsError(f"{label} is {value!r}; it must be {allowed}.")
    return kind(value)


def _parsed(each: Field[Any], hint: Any, text: str) -> Any:
    """The value that `text` writes for this field; text that writes none stays text."""
    if "choices" in each.metadata:
        return text
    if text == NONE:
        return None
    try:
        return int(text) if _plain(hint) is int else float(text)
    except ValueError:
        return text  # the record's own check says what is wrong with it


def _plain(hint: Any) -> type:
    """`int` for `int | None`, and so on."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(kind for kind in get_args(hint) if kind is not type(None))
    return hint
