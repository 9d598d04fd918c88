"""A file to take along."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

# What a file of each ending is to a browser, and its symbol.
_KINDS = {
    ".csv": ("text/csv", "table"),
    ".html": ("text/html", "download"),
    ".npz": ("application/zip", "download"),
    ".py": ("text/x-python", "code"),
    ".zip": ("application/zip", "download"),
}


def download(
    label: str, content: str | bytes, name: str, key: str, *, first: bool = False, disabled: bool = False
) -> None:
    """A button that saves `content` as a file of this name; the page does not run anew for it.

    Args:
        first: whether it is what one came for.
    """
    mime, icon = _KINDS[PurePath(name).suffix]
    st.download_button(
        label,
        content,
        name,
        mime,
        icon=f":material/{icon}:",
        type="primary" if first else "secondary",
        key=key,
        disabled=disabled,
        on_click="ignore",
    )
