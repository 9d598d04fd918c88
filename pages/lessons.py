"""Lessons: a guided way through, a question before every answer, alone or as a class."""

import streamlit as st

from core.lessons.shelf import LessonNotFound, shelf
from pages.parts.lessons import choosing, following, step, teaching
from pages.parts.lessons.language import reading, say, spoken
from pages.parts.lessons.progress import remember
from pages.ui import frame
from pages.ui.plain import code
from pages.ui.state import state

frame.require()

with reading():
    current, found = state(), shelf(spoken())
    lesson = None
    if current.lesson:
        try:
            lesson = found.lesson(current.lesson)
        except LessonNotFound:
            unknown, current.lesson = code(current.lesson), ""
            following.tell(say("no_lesson", name=unknown))
    room = following.classroom()
    with st.container(key="page-title"):
        st.title(lesson.title if lesson else say("title"), anchor=False)
    following.told()
    top = st.container(horizontal=True, vertical_alignment="center")
    with top:
        choosing.language()
    if lesson is None:
        choosing.show(found)
    else:
        remember(lesson, spoken(), current.at)
        teaches = room is not None and following.is_teacher(room)
        if teaches:
            following.arrive(room, current.at)
            st.session_state.setdefault("class-view", True)
        with top:
            projected = teaches and st.toggle(say("class_view"), key="class-view")
            if room is None:
                teaching.offer(lesson)
        if room is not None and projected:
            teaching.show(room, lesson)
        else:
            if room is not None and not teaches:
                st.caption(say("in_class", code=room.code))
            step.show(lesson, room)
