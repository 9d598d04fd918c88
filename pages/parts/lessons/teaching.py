"""A class from the teacher's side, for the projector: vote, discuss, vote again, then the answer."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

import plotly.graph_objects as go
import segno
import streamlit as st

from core.data import make_sample
from core.figures.style import styled
from core.lessons.classroom import ClassOver, Classroom, Phase, Pupils, fits, key_of, open_class
from core.lessons.lesson import Lesson, Question, Said
from core.palette import colour
from pages.parts.lessons import asking, course
from pages.parts.lessons.language import STYLE, label, say, spoken
from pages.ui import chart, frame, links, services
from pages.ui.download import download
from pages.ui.state import state

SECONDS = 2.0  # between two looks at the class


def offer(lesson: Lesson) -> None:
    """What a class is, and the button that opens one for the lesson."""
    with st.popover(say("for_teachers"), icon=":material/groups:"):
        st.markdown(say("about_class"))
        button(lesson, say("open_class"))


def button(lesson: Lesson, words: str) -> None:
    """Opens a class for the lesson, with the points that the teacher's link names."""
    if st.button(words, icon=":material/groups:", key=f"open-class-{lesson.slug}", help=lesson.title):
        settings = links.changed(course.data_of(lesson))
        room = open_class(services.runs().root, lesson.slug, spoken(), services.owner(), settings)
        if state().lesson != lesson.slug:
            course.begin(lesson)
        state().code = room.code
        st.session_state["class-view"] = True
        st.rerun()


def show(room: Classroom, lesson: Lesson) -> None:
    """The class, live."""
    st.fragment(_live, run_every=SECONDS)(room, lesson)


def link_to(room: Classroom) -> str:
    """The link that learners follow."""
    here = urlsplit(st.context.url or "http://localhost:8501/lessons")
    parts = {"lesson": room.lesson, "at": "1", "lang": room.language, **dict(room.settings)}
    return f"{here.scheme}://{here.netloc}{here.path}?{urlencode({**parts, 'class': room.code})}"


def _live(room: Classroom, lesson: Lesson) -> None:
    with frame.guarded("Lessons"):
        try:
            pupils = room.pupils()
        except ClassOver:
            st.info(say("class_over"), icon=":material/event_busy:")
            return
        if not pupils.count:
            _way_in(room)
        left, right = st.columns([4, 1]) if pupils.count else (st.container(), None)
        with left:
            st.subheader(say("learners", count=pupils.count))
            number = _chosen(room, lesson, pupils)
            step = lesson.step(number)
            for place, question in enumerate(step.questions, 1):
                _question(room, lesson, question, key_of(number, place if step.is_final else None), pupils)
            st.markdown(f"**{say('who_is_where')}**")
            titles = enumerate(lesson.steps, 1)
            _bars({label(f"{place}. {each.title}"): pupils.at.get(place, 0) for place, each in titles})
        if right is not None:
            with right:
                _way_in(room, small=True)
        _end(room, lesson, pupils)


def _way_in(room: Classroom, *, small: bool = False) -> None:
    """Code, link and QR code; small and in a corner once somebody has come."""
    link = link_to(room)
    image = segno.make(link, error="m").svg_data_uri(scale=8, border=3, dark="#000", light="#fff")
    name = escape(f"{say('qr')}: {link}", quote=True)
    picture = f"<img class='ce-qr' src='{escape(image, quote=True)}' alt='{name}'>"
    code = f"<div class='ce-code{' ce-small' if small else ''}'>{escape(room.code)}</div>"
    if small:
        st.html(f"{STYLE}{code}{picture}")
        return
    left, right = st.columns([3, 2])
    with left:
        st.markdown(f"**{say('class_code')}**")
        st.html(f"{STYLE}{code}")
        st.code(link, language=None, wrap_lines=True)
        st.markdown(say("follow_link"))
        if (urlsplit(link).hostname or "localhost") in ("localhost", "127.0.0.1", "::1"):
            st.info(say("localhost"), icon=":material/wifi_off:")
    right.html(f"{STYLE}{picture}")


def _chosen(room: Classroom, lesson: Lesson, pupils: Pupils) -> int:
    """The step whose question is shown: where most of the class is, unless the teacher chose another."""
    asked = [number for number, step in enumerate(lesson.steps, 1) if step.questions]
    here = max((number for number in asked if number <= pupils.step), default=asked[0])
    if pupils.lead and pupils.lead[1] != "answer":
        here = int(pupils.lead[0].partition(".")[0])  # a vote that has begun stays in sight
    titles = {number: label(f"{number}. {lesson.step(number).title}") for number in asked}
    chosen = st.selectbox(
        say("which_step"),
        [0, *asked],
        format_func=lambda number: titles[number] if number else say("follows", title=titles[here]),
        key=f"class-step-{room.code}",
    )
    return chosen or here


