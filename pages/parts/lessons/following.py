"""A learner in a class: where they are, and what they predict, told to the class without a name."""

from __future__ import annotations

import logging

import streamlit as st

from core.lessons.classroom import ClassOver, Classroom, find_class
from core.lessons.lesson import Said
from pages.ui import services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered
from pages.ui.state import state

_told: Remembered[tuple[str, ...]] = Remembered("led nowhere")


def classroom() -> Classroom | None:
    """The class that the visitor's link names; None for who learns alone, with a sentence if it is over."""
    if not state().code:
        return None
    try:
        return find_class(services.runs().root, state().code)
    except ClassOver as error:
        state().code = ""
        tell(error)
        return None


def tell(error: Exception) -> None:
    """Say why a link leads nowhere, for as long as the visitor stays at this step."""
    place = state().lesson, state().at
    _told.put((*(_told.get(place) or ()), sentence(error)), place)


def told() -> None:
    """Draw what was said at this step; the link itself is forgotten, and the page runs again at once."""
    for words in _told.get((state().lesson, state().at)) or ():
        st.warning(words, icon=":material/link_off:")


def is_teacher(room: Classroom) -> bool:
    """Whether the visitor opened the class."""
    return room.owner == services.owner()


def arrive(room: Classroom | None, step: int) -> None:
    """Tell the class where the learner is, once for each step."""
    if room is None or is_teacher(room) or st.session_state.get("class-at") == (room.code, step):
        return
    st.session_state["class-at"] = (room.code, step)
    _tell(lambda: room.arrive(room.learner(state().visitor), step))


def say(room: Classroom | None, key: str, said: Said) -> None:
    """Tell the class what the learner predicts."""
    if room is not None and not is_teacher(room):
        _tell(lambda: room.say(room.learner(state().visitor), key, said))


def _tell(line: object) -> None:
    """A learner goes on whatever becomes of the class."""
    try:
        line()  # type: ignore[operator]
    except (ClassOver, OSError) as error:
        logging.getLogger(__name__).warning("a class was not told: %s", error)
