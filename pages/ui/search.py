"""Search over everything: pages, cards of the error gallery, words of the glossary, runs. Ctrl+K opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from core.gallery.cards import cards
from core.gallery.search import find
from core.glossary import explain, terms
from core.run import names as run_names
from pages.ui import lab_links, services
from pages.ui.plain import plain
from pages.ui.state import state

# The pages, and what one may call that which they show.
PAGES = {
    "playground": ("Playground", "train data slider noise learning rate iterations optimizer csv recipe"),
    "lessons": ("Lessons", "learn course quiz class teach teacher"),
    "runs": ("All runs", "runs list delete rename pin"),
    "history": ("History", "checkpoints slider restore compare runs first iteration"),
    "compare": ("Compare", "saver savedmodel formats keras five"),
    "sweep": ("Sweep", "grid learning rate diverge many runs"),
    "export": ("Export", "download script csv zip"),
    "files": ("Files", "index data meta bytes state file checksum"),
    "retention": ("Retention", "max_to_keep delete keep hours"),
    "resume": ("Resume and fork", "interrupt kill slots adam momentum continue"),
    "gallery": ("Error gallery", "errors messages fix exception"),
    "inspect": ("Inspect", "own models checkpoint folder upload open nan diff"),
}
MOST = 5  # results of one kind
MESSAGE = 60  # characters from which a text is a message rather than a few words


@dataclass(frozen=True)
class Hit:
    """One result: what it says, and where it leads: a page, a card, a run, or nowhere."""

    label: str
    page: str = ""
    card: str = ""
    run: str = ""


@st.dialog("Search")
def dialog() -> None:
    """A field, and what was found, each behind a button."""
    text = st.text_input(
        "Pages, errors, words, runs", placeholder="A word, or a pasted error message", key="search-everything"
    ).strip()
    if not text:
        return
    found = [*hits(text)]
    for number, hit in enumerate(found):
        if not (hit.page or hit.card or hit.run):
            st.markdown(hit.label)
        elif st.button(hit.label, key=f"hit-{number}-{hit.page}{hit.card}{hit.run}", type="tertiary"):
            _go(hit)
    if not found:
        st.caption("Nothing found.")


def hits(text: str) -> Iterator[Hit]:
    """What the text may mean: pages first, but cards first for a message."""
    words = set(re.findall(r"\w+", text.casefold()))
    groups = [_cards(text), _pages(words), _runs(text), _terms(words)]
    if len(text) < MESSAGE and "error" not in text.casefold():
        groups.insert(1, groups.pop(0))
    for group in groups:
        yield from group


def _pages(words: set[str]) -> list[Hit]:
    found = []
    for page, (title, known) in PAGES.items():
        about = set(re.findall(r"\w+", f"{title} {known}".casefold()))
        if any(each.startswith(word) for word in words for each in about if len(word) > 2):
            found.append(Hit(f"Page: {title}", page=page))
    return found[:MOST]


def _cards(text: str) -> list[Hit]:
    found = [each.card for each in find(text, cards()).matches[:MOST]]
    return [Hit(f"Error: {plain(card.title, 90)}", card=card.slug) for card in found]


def _runs(text: str) -> list[Hit]:
    named = run_names.names_of(services.my_runs())
    fit = [run for run, name in named.items() if text.casefold() in name.casefold()]
    return [Hit(f"Run: {plain(named[run])}", run=run) for run in fit[:MOST]]


def _terms(words: set[str]) -> list[Hit]:
    fit = [term for term in terms() if words & set(term.casefold().split())]
    return [Hit(f"**{term}.** {explain(term)}") for term in fit[:2]]


def _go(hit: Hit) -> None:
    if hit.card:
        lab_links.open_card(hit.card)
    if hit.run:
        state().show(hit.run)
    st.switch_page(f"pages/{hit.page or 'history'}.py")