def _question(room: Classroom, lesson: Lesson, question: Question, key: str, pupils: Pupils) -> None:
    """One question: who has voted, how, and what the teacher does next."""
    st.markdown(f"### {question.ask}")
    phase = pupils.phase(key)
    votes = [pupils.votes(key, question)]
    if key in pupils.again or phase == "again":
        votes.append(pupils.votes(key, question, again=True))
    said = (pupils.again if phase == "again" else pupils.said).get(key, ())
    st.markdown(say("answered", count=len(said), all=max(len(said), pupils.count)))
    shown = phase == "answer"
    known = question.right({})
    right = (pupils.right.get(key) if known is None else known) if shown else None
    if right is not None and not fits(question, right):
        right = None
    if phase is not None:
        if question.kind == "sketch":
            _places(lesson, key, pupils, right)
        else:
            _votes(question, votes, right)
    if shown:
        if right is None and not any(option.right for option in question.options):
            st.markdown(say("right_comes"))
        elif right is not None:
            st.success(f"{say('right_is')} {asking.in_words(question, right)}", icon=":material/check:")
    with st.container(horizontal=True):
        if phase is None:
            _does(room, key, "vote", "start_vote", first=True)
        if phase == "vote":
            _does(room, key, "again", "second_vote")
        if phase != "answer":
            _does(room, key, "answer", "show_answer", first=phase is not None)


def _does(room: Classroom, key: str, phase: Phase, does: str, *, first: bool = False) -> None:
    """A button that takes the question one phase on."""
    if st.button(say(does), type="primary" if first else "secondary", key=f"class-{phase}-{key}"):
        room.ask(key, phase)
        st.rerun(scope="fragment")


def _votes(question: Question, votes: list[dict[str, int]], right: Said | None) -> None:
    """The votes, the second beside the first; what is right is marked when it is to be seen."""
    marked: set[str] = set()
    if question.kind == "number":
        names = {float(name) for each in votes for name in each}
        if isinstance(right, int | float):
            names.add(float(right))
            marked = {f"{right:g}"}
        votes = [{f"{name:g}": each.get(f"{name:g}", 0) for name in sorted(names)} for each in votes]
    elif right is not None:
        places = right if isinstance(right, tuple) else (right,)
        marked = {question.options[int(place)].text for place in places}
    if len(votes) == 1:
        _bars(votes[0], marked)
        return
    for column, title, counts in zip(st.columns(2), ("first_vote", "second_vote_is"), votes, strict=True):
        with column:
            st.markdown(f"**{say(title)}**")
            _bars(counts, marked)


def _places(lesson: Lesson, key: str, pupils: Pupils, right: Said | None) -> None:
    """Where everybody put the lowest point, and where it is; the axes are those of their sliders."""
    across, up = asking.bounds(make_sample(course.data_of(lesson)))
    figure = styled(go.Figure(), 360)
    figure.update_xaxes(title="h", range=across).update_yaxes(title="v", range=up)
    for name, said, kind in (("first_vote", pupils.said, "guess"), ("second_vote_is", pupils.again, "data")):
        if places := [each for each in said.get(key, ()) if isinstance(each, tuple) and len(each) == 2]:
            h, v = zip(*places, strict=True)
            marker = {"color": colour(kind), "size": 14, "opacity": 0.6}
            figure.add_scatter(x=h, y=v, mode="markers", name=say(name), marker=marker)
    if isinstance(right, tuple):
        marker = {"color": colour("fit"), "size": 20, "symbol": "x"}
        figure.add_scatter(x=right[:1], y=right[1:], mode="markers", name=say("right_here"), marker=marker)
    chart.show(figure, f"class-places-{key}", "votes")


def _bars(counts: dict[str, int], right: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Counts as bars, each with its number; what is right carries a mark."""
    most = max([*counts.values(), 1])
    rows = "".join(
        f"<div>{'✓ ' if name in right else ''}{escape(label(name).replace('`', ''))}</div>"
        f"<div class='ce-bar{' ce-right' if name in right else ''}' "
        f"style='width:{100 * count / most:.0f}%'></div><div>{label(str(count))}</div>"
        for name, count in counts.items()
    )
    st.html(f"{STYLE}<div class='ce-bars'>{rows}</div>")


def _end(room: Classroom, lesson: Lesson, pupils: Pupils) -> None:
    """The votes to take along, and the end of the class."""
    with st.container(horizontal=True):
        download(say("download_votes"), pupils.to_csv(lesson), f"class-{room.code}.csv", "class-csv")
        with st.popover(say("end_class"), icon=":material/event_busy:"):
            st.markdown(say("about_end"))
            if st.button(say("end_class"), key="end-class"):
                room.end()
                state().code = ""
                st.rerun()
