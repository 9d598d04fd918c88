"""One widget for every setting, made from what the settings record says about itself."""

from __future__ import annotations

from dataclasses import Field, dataclass, fields, replace
from typing import Any, Literal

import streamlit as st

from core.settings import SettingsError
from pages.shared.state import state

Part = Literal["data", "train"]

_ERROR = "setting-error"


def edit(part: Part, names: tuple[str, ...]) -> None:
    """Widgets for the named settings of `state().data` or `state().train`, side by side."""
    record = getattr(state(), part)
    known = {each.name: each for each in fields(record)}
    for column, name in zip(st.columns(len(names)), names, strict=True):
        with column:
            _widget(part, known[name], getattr(record, name))


def complain() -> None:
    """Say what was wrong with the last input, if anything; the setting kept its value."""
    if sentence := st.session_state.pop(_ERROR, None):
        st.error(sentence, icon=":material/error:")


@dataclass
class _Shown:
    """What a setting's widget shows.

    Attributes:
        number: of the widget; another number is another widget, so that it starts anew.
        start: the value it started with, which it falls back to when it is emptied.
        value: what it shows, in a tuple; None when the record did not take that.
    """

    number: int
    start: Any
    value: tuple[Any] | None


def _widget(part: Part, each: Field[Any], value: Any) -> None:
    facts = each.metadata
    label = f"{facts['label']} ({facts['unit']})" if facts.get("unit") else facts["label"]
    # The record rules, not what the widget remembers: where they differ, a new widget starts with the
    # record's value. The value travels with the widget, because one that is put into the session state
    # travels once, and a rerun at the wrong moment loses it.
    shown: _Shown = st.session_state.setdefault(f"shown-{each.name}", _Shown(0, value, (value,)))
    if shown.value != (value,):
        shown.number += 1
    key = f"setting-{each.name}-{shown.number}"
    if shown.value != (value,) or key not in st.session_state:
        shown.start, shown.value = value, (value,)
    common: dict[str, Any] = {
        "help": facts["help"],
        "key": key,
        "on_change": _take,
        "args": (part, each.name, key),
    }
    if "choices" in facts:
        st.selectbox(label, facts["choices"], facts["choices"].index(shown.start), **common)
        return
    low, high = facts["low"], facts["high"]
    if each.default is None:
        st.number_input(label, int(low), int(high), shown.start, 1, placeholder="none: keep all", **common)
    elif isinstance(each.default, int):
        st.number_input(label, int(low), int(high), shown.start, 1, **common)
    elif isinstance(each.default, float):
        step = _step(each.default)
        st.number_input(label, float(low), float(high), float(shown.start), step, "%.6g", **common)


def _take(part: Part, name: str, key: str) -> None:
    """Put what a widget says into the record."""
    value = st.session_state[key]
    record = getattr(state(), part)
    shown: _Shown = st.session_state[f"shown-{name}"]
    try:
        setattr(state(), part, replace(record, **{name: value}))
        shown.value = (value,)
    except SettingsError as error:
        st.session_state[_ERROR] = str(error)
        shown.value = None


def _step(default: float) -> float:
    """What one press of + adds: a tenth of the default's order of magnitude."""
    exponent = int(f"{abs(default) or 1.0:e}".partition("e")[2])
    return float(f"1e{exponent - 1}")
