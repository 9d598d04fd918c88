"""How far a visitor has got in a lesson: what they said, what they did, the run that they trained.

It is kept in the session, and by the browser, so that a reload loses nothing. The step is in the URL.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from core.lessons.classroom import fits, key_of
from core.lessons.lesson import Lesson, Question, Said

_KEY = "lessons"
_HEARD = "lessons-heard"  # lessons of which the browser has told what it kept
_LONGEST = 20_000  # letters that a browser may hand back

_component = st.components.v2.component(
    "checkpoint_explorer_lesson",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


@dataclass
class Progress:
    """One visitor's way through one lesson.

    Attributes:
        run: id of the lesson's run, trained by the visitor or found by a link.
        said: question's key to what was said; see `core.lessons.classroom.key_of`.
        skipped: numbers of the steps that the visitor wanted to see without a guess.
        done: numbers of the steps whose action was done.
        repaired: numbers of the steps whose missing line was found, or shown.
        judged: whether the questions at the end were answered for good.
        at: number of the step where the visitor was last; 0 before the first.
    """

    run: str = ""
    said: dict[str, Said] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)
    repaired: set[int] = field(default_factory=set)
    judged: bool = False
    at: int = 0

    def score(self, lesson: Lesson) -> tuple[int, int] | None:
        """How many of the questions at the end were right, of how many; None before they were judged."""
        if not self.judged:
            return None
        verdicts = self.verdicts(lesson)
        return sum(verdicts), len(verdicts)

    def verdicts(self, lesson: Lesson) -> list[bool]:
        """Whether each question at the end was answered right."""
        final = lesson.steps[-1].questions
        keys = [key_of(len(lesson.steps), place) for place in range(1, len(final) + 1)]
        return [
            key in self.said and question.verdict(self.said[key], {}) == "right"
            for key, question in zip(keys, final, strict=True)
        ]

    @property
    def is_new(self) -> bool:
        return self.at < 2 and not (self.said or self.skipped or self.done)

    def take_over(self, before: Progress) -> None:
        """Add what was said and done before the page was reloaded."""
        self.run = self.run or before.run
        self.said = {**before.said, **self.said}
        self.skipped |= before.skipped
        self.done |= before.done
        self.repaired |= before.repaired
        self.judged = self.judged or before.judged
        self.at = self.at or before.at

    def to_text(self) -> str:
        """For the browser."""
        kept = {"run": self.run, "said": self.said, "skipped": sorted(self.skipped)}
        kept |= {"done": sorted(self.done), "repaired": sorted(self.repaired)}
        return json.dumps({**kept, "judged": self.judged, "at": self.at})


def progress(lesson: Lesson) -> Progress:
    """This visitor's way through the lesson."""
    known: dict[str, Progress] = st.session_state.setdefault(_KEY, {})
    return known.setdefault(lesson.slug, Progress())


def remember(lesson: Lesson, language: str, at: int) -> None:
    """Take what the browser has kept, then give it what was said; a new step begins at its top.

    Args:
        at: the step that is shown; 0 for the list.
    """
    heard_of: set[str] = st.session_state.setdefault(_HEARD, set())
    heard = lesson.slug in heard_of
    now = progress(lesson)
    if at:
        now.at = min(max(at, 1), len(lesson.steps))
    data = {
        "lesson": lesson.slug,
        "language": language,
        "at": at,
        "heard": heard,
        "record": now.to_text() if heard else "",
    }
    kept = _component(key=f"lesson-kept-{lesson.slug}", data=data, on_kept_change=lambda: None, height=1).kept
    if not heard and isinstance(kept, str):
        heard_of.add(lesson.slug)
        now.take_over(read(kept, lesson))


def read(text: str, lesson: Lesson) -> Progress:
    """What a browser has kept, as far as it fits the lesson; it may be of an older one, or made up."""
    try:
        kept: Any = json.loads(text) if len(text) <= _LONGEST else {}
    except (ValueError, RecursionError):
        kept = {}
    if not isinstance(kept, dict):
        return Progress()
    found = Progress(run=kept["run"] if isinstance(kept.get("run"), str) else "")
    said = kept.get("said")
    for key, question in questions(lesson).items():
        answer = said.get(key) if isinstance(said, dict) else None
        answer = tuple(answer) if isinstance(answer, list) else answer
        if answer is not None and fits(question, answer):
            found.said[key] = answer
    found.skipped, found.done = _steps(kept.get("skipped"), lesson), _steps(kept.get("done"), lesson)
    found.repaired = _steps(kept.get("repaired"), lesson)
    found.judged = kept.get("judged") is True
    found.at = max(_steps([kept.get("at")], lesson), default=0)
    return found


def _steps(kept: object, lesson: Lesson) -> set[int]:
    """Those numbers that are steps of the lesson."""
    return {n for n in range(1, len(lesson.steps) + 1) if isinstance(kept, list) and n in kept}


def questions(lesson: Lesson) -> dict[str, Question]:
    """Every question of a lesson, by its key."""
    found = {}
    for number, step in enumerate(lesson.steps, 1):
        for place, question in enumerate(step.questions, 1):
            found[key_of(number, place if step.is_final else None)] = question
    return found
