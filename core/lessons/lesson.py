"""A lesson: one Markdown file with questions, actions and reveals, checked when it is loaded.

`docs/lessons.md` tells the format to whoever writes one. Here are its records; `core.lessons.format`
reads a file and finds what is wrong with it, `core.lessons.shelf` knows which lessons there are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from core.lessons.actions import ACTIONS, Action
from core.lessons.facts import Facts, written
from core.lessons.numerals import localized
from core.settings import DataSettings, TrainSettings
from core.words import as_code

WORDS_PER_MINUTE = 200
PLACEHOLDER = re.compile(r"\{(\w+)\}")
_QUOTED = re.compile(r"`\{(\w+)\}`")  # a message may hold backquotes of its own

Kind = Literal["choice", "number", "ticking", "sketch", "dict"]
KINDS: tuple[Kind, ...] = ("choice", "number", "ticking", "sketch")
Said = int | float | tuple[int | float, ...]  # see `Question`


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen or ticked, whether it is right, and why not where the file says so."""

    text: str
    right: bool
    why: str = ""


@dataclass(frozen=True)
class Question:
    """One question of a step.

    What a learner says to it is, by kind: "choice" the option's place from 0, "number" a number, "ticking"
    the places of what is ticked, "sketch" h and v.

    Attributes:
        kind: one of `KINDS`; "dict" only of a repair, where the learner types a dict of names to variables.
        ask: the question, in Markdown.
        options: of a choice or a ticking.
        answer: what is right: numbers, or names of facts in braces; empty where options are marked.
        unit: of a number, in words.
        close: how far from a number (or from h and v) still counts as close.
        look: number of the step to look at again; None while learning.
    """

    kind: Kind
    ask: str
    options: tuple[Option, ...] = ()
    answer: tuple[str, ...] = ()
    unit: str = ""
    close: float = 0.0
    look: int | None = None

    def localized(self, digits: str) -> Question:
        """The same in a language's digits."""
        options = tuple(
            replace(each, text=localized(each.text, digits), why=localized(each.why, digits))
            if self.kind == "choice"
            else each
            for each in self.options
        )
        return replace(self, ask=localized(self.ask, digits), options=options)

    def right(self, facts: Facts) -> Said | None:
        """What is right, as far as it is known from what happened; None when a fact is missing."""
        if self.kind == "choice":
            return next(place for place, option in enumerate(self.options) if option.right)
        if self.kind == "ticking":
            return self._ticked(facts)
        numbers = []
        for text in self.answer:
            found = facts.get(text.strip("{}")) if PLACEHOLDER.fullmatch(text) else float(text)
            if not isinstance(found, int | float):
                return None
            numbers.append(float(found))
        return numbers[0] if self.kind == "number" else (numbers[0], numbers[1])

    def _ticked(self, facts: Facts) -> tuple[int, ...] | None:
        if not self.answer:
            return tuple(place for place, option in enumerate(self.options) if option.right)
        names = facts.get(self.answer[0].strip("{}"))
        if not isinstance(names, tuple):
            return None
        return tuple(place for place, option in enumerate(self.options) if option.text.strip("`") in names)

    def verdict(self, said: Said, facts: Facts) -> Literal["right", "close", "other"]:
        """How what a learner said compares with what is right.

        Raises:
            ValueError: a fact is missing.
        """
        right = self.right(facts)
        if right is None:
            raise ValueError(f"what is right is not known yet: {self.answer}")
        if self.kind == "choice" or self.kind == "ticking":
            return "right" if said == right else "other"
        pairs = [(said, right)] if self.kind == "number" else zip(said, right, strict=True)  # type: ignore[arg-type]
        gap = max(abs(float(each) - float(wanted)) for each, wanted in pairs)  # type: ignore[arg-type]
        if self.kind == "sketch":  # nobody hits both to the digit
            return "right" if gap <= self.close else "other"
        return "right" if gap < 1e-9 else "close" if gap <= self.close else "other"


@dataclass(frozen=True)
class Deed:
    """What a step lets the learner do: the name of one of `ACTIONS`, and its parameters."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def action(self) -> Action:
        return ACTIONS[self.name]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that doing it gives."""
        return self.action.facts_of(self.parameters)


@dataclass(frozen=True)
class Step:
    """One step: words, a question, something to do, and what it showed.

    Attributes:
        title, text: its heading, and the Markdown below it.
        questions: none or one; several in the last step, which gives a result.
        deed: what the learner does; None when there is nothing to do.
        reveal: Markdown with names of facts in braces.
        code: the lines that did it, which may name facts too; empty when there are none.
        words: terms of the glossary that it explains.
        repair: which line is missing, asked between what failed and the fix; None where nothing fails.
        diagram: situation and what to use, in Markdown, in order.
    """

    title: str
    text: str
    questions: tuple[Question, ...] = ()
    deed: Deed | None = None
    reveal: str = ""
    code: str = ""
    words: tuple[str, ...] = ()
    repair: Question | None = None
    diagram: tuple[tuple[str, str], ...] = ()

    def localized(self, digits: str) -> Step:
        """The same in a language's digits; the reveal waits for its facts."""
        return replace(
            self,
            title=localized(self.title, digits),
            text=localized(self.text, digits),
            questions=tuple(each.localized(digits) for each in self.questions),
            repair=self.repair and self.repair.localized(digits),
            diagram=tuple((localized(a, digits), localized(b, digits)) for a, b in self.diagram),
        )

    @property
    def length(self) -> int:
        """How many words and pieces of code there are to read, the options of each question included."""
        asked = (*self.questions, *filter(None, (self.repair,)))
        read = [self.title, self.text, self.reveal, *(word for line in self.diagram for word in line)]
        read += [text for each in asked for text in (each.ask, *(option.text for option in each.options))]
        return sum(len(text.split()) for text in read)

    @property
    def is_final(self) -> bool:
        """Whether it is the questions at the end."""
        return len(self.questions) > 1

    def revealed(self, facts: Facts, digits: str = "") -> str:
        """The reveal with what really happened, in the language's digits."""
        quoted = _QUOTED.sub(lambda found: as_code(written(facts[found[1]])), self.reveal)
        return localized(PLACEHOLDER.sub(lambda found: written(facts[found[1]]), quoted), digits)

    def coded(self, facts: Facts) -> str:
        """The code with what really happened; braces that name no fact are Python's own."""
        return PLACEHOLDER.sub(
            lambda found: written(facts[found[1]]) if found[1] in facts else found[0], self.code
        )


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        slug: its name in links: the file's name without ".md".
        language: such as "en"; empty when it is offered in every language.
        title, about: for the list of lessons.
        seconds: how long its experiments take, measured.
        data, train: what its run is made from.
        follows: slug of the lesson to go on with; empty for none.
        steps: in order; a step's number counts from 1.
    """

    slug: str
    language: str
    title: str
    about: str
    seconds: int
    data: DataSettings
    train: TrainSettings
    follows: str
    steps: tuple[Step, ...]

    def localized(self, digits: str) -> Lesson:
        """The same in a language's digits."""
        return replace(
            self,
            title=localized(self.title, digits),
            about=localized(self.about, digits),
            steps=tuple(each.localized(digits) for each in self.steps),
        )

    @property
    def minutes(self) -> int:
        """How long it takes to read all of it and to run its experiments."""
        read = sum(step.length for step in self.steps) / WORDS_PER_MINUTE
        return math.ceil(read + self.seconds / 60)

    def step(self, number: int) -> Step:
        """The step of this number, from 1; the nearest where there is none."""
        return self.steps[min(max(number, 1), len(self.steps)) - 1]


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with a lesson's file."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.sentence}"
