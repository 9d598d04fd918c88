"""One step of a lesson: words, a question, something to do, and then what happened beside the guess."""

from __future__ import annotations

import streamlit as st

from core.lessons.classroom import Classroom, Phase, key_of
from core.lessons.facts import Facts
from core.lessons.lesson import Lesson, Step
from core.lessons.shelf import explanation
from pages.parts.lessons import asking, course, ending, following, teaching
from pages.parts.lessons.acting import act
from pages.parts.lessons.language import arrow, label, say, spoken, views
from pages.parts.lessons.progress import Progress, progress
from pages.ui.links import publish
from pages.ui.state import state


def show(lesson: Lesson, room: Classroom | None) -> None:
    """The step that the visitor is at."""
    current = state()
    current.at = number = min(max(current.at, 1), len(lesson.steps))
    step, mine = lesson.step(number), progress(lesson)
    following.arrive(room, number)
    st.progress(number / len(lesson.steps), say("step_of", number=number, count=len(lesson.steps)))
    st.header(step.title, anchor=False)
    if step.text:
        st.markdown(step.text)
    if step.words:
        with st.popover(
            say("words_of", terms=f"{say('comma')} ".join(map(label, step.words))),
            icon=":material/menu_book:",
            type="tertiary",
        ):
            for term in step.words:
                st.markdown(explanation(term, spoken()))
    if step.is_final:
        ending.show(lesson, mine, room)
        _buttons(lesson, step, ready=False)
        return
    facts = _facts(lesson, step, number, mine, room)
    _buttons(lesson, step, ready=facts is not None)


def _facts(lesson: Lesson, step: Step, number: int, mine: Progress, room: Classroom | None) -> Facts | None:
    """Ask, let the learner do it, and the facts of it; None while there is still something to do."""
    key = key_of(number)
    if step.questions and key not in mine.said and number not in mine.skipped | mine.done:
        _ask(lesson, step, number, mine, room)
        return None
    if step.questions and _held(lesson, step, number, mine, room):
        return None
    if step.questions:
        question = step.questions[0]
        st.markdown(question.ask)
        guess = asking.in_words(question, mine.said.get(key))
        before = st.empty()  # until the guess is beside what happened
        before.markdown(f"**{say('your_guess')}:** {guess}")
    above = st.container()  # the answer is above what was looked at
    facts: Facts | None = {}
    if step.deed is not None:
        with views():
            facts = act(step.deed, lesson, mine, number)
    if facts is not None:
        if step.questions:
            before.empty()
        if step.questions and step.questions[0].answer:
            following.tell_right(room, key, step.questions[0].right(facts))
        with above:
            _reveal(lesson, step, number, mine, facts)
    return facts


def _ask(
    lesson: Lesson,
    step: Step,
    number: int,
    mine: Progress,
    room: Classroom | None,
    *,
    skippable: bool = True,
) -> None:
    """The question before the answer; nobody is held who would rather not guess, but by the teacher."""
    question, key, who = step.questions[0], key_of(number), following.voter(room)
    sample = course.points(lesson, mine)
    with st.container(border=True):
        said = asking.ask(question, f"{lesson.slug}-{key}", None, sample)
        with st.container(horizontal=True):
            guessed = st.button(say("guess"), type="primary", icon=":material/check:", key=f"guess-{number}")
            skipped = skippable and st.button(say("skip"), key=f"skip-{number}")
        if guessed and said is None:
            st.info(say("choose_first"), icon=":material/info:")
        elif guessed and said is not None:
            mine.said[key] = said
            following.say(room, who, key, said)
            if room is not None:
                st.session_state.setdefault("class-told", set()).add(f"{room.code} {key}")
            st.rerun()
        elif skipped:
            mine.skipped.add(number)
            st.rerun()


