"""The questions at the end of a lesson: a result, what to look at again, and how to go on."""

from __future__ import annotations

import streamlit as st

from core.lessons.classroom import Classroom, key_of
from core.lessons.lesson import Lesson
from core.lessons.shelf import LessonNotFound, shelf
from pages.parts.lessons import asking, course, following
from pages.parts.lessons.language import arrow, say, spoken
from pages.parts.lessons.progress import Progress
from pages.ui.state import state


def show(lesson: Lesson, mine: Progress, room: Classroom | None) -> None:
    """All questions, or the result when they were answered."""
    if mine.judged:
        _result(lesson, mine)
        return
    number, sample = state().at, course.points(lesson, mine)
    answers, who = {}, following.voter(room)
    for place, question in enumerate(lesson.steps[-1].questions, 1):
        key = key_of(number, place)
        with st.container(border=True):
            st.markdown(f"**{say('question', number=place)}**")
            answers[key] = asking.ask(question, f"{lesson.slug}-{key}", mine.said.get(key), sample)
    if st.button(say("judge"), type="primary", icon=":material/flag:", key="lesson-judge"):
        missing = sum(answer is None for answer in answers.values())
        if missing:
            st.info(say("answer_all", count=missing), icon=":material/info:")
            return
        for key, answer in answers.items():
            if answer is not None:
                mine.said[key] = answer
                following.say(room, who, key, answer)
        mine.judged = True
        st.rerun()


def _result(lesson: Lesson, mine: Progress) -> None:
    questions = lesson.steps[-1].questions
    number = len(lesson.steps)
    verdicts = mine.verdicts(lesson)
    with st.container(key="reveal-result"):
        st.subheader(say("result", right=sum(verdicts), count=len(questions)))
        st.markdown(say("all_right") if all(verdicts) else say("some_right"))
    for place, (question, is_right) in enumerate(zip(questions, verdicts, strict=True), 1):
        with st.container(border=True):
            st.markdown(f"**{say('question', number=place)}** {question.ask}")
            guess = asking.in_words(question, mine.said.get(key_of(number, place)))
            if is_right:
                st.success(guess, icon=":material/check:")
                continue
            right = asking.in_words(question, question.right({}))
            st.warning(f"{say('you_said')} {guess}  \n{say('right_is')} {right}", icon=":material/refresh:")
            look = question.look or 1
            title = lesson.step(look).title
            if st.button(
                say("look_again", number=look, title=title), icon=":material/undo:", key=f"look-{place}"
            ):
                state().at = look
                st.rerun()
    with st.container(horizontal=True):
        _go_on(lesson)
        if st.button(say("once_more"), icon=":material/replay:", key="lesson-judge-again"):
            mine.judged = False
            for place in range(1, len(questions) + 1):
                mine.said.pop(key_of(number, place), None)
            st.rerun()


def _go_on(lesson: Lesson) -> None:
    """The lesson that follows, or the page where one explores freely."""
    if lesson.follows:
        try:
            following_lesson = shelf(spoken()).lesson(lesson.follows)
        except LessonNotFound:
            following_lesson = None
        if following_lesson is not None:
            if st.button(
                say("go_on_with", title=following_lesson.title),
                type="primary",
                icon=arrow(forward=True),
                key="lesson-follow",
            ):
                course.begin(following_lesson)
                state().code = ""
                st.rerun()
            return
    st.page_link("pages/gallery.py", label=say("explore"), icon=":material/bolt:")
