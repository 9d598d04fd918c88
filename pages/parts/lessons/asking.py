"""A question: the widgets to answer it, and in words what was said and what is right."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.data import Sample
from core.figures.sample import add_parabola, points_figure
from core.lessons.facts import Facts
from core.lessons.lesson import Question, Said
from core.lessons.numerals import localized
from pages.parts.lessons.language import say
from pages.ui import chart


def ask(question: Question, key: str, said: Said | None, sample: Sample) -> Said | None:
    """The widgets of one question; what they say now, None while nothing was chosen."""
    st.markdown(question.ask)
    places = list(range(len(question.options)))
    if question.kind == "choice":
        return st.radio(
            say("choose"),
            places,
            index=said if isinstance(said, int) else None,
            format_func=lambda place: question.options[place].text,
            key=f"choice-{key}",
            label_visibility="collapsed",
        )
    if question.kind == "ticking":
        before = said if isinstance(said, tuple) else ()
        ticked = [
            place
            for place in places
            if st.checkbox(question.options[place].text, place in before, key=f"tick-{key}-{place}")
        ]
        return tuple(ticked)
    if question.kind == "number":
        label = say("number_in", unit=question.unit) if question.unit else say("number")
        start = said if isinstance(said, int | float) else None
        return st.number_input(
            label, value=start, step=1.0, format="%g", placeholder="?", key=f"number-{key}"
        )
    return _sketch(key, said, sample)


def bounds(sample: Sample) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the lowest point may be put: the ends of h, and those of v."""
    bottom = float(np.floor(min(sample.y.min(), -1))) - 2
    across = float(np.floor(sample.x.min())), float(np.ceil(sample.x.max()))
    return across, (bottom, max(bottom + 8, 1.0, float(np.ceil(sample.y.min())) + 2))


def _sketch(key: str, said: Said | None, sample: Sample) -> Said:
    """Two sliders and the parabola that they draw through the points."""
    before = said if isinstance(said, tuple) and len(said) == 2 else (0.0, 0.0)
    (low, high), (bottom, top) = bounds(sample)
    left, right = st.columns(2)
    h = left.slider(
        say("sketch_h"), low, high, float(np.clip(before[0], low, high)), 0.1, key=f"sketch-h-{key}"
    )
    v = right.slider(
        say("sketch_v"), bottom, top, float(np.clip(before[1], bottom, top)), 0.1, key=f"sketch-v-{key}"
    )
    curves(sample, [(say("your_curve"), h, v, "guess")], f"sketch-{key}")
    return h, v


def curves(sample: Sample, drawn: list[tuple[str, float, float, str]], key: str) -> None:
    """Parabolas over the points: (name, h, v, "fit" or "guess") each."""
    figure = points_figure(sample, say("points"), 320)
    for name, h, v, kind in drawn:
        add_parabola(figure, sample, h, v, name, kind)
    low = min(float(sample.y.min()), *(v for _, _, v, _ in drawn)) - 1
    figure.update_yaxes(range=[low, float(sample.y.max()) + 1])
    chart.show(figure, f"curves-{key}", "curves")


def in_words(question: Question, said: Said | None) -> str:
    """What was said, or what is right, in Markdown."""
    if said is None:
        return say("no_guess")
    if question.kind == "choice" and isinstance(said, int):
        return question.options[said].text
    if question.kind == "ticking" and isinstance(said, tuple):
        return f"{say('comma')} ".join(question.options[int(place)].text for place in said) or say(
            "nothing_ticked"
        )
    if isinstance(said, tuple):
        return f"`h = {said[0]:.3g}`{say('comma')} `v = {said[1]:.3g}`"
    return localized(f"{said:,g} {question.unit}".strip(), say("digits"))


def compare(question: Question, said: Said | None, facts: Facts, title: str = "what_happened") -> None:
    """What was said beside what happened."""
    right = question.right(facts)
    left, middle = st.columns(2)
    left.markdown(f"**{say('your_guess')}**\n\n{in_words(question, said)}")
    answer = "–" if right is None else in_words(question, right)
    middle.markdown(f"**{say(title)}**\n\n{answer}")
    if said is None or right is None:
        return
    verdict = question.verdict(said, facts)
    (st.success if verdict == "right" else st.info)(
        say(verdict), icon=":material/check:" if verdict == "right" else ":material/lightbulb:"
    )
