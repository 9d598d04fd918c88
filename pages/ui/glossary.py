"""The words of a page, explained in one sentence each, from the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

from core.glossary import explain

# What nobody knows who comes from another field; where a page says one of them, it explains it.
JARGON = ("graph", "meta graph", "session", "prefix", "slot", "tag", "signature", "asset")


def explained(*terms: str) -> None:
    """A small panel that explains these words, named by them."""
    with st.popover(f"Words: {', '.join(terms)}", icon=":material/menu_book:", type="tertiary", wrap=True):
        draw(terms)


def draw(terms: Iterable[str]) -> None:
    """Each of these words in bold, and what it means."""
    for term in terms:
        st.markdown(f"**{term[0].upper()}{term[1:]}.** {explain(term)}")


def explained_in(text: str) -> None:
    """The same for the jargon that a text uses, if it uses any."""
    if terms := jargon_of(text):
        explained(*terms)


def jargon_of(text: str) -> list[str]:
    """The jargon that a text uses."""
    return [term for term in JARGON if re.search(rf"\b{term}s?\b", text, re.IGNORECASE)]
