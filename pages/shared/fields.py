"""One widget for every setting, made from what the settings record says about itself."""

from __future__ import annotations

from dataclasses import Field, fields, replace
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


def _widget(part: Part, each: Field[Any], value: Any) -> None:
    facts = each.metadata
    label = f"{facts['label']} ({facts['unit']})" if facts.get("unit") else facts["label"]
    key = f"setting-{each.name}"
    # The record rules, not what the widget remembers; yet what already agrees is left alone, or
    # the browser would put it over what somebody is typing.
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    common: dict[str, Any] = {
        "help": facts["help"],
        "key": key,
        "on_change": _take,
        "args": (part, each.name, key),
    }
    if "choices" in facts:
        st.selectbox(label, facts["choices"], **common)
        return
    low, high = facts["low"], facts["high"]
    if each.default is None:
        hint = "none: keep all"
        st.number_input(label, int(low), int(high), value=None, step=1, placeholder=hint, **common)
    elif isinstance(each.default, int):
        st.number_input(label, int(low), int(high), step=1, **common)
    elif isinstance(each.default, float):
        step = _step(each.default)
        st.number_input(label, float(low), float(high), step=step, format="%.6g", **common)


def _take(part: Part, name: str, key: str) -> None:
    """Put what a widget says into the record."""
    value = st.session_state[key]
    record = getattr(state(), part)
    try:
        setattr(state(), part, replace(record, **{name: value}))
    except SettingsError as error:
        st.session_state[_ERROR] = str(error)


def _step(default: float) -> float:
    """What one press of + adds: a tenth of the default's order of magnitude."""
    exponent = int(f"{abs(default) or 1.0:e}".partition("e")[2])
    return float(f"1e{exponent - 1}")
