"""A learner in a class: where they are, and what they predict, told to the class without a name."""

from __future__ import annotations

import contextlib
import logging

import streamlit as st

from core.lessons.classroom import ClassOver, Classroom, Phase, find_class
from core.lessons.lesson import Said
from core.settings import DataSettings, SettingsError
from pages.parts.lessons import language
from pages.ui import services
from pages.ui.remembered import Remembered
from pages.ui.state import state

_told: Remembered[tuple[str, ...]] = Remembered("led nowhere")


def classroom() -> Classroom | None:
    """The class that the visitor's link names; None for who learns alone, with a sentence if it is over."""
    if not state().code:
        return None
    try:
        room = find_class(services.runs().root, state().code)
        state().lesson_data = points_of(room)  # everybody sees the same points
        return room
    except ClassOver:
        state().code = ""
        tell(language.say("class_over"))
        return None


def points_of(room: Classroom) -> DataSettings | None:
    """How the class's points are made; None for the lesson's own."""
    with contextlib.suppress(SettingsError):
        return DataSettings.from_strings(dict(room.settings)) if room.settings else None
    return None


def tell(why: str) -> None:
    """Say why a link leads nowhere, for as long as the visitor stays at this step."""
    place = state().lesson, state().at
    _told.put((*(_told.get(place) or ()), why), place)


def told() -> None:
    """Draw what was said at this step; the link itself is forgotten, and the page runs again at once."""
    for words in _told.get((state().lesson, state().at)) or ():
        st.warning(words, icon=":material/link_off:")


def is_teacher(room: Classroom) -> bool:
    """Whether the visitor opened the class."""
    return room.owner == services.owner()


def arrive(room: Classroom | None, step: int) -> None:
    """Tell the class where the learner is, once for each step.

    Who comes back is a stranger until the browser has said who they are: nobody is counted twice.
    """
    if room is None:
        return
    who = voter(room)
    code, _, before = last = st.session_state.get("class-at", ("", 0, ""))
    if last == (room.code, step, who):
        return
    if code == room.code and before not in ("", who):
        _tell(lambda: room.leave(before))
    if who:
        _tell(lambda: room.arrive(who, step))
    st.session_state["class-at"] = (room.code, step, who)


def voter(room: Classroom | None) -> str:
    """What stands for the learner in the class; empty for the teacher, and for who learns alone.

    Ask before the button is drawn: a look at the session after its press may begin the page again, and what
    was pressed would be lost.
    """
    return "" if room is None or is_teacher(room) else room.learner(state().visitor)


def say(room: Classroom | None, who: str, key: str, said: Said, *, again: bool = False) -> None:
    """Tell the class what the learner predicts."""
    if room is not None and who:
        _tell(lambda: room.say(who, key, said, again=again))


def phase(room: Classroom | None, key: str) -> Phase | None:
    """How far the teacher has come with a question; None for the teacher, and where nobody leads."""
    if room is None or is_teacher(room):
        return None
    try:
        return room.pupils().phase(key)
    except ClassOver:
        return None


def tell_right(room: Classroom | None, key: str, right: Said | None) -> None:
    """Tell the class what came out, once: the first who runs a step knows it."""
    if room is None or right is None:
        return
    with contextlib.suppress(ClassOver):
        if key not in room.pupils().right:
            _tell(lambda: room.tell(key, right))


def _tell(line: object) -> None:
    """A learner goes on whatever becomes of the class."""
    try:
        line()  # type: ignore[operator]
    except (ClassOver, OSError) as error:
        logging.getLogger(__name__).warning("a class was not told: %s", error)
