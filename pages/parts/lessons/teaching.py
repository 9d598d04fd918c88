"""A class from the teacher's side, for the projector: who is where, and what they predicted."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from core.lessons.classroom import ClassOver, Classroom, Pupils, key_of, open_class
from core.lessons.lesson import Lesson, Question
from pages.parts.lessons import course
from pages.parts.lessons.language import STYLE, say, spoken
from pages.ui import frame, links, services
from pages.ui.plain import sentence
from pages.ui.state import state

SECONDS = 2.0  # between two looks at the class


def offer(lesson: Lesson) -> None:
    """A button that opens a class for the lesson."""
    with st.popover(say("for_teachers"), icon=":material/groups:"):
        st.markdown(say("about_class"))
        if st.button(say("open_class"), type="primary", icon=":material/add:", key="open-class"):
            settings = links.changed(course.data_of(lesson))
            room = open_class(services.runs().root, lesson.slug, spoken(), services.owner(), settings)
            state().code = room.code
            st.session_state["class-view"] = True
            st.rerun()


def show(room: Classroom, lesson: Lesson) -> None:
    """Code, link and QR code; then the class, live."""
    left, right = st.columns([3, 2])
    link = link_to(room)
    with left:
        st.markdown(f"**{say('class_code')}**")
        st.html(f"{STYLE}<div class='ce-code'>{escape(room.code)}</div>")
        st.code(link, language=None, wrap_lines=True)
        st.markdown(say("follow_link"))
        if (urlsplit(link).hostname or "localhost") in ("localhost", "127.0.0.1", "::1"):
            st.info(say("localhost"), icon=":material/wifi_off:")
    with right:
        image = segno.make(link, error="m").svg_data_uri(scale=8, border=3, dark="#000", light="#fff")
        name = escape(f"{say('qr')}: {link}", quote=True)
        st.html(f"{STYLE}<img class='ce-qr' src='{escape(image, quote=True)}' alt='{name}'>")
    titles = {number: f"{number}. {step.title}" for number, step in enumerate(lesson.steps, 1)}
    asked = [number for number, step in enumerate(lesson.steps, 1) if step.questions]
    chosen = st.selectbox(
        say("which_step"), asked, format_func=lambda number: titles[number], key=f"class-step-{room.code}"
    )
    shown = st.toggle(say("show_answers"), key=f"class-shown-{room.code}-{chosen}")
    st.fragment(_live, run_every=SECONDS)(room, lesson, chosen or asked[0], shown)


def link_to(room: Classroom) -> str:
    """The link that learners follow."""
    here = urlsplit(st.context.url or "http://localhost:8501/lessons")
    parts = {"lesson": room.lesson, "at": "1", "lang": room.language, **dict(room.settings)}
    return f"{here.scheme}://{here.netloc}{here.path}?{urlencode({**parts, 'class': room.code})}"


def _live(room: Classroom, lesson: Lesson, number: int, shown: bool) -> None:
    with frame.guarded("Lessons"):
        try:
            pupils = room.pupils()
        except ClassOver as error:
            st.info(sentence(error), icon=":material/event_busy:")
            return
        st.subheader(say("learners", count=pupils.count))
        steps = {
            f"{place}. {step.title}": pupils.at.get(place, 0) for place, step in enumerate(lesson.steps, 1)
        }
        step = lesson.step(number)
        for place, question in enumerate(step.questions, 1):
            _question(question, key_of(number, place if step.is_final else None), pupils, shown)
        st.markdown(f"**{say('who_is_where')}**")
        _bars(steps, set())


def _question(question: Question, key: str, pupils: Pupils, shown: bool) -> None:
    """One question: how many have answered, and how, when the teacher wants it seen."""
    st.markdown(f"### {question.ask}")
    votes = pupils.votes(key, question)
    answered = len(pupils.said.get(key, ()))
    st.markdown(say("answered", count=answered, all=max(answered, pupils.count)))
    if shown:
        _bars(votes, {option.text for option in question.options if option.right})


def _bars(counts: dict[str, int], right: set[str]) -> None:
    """Counts as bars, each with its number; what is right carries a mark."""
    most = max([*counts.values(), 1])
    rows = "".join(
        f"<div>{'✓ ' if name in right else ''}{escape(name.replace('`', ''))}</div>"
        f"<div class='ce-bar{' ce-right' if name in right else ''}' "
        f"style='width:{100 * count / most:.0f}%'></div><div>{count}</div>"
        for name, count in counts.items()
    )
    st.html(f"{STYLE}<div class='ce-bars'>{rows}</div>")
