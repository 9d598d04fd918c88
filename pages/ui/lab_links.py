"""Links between the cards of Break it and the pages that they are about, both ways."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.gallery.cards import Card, cards

PAGES = Path(__file__).parents[1]
CHOSEN = "lab-card"  # in the session: the card that a link asked for

# What a link to a page says, by the name of its file. A page that is not there is left out.
WORDS = {
    "compare": "Saver or SavedModel: one beside the other",
    "files": "Files: every file opened",
    "open": "Open: the diagnosis of your own checkpoint",
    "resume": "Resume and fork: with and without slots",
    "retention": "Which files stay, and which are deleted",
    "take_home": "Take home: a run as a zip",
    "ways": "Five ways to save: what each keeps",
}


def to_page(name: str) -> None:
    """A link to the page, or nothing while there is no such page."""
    if name in WORDS and (PAGES / f"{name}.py").exists():
        try:
            st.page_link(f"pages/{name}.py", label=WORDS[name], icon=":material/arrow_forward:")
        except StreamlitAPIException:
            return  # the file is there, but not in the navigation


def to_cards(page: str) -> None:
    """On a page: the cards of Break it that are about it, each behind a button."""
    about = [card for card in cards() if page in card.related]
    if not about:
        return
    with st.expander("What goes wrong here: the cards of Break it", icon=":material/bolt:"):
        for card in about:
            to_card(card, f"card-{page}-{card.slug}", card.title)


def to_card(card: Card, key: str, words: str) -> None:
    """A button that opens Break it with this card."""
    if st.button(
        words.replace("[", "\\[").replace("*", "\\*"), key=key, icon=":material/bolt:", type="tertiary"
    ):
        st.session_state[CHOSEN] = card.slug
        st.session_state["lab-search"] = ""
        st.switch_page("pages/break_it.py")
