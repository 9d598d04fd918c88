"""Searches while one types: a text area whose text reaches the server at each pause of the fingers."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "checkpoint_explorer_search_as_typed",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def text_area(label: str, *, placeholder: str, height: int, key: str, shown: str) -> str:
    """A text area as Streamlit's, that does not wait for the focus to leave it.

    When `shown`, the name of what is below it, changes, it scrolls back into view.
    """
    text = st.text_area(label, placeholder=placeholder, height=height, key=key)
    _component(key=f"{key}-as-typed", data={"key": key, "shown": shown}, height=1)
    return text or ""
