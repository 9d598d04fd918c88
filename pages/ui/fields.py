"""One widget for every setting, made from what the settings record says about itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.settings import NONE, Setting, SettingsError
from pages.ui import plain
from pages.ui.state import state

Part = Literal["data", "train", "swept"]

_ERROR = "setting-error"


def edit(part: Part, names: tuple[str, ...]) -> None:
    """Widgets for the named settings of a part of the state, side by side."""
    record = getattr(state(), part)
    for column, name in zip(st.columns(len(names)), names, strict=True):
        _edited(column, part, name, getattr(record, name))


def complain() -> None:
    """Say what was wrong with the last input, if anything; the setting kept its value."""
    if complaint := st.session_state.pop(_ERROR, None):
        st.error(plain.sentence(complaint), icon=":material/error:")


@dataclass
class _Shown:
    """What a setting's widget shows.

    Attributes:
        number: of the widget; another number is another widget, which starts again.
        start: the value it started with, which it falls back to when it is emptied.
        value: what it shows, in a tuple; None when the record did not take that.
    """

    number: int
    start: Any
    value: tuple[Any] | None


def widget(place: DeltaGenerator, setting: Setting, start: Any, key: str, **more: Any) -> Any:
    """One widget for one setting, and what it shows; `more` goes to Streamlit."""
    common: dict[str, Any] = {"help": setting.help, "key": key, **more}
    if setting.choices:
        return place.selectbox(setting.title, setting.choices, setting.choices.index(start), **common)
    kind = setting.kind
    if kind is float:
        common |= {"format": "%.6g", "step": setting.increment or increment(start)}
    if setting.empty:
        common["placeholder"] = f"{NONE}: {setting.empty}"
    return place.number_input(setting.title, kind(setting.low), kind(setting.high), start, **common)


def _edited(place: DeltaGenerator, part: Part, name: str, value: Any) -> None:
    setting = getattr(state(), part).settings()[name]
    # The record rules, not what the widget remembers: where they differ, a new widget starts with the
    # record's value. The value travels with the widget, because one that is put into the session state
    # travels once, and a rerun at the wrong moment loses it.
    shown: _Shown = st.session_state.setdefault(f"shown-{part}-{name}", _Shown(0, value, (value,)))
    if shown.value != (value,):
        shown.number += 1
    key = f"setting-{part}-{name}-{shown.number}"
    if shown.value != (value,) or key not in st.session_state:
        shown.start, shown.value = value, (value,)
    widget(place, setting, shown.start, key, on_change=_take, args=(part, name, key))


def _take(part: Part, name: str, key: str) -> None:
    """Put what a widget says into the record."""
    value = st.session_state[key]
    record = getattr(state(), part)
    shown: _Shown = st.session_state[f"shown-{part}-{name}"]
    try:
        setattr(state(), part, replace(record, **{name: value}))
        shown.value = (value,)
    except SettingsError as error:
        st.session_state[_ERROR] = str(error)
        shown.value = None


def increment(value: float) -> float:
    """What one press of + adds: a tenth of the value's order of magnitude."""
    exponent = int(f"{abs(value) or 1.0:e}".partition("e")[2])
    return float(f"1e{exponent - 1}")
