"""The words of a page, explained in one sentence each, from the glossary."""

from __future__ import annotations

import streamlit as st

from core.glossary import explain


def explained(*terms: str) -> None:
    """A small panel that explains these words, named by them."""
    with st.popover(f"Words: {', '.join(terms)}", icon=":material/menu_book:", type="tertiary"):
        for term in terms:
            st.markdown(f"**{term[0].upper()}{term[1:]}.** {explain(term)}")
