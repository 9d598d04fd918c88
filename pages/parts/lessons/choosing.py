"""The list of lessons: which there are, in which language, and how to join a class."""

from __future__ import annotations

import streamlit as st

from core.lessons.classroom import ClassOver, Classroom, find_class
from core.lessons.lesson import Lesson
from core.lessons.shelf import Shelf, languages, words
from pages.parts.lessons import course, following, teaching
from pages.parts.lessons.language import say, spoken
from pages.parts.lessons.progress import progress, remember
from pages.ui import services
from pages.ui.state import state


def language() -> None:
    """The language, by its own name."""
    known = languages()
    chosen = st.segmented_control(
        "Language · زبان",
        known,
        default=spoken(),
        required=True,
        format_func=lambda each: words(each)["language"],
        key=f"lesson-language-{spoken()}",
        label_visibility="collapsed",
    )
    if chosen and chosen != spoken():
        state().lang = chosen
        st.rerun()


def show(found: Shelf) -> None:
    """Every lesson with its button, and a field for a class's code."""
    st.markdown(say("what_it_is"))
    for lesson in found.lessons:
        with st.container(border=True):
            with st.container(key=f"unseen-{lesson.slug}"):
                remember(lesson, spoken(), 0)
            score = progress(lesson).score(lesson)
            st.subheader(f"{lesson.title} :material/check_circle:" if score else lesson.title)
            st.markdown(lesson.about)
            told = say("steps_and_minutes", steps=len(lesson.steps), minutes=lesson.minutes)
            if score:
                told = f"{say('result', right=score[0], count=score[1])}. {told}"
            elif not progress(lesson).is_new:
                told = (
                    f"{say('step_of', number=max(progress(lesson).at, 1), count=len(lesson.steps))}. {told}"
                )
            st.caption(told)
            with st.container(horizontal=True):
                if st.button(
                    say("begin" if progress(lesson).is_new else "open_again" if score else "continue"),
                    type="primary",
                    icon=":material/school:",
                    key=f"begin-{lesson.slug}",
                    help=lesson.title,
                ):
                    _begin(lesson)
                teaching.button(lesson, say("for_teachers"))
    join()
    if found.mistakes:
        with st.expander(say("mistakes", count=len(found.mistakes)), expanded=True):
            for mistake in found.mistakes:
                st.warning(str(mistake), icon=":material/edit_note:")


def _begin(lesson: Lesson) -> None:
    """Open the lesson where the visitor left it."""
    course.begin(lesson)
    state().at = max(progress(lesson).at, 1)
    st.rerun()


def join() -> None:
    """A field for the code that the teacher shows."""
    with st.form("join", border=True):
        typed = st.text_input(say("class_code"), max_chars=12, key="class-code")
        if st.form_submit_button(say("join"), icon=":material/groups:"):
            try:
                enter(find_class(services.runs().root, typed))
            except ClassOver:
                st.warning(say("class_over"), icon=":material/link_off:")


def enter(room: Classroom) -> None:
    """Follow a class: its lesson, its language, its settings."""
    current = state()
    current.lesson, current.at, current.lang, current.code = room.lesson, 1, room.language, room.code
    current.lesson_data, current.lesson_run = following.points_of(room), ""
    st.rerun()