def _held(lesson: Lesson, step: Step, number: int, mine: Progress, room: Classroom | None) -> bool:
    """Whether the class waits for its teacher: a vote comes before the answer, and may be taken twice."""
    key, question = key_of(number), step.questions[0]
    phase = following.phase(room, key)
    if room is None or phase not in ("vote", "again"):
        return False
    who = following.voter(room)
    voted: set[str] = st.session_state.setdefault("class-voted-again", set())
    told: set[str] = st.session_state.setdefault("class-told", set())
    place = f"{room.code} {key}"
    if phase == "again" and place not in voted:
        st.markdown(f"**{say('vote_again')}**")
        with st.container(border=True):
            before, sample = mine.said.get(key), course.points(lesson, mine)
            said = asking.ask(question, f"{lesson.slug}-{key}-again", before, sample)
            if st.button(say("vote"), type="primary", icon=":material/check:", key=f"again-{number}"):
                if said is not None:
                    mine.said[key] = said
                    voted.add(place)
                    following.say(room, who, key, said, again=True)
                    st.rerun()
                st.info(say("choose_first"), icon=":material/info:")
        return True
    if key in mine.said:
        if phase == "vote" and place not in told:  # predicted before this class, or in an earlier visit
            told.add(place)
            following.say(room, who, key, mine.said[key])
        st.markdown(question.ask)
        st.markdown(f"**{say('your_guess')}:** {asking.in_words(question, mine.said[key])}")
        st.info(say("wait_for_teacher"), icon=":material/forum:")
    else:
        _ask(lesson, step, number, mine, room, skippable=False)  # passed over before the teacher asked
    st.fragment(_waits, run_every=teaching.SECONDS)(room, key, phase)
    return True


def _waits(room: Classroom, key: str, before: Phase) -> None:
    """Go on as soon as the teacher does."""
    if following.phase(room, key) != before:
        st.rerun()


def _reveal(lesson: Lesson, step: Step, number: int, mine: Progress, facts: Facts) -> None:
    """What really happened, beside the guess, and the line of code that did it."""
    with st.container(border=True, key=f"reveal-{number}"):
        if step.questions:
            question, said = step.questions[0], mine.said.get(key_of(number))
            asking.compare(question, said, facts, "what_happened" if step.deed else "right_is")
            right = question.right(facts)
            if question.kind == "sketch" and isinstance(right, tuple):
                sample = course.points(lesson, mine)
                drawn = [(say("what_happened"), right[0], right[1], "fit")]
                if isinstance(said, tuple):
                    drawn.append((say("your_curve"), said[0], said[1], "guess"))
                asking.curves(sample, drawn, f"shown-{lesson.slug}-{number}")
        if step.repair is not None and number not in mine.repaired:
            st.markdown(say("find_line"))
            return
        if step.reveal:
            st.markdown(step.revealed(facts, say("digits")))
        if step.code:
            st.code(step.coded(facts), language="python", wrap_lines=True)
        if step.diagram:
            _diagram(step)


def _diagram(step: Step) -> None:
    """Each situation with an arrow to what to use."""
    with st.container(key="lesson-diagram"):
        for when, use in step.diagram:
            left, middle, right = st.columns([5, 1, 5], vertical_alignment="center")
            left.container(border=True).markdown(when)
            middle.markdown(arrow(forward=True))
            right.container(border=True).markdown(use)


def _buttons(lesson: Lesson, step: Step, *, ready: bool) -> None:
    """Back, next, all steps, and a way out to the full page."""
    current = state()
    with st.container(horizontal=True, vertical_alignment="center"):
        if current.at > 1:
            st.button(
                say("back"),
                icon=arrow(forward=False),
                key="lesson-back",
                on_click=go,
                args=(current.at - 1,),
            )
        if current.at < len(lesson.steps):
            st.button(
                say("next"),
                type="primary" if ready else "secondary",
                icon=arrow(forward=True),
                key="lesson-next",
                on_click=go,
                args=(current.at + 1,),
            )
        with st.popover(say("all_steps"), icon=":material/toc:"):
            for number, each in enumerate(lesson.steps, 1):
                here = number == current.at
                st.button(
                    label(f"{number}. {each.title}"),
                    disabled=here,
                    key=f"lesson-step-{number}",
                    on_click=go,
                    args=(number,),
                )
        if step.deed is not None:
            # The lesson's run takes the place of the visitor's own only where they follow the link.
            run = course.run_of(lesson, progress(lesson)) if step.deed.action.trained else None
            st.page_link(
                f"pages/{step.deed.action.page}.py",
                label=say("full_page"),
                icon=":material/open_in_new:",
                query_params={"run": run.id} if run else None,
            )
        if st.button(say("other_lessons"), icon=":material/school:", key="lesson-leave"):
            leave()


def go(number: int) -> None:
    """To another step of the lesson; called before the page is drawn for it."""
    state().at = number
    publish()  # the step itself may take a while to draw: a reload meanwhile stays there


def leave() -> None:
    """Back to the list of lessons; a class is left too."""
    current = state()
    current.lesson, current.at, current.code = "", 1, ""
    st.rerun()
