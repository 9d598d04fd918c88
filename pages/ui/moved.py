"""Addresses of earlier versions: each leads to the page that does its work now, with what the link had."""

from __future__ import annotations

from typing import Any

import streamlit as st

# The path of a page that is no more, to the file of the one that took its place.
MOVED = {
    "start": "playground",
    "data": "playground",
    "train": "playground",
    "take_home": "export",
    "ways": "compare",
    "open": "inspect",
    "break_it": "gallery",
}
TAB = {"ways": {"tab": "formats"}}  # where the new page has more than one view


def pages() -> list[Any]:
    """A hidden page for each old address."""
    return [st.Page(_leading(old), title=old, url_path=old, visibility="hidden") for old in MOVED]


def _leading(old: str) -> Any:
    def lead() -> None:
        asked = {**st.query_params.to_dict(), **TAB.get(old, {})}
        st.switch_page(f"pages/{MOVED[old]}.py", query_params=asked)

    return lead
