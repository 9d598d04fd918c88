"""Links between the cards of the error gallery and the pages that they are about, both ways."""

from __future__ import annotations

import streamlit as st

from core.gallery.cards import Card, cards
from pages.ui import links
from pages.ui.state import state

# What a link to a page says, by the name of its file. A page that is not there is left out.
WORDS = {
    "compare": "Compare a Saver with a SavedModel, and all five formats",
    "files": "Open every file of a run",
    "inspect": "Inspect your own checkpoint",
    "resume": "Resume with and without slots",
    "retention": "See which files a Saver keeps",
    "export": "Export a run as a zip",
}


def to_page(name: str) -> None:
    """A link to the page, or nothing while there is no such page."""
    if name in WORDS:
        links.to(name, WORDS[name])


def to_cards(page: str) -> None:
    """On a page: the cards that are about it, each behind a button."""
    about = [card for card in cards() if page in card.related]
    if not about:
        return
    with st.expander("What can go wrong here", icon=":material/bolt:"):
        for card in about:
            to_card(card, f"card-{page}-{card.slug}", card.title)


def open_card(slug: str) -> None:
    """Go to the gallery, with this card open."""
    state().choices["gallery"] = {"card": slug}
    st.session_state["lab-search"] = ""
    st.switch_page("pages/gallery.py")


def to_card(card: Card, key: str, words: str) -> None:
    """A button that opens the gallery with this card."""
    if st.button(
        words.replace("[", "\\[").replace("*", "\\*"), key=key, icon=":material/bolt:", type="tertiary"
    ):
        open_card(card.slug)
