"""Widgets for the axes of the next sweep: which setting, and which values."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.sweep.grid import AXES, Axis, SweepError, Value, default_of, setting_of, spread, text_of
from pages.ui.fields import increment
from pages.ui.remembered import kept

NOTHING = "nothing else"

# Where the widgets of an axis start: from, to, how many, logarithmic; or a list of words.
STARTS: dict[str, tuple[float, float, int, bool]] = {
    "learning_rate": (0.0001, 0.1, 6, True),
    "momentum": (0.0, 0.9, 4, False),
    "batch": (1, 64, 4, True),
    "noise": (0.0, 2.0, 5, False),
    "samples": (20, 400, 4, True),
    "seed": (0, 5, 6, False),
    "h": (-2.0, 2.0, 5, False),
    "v": (-2.0, 2.0, 5, False),
}

ROW, LIST = "from … to …", "a list"


def choose(place: str, label: str, start: str, own_points: bool, beside: Axis | None = None) -> Axis | None:
    """One axis as the widgets say; None where a second one is not wanted.

    Args:
        place: "across" or "down", for the widgets' keys.
        beside: the first axis, when this is the second, which can be left out and is another setting.

    Raises:
        SweepError: the values are none.
    """
    names = [name for name, part in AXES.items() if part == "train" or not own_points]
    options = [NOTHING, *(name for name in names if name != beside.name)] if beside else names
    key = f"sweep-{place}"
    first = kept(key, start)
    name = st.selectbox(
        label,
        options,
        options.index(first if first in options else start if start in options else NOTHING),
        format_func=lambda each: each if each == NOTHING else setting_of(each).label,
        key=key,
    )
    if name is None or name == NOTHING:
        return None
    setting = setting_of(name)
    if setting.choices:
        key = f"sweep-{place}-words-{name}"
        chosen = st.multiselect("Values", setting.choices, kept(key, list(setting.choices)), key=key)
        return Axis(name, tuple(chosen))
    return Axis(name, _numbers(place, name))


def _numbers(place: str, name: str) -> tuple[Value, ...]:
    low, high, count, log = STARTS[name]
    key = f"sweep-{place}-{name}"
    how = st.segmented_control(
        "Values",
        (ROW, LIST),
        default=kept(f"{key}-how", ROW),
        key=f"{key}-how",
        label_visibility="collapsed",
        required=True,
    )
    if how == LIST:
        start = ", ".join(text_of(value) for value in spread(name, low, high, count, log))
        start = kept(f"{key}-list", start)
        return listed_values(
            st.text_input("Values, with commas between them", start, key=f"{key}-list"), name
        )
    left, middle, right = st.columns(3)
    whole = isinstance(default_of(name), int)
    kind = int if whole else float

    def end(column: DeltaGenerator, label: str, place: str, value: float) -> float:
        step: dict[str, Any] = {"step": 1} if whole else {"step": increment(value), "format": "%.6g"}
        at = f"{key}-{place}"
        return column.number_input(label, value=kept(at, kind(value)), key=at, **step)

    first, last = end(left, "from", "low", low), end(middle, "to", "high", high)
    many = right.number_input("how many", 2, 1000, kept(f"{key}-count", count), 1, key=f"{key}-count")
    evenly = st.toggle(
        "logarithmic: in equal ratios",
        kept(f"{key}-log", log),
        key=f"{key}-log",
    )
    return spread(name, float(first), float(last), int(many), evenly)


def listed_values(text: str, name: str) -> tuple[Value, ...]:
    """The numbers that a visitor wrote, with commas or spaces between them.

    Raises:
        SweepError: one is no number.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    values: list[Value] = []
    for word in words:
        try:
            values.append(float(word))
        except ValueError:
            raise SweepError(
                f"{setting_of(name).label}: {word[:20]!r} is no number. Write numbers with commas "
                "between them and decimals with a point."
            ) from None
    return tuple(values)
