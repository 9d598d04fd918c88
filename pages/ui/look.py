"""How every page looks beyond its theme: room, contrast, and the back row of a classroom."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import palette
from pages.ui.state import state

STYLE = f"[data-testid=stApp] {{ {palette.either()} }}\n" + Path(__file__).with_name("look.css").read_text(
    encoding="utf-8"
)
# Streamlit sets everything in rem: larger type at the root enlarges all of it.
PROJECTOR = (
    "html { font-size: 150%; } [data-testid=stMainBlockContainer] { max-width: none; padding-top: 0.5rem; }"
    " .st-key-page-title [data-testid=stMarkdownContainer] p { display: none; }"
)


def apply() -> None:
    """Put the style into the page."""
    st.html(f"<style>{STYLE}{PROJECTOR if state().projector else ''}</style>")
