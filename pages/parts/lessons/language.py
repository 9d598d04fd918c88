"""The language that a lesson and the page around it speak, and the direction in which it is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.history.view import TimeMachineData
from core.lessons.numerals import localized
from core.lessons.shelf import FIRST_LANGUAGE, charts, labels, languages, words
from core.words import in_bytes
from pages.ui.state import state

STYLE = f"<style>{Path(__file__).with_name('lessons.css').read_text(encoding='utf-8')}</style>"


def spoken() -> str:
    """The visitor's language: the link's, else the browser's, else English."""
    known = languages()
    wanted = state().lang or (st.context.locale or "").partition("-")[0]
    return wanted if wanted in known else FIRST_LANGUAGE


def say(sentence: str, /, **facts: Any) -> str:
    """A sentence of the page around a lesson, in the visitor's language."""
    known = words(spoken())
    return localized(known[sentence].format(**facts), known.get("digits", ""))


def label(english: str, **facts: Any) -> str:
    """A heading, an answer or a number of a view inside a lesson, in the visitor's language."""
    told = localized(labels(spoken()).get(english, english), words(spoken())["digits"])
    return told.format(**facts) if facts else told


def size(count: float) -> str:
    """A number of bytes in its unit, in the visitor's language."""
    number, _, unit = in_bytes(count).partition(" ")
    return f"{label(number)} {label(unit)}"


def speaking(view: TimeMachineData) -> TimeMachineData:
    """What the time machine draws, with its words in the visitor's language."""
    return replace(view, words=charts(spoken()))


def isolated(text: str) -> str:
    """Words for a chart, whose own direction is left to right, in the direction of the language."""
    return text if say("direction") == "ltr" else f"\u2067{text}\u2069"


def arrow(forward: bool) -> str:
    """An icon that points to the next step, or back, in the direction of reading."""
    to_the_right = forward == (say("direction") == "ltr")
    return f":material/arrow_{'forward' if to_the_right else 'back'}:"


def reading() -> DeltaGenerator:
    """A container for words in the visitor's language, in its direction."""
    st.html(STYLE)
    return st.container(key=f"lesson-{say('direction')}")


def views() -> DeltaGenerator:
    """A container for the application's own views, whose words are English."""
    return st.container(key="lesson-views")
