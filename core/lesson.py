"""A lesson: one Markdown file with questions, actions and reveals, checked when it is loaded.

`docs/lessons.md` tells the format to whoever writes one. Here are the records, and which lessons there are;
`core.lesson_format` reads a file and finds what is wrong with it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from core import environment
from core.lesson_actions import ACTIONS, Action, Facts, written
from core.settings import DataSettings, TrainSettings
from core.storage import read_own

FOLDER = Path(__file__).parents[1] / "lessons"
WORDS = "words.ini"
LARGEST = 1 << 20  # bytes of one lesson
FIRST_LANGUAGE = "en"
PLACEHOLDER = re.compile(r"\{(\w+)\}")

_LOADING = threading.Lock()

Kind = Literal["choice", "number", "ticking", "sketch"]
KINDS: tuple[Kind, ...] = ("choice", "number", "ticking", "sketch")
Said = int | float | tuple[int, ...] | tuple[float, float]  # see `Question`


class LessonNotFound(LookupError):
    """No lesson has this name."""


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen or ticked; whether the file marks it as right."""

    text: str
    right: bool


@dataclass(frozen=True)
class Question:
    """One question of a step.

    What a learner says to it is, by kind: "choice" the option's place from 0, "number" a number, "ticking"
    the places of what is ticked, "sketch" h and v.

    Attributes:
        kind: one of `KINDS`.
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
        code: the one line of code; empty when there is none.
    """

    title: str
    text: str
    questions: tuple[Question, ...] = ()
    deed: Deed | None = None
    reveal: str = ""
    code: str = ""

    @property
    def is_final(self) -> bool:
        """Whether it is the questions at the end."""
        return len(self.questions) > 1

    def revealed(self, facts: Facts) -> str:
        """The reveal with what really happened."""
        return PLACEHOLDER.sub(lambda found: written(facts[found[1]]), self.reveal)


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        slug: its name in links: the file's name without ".md".
        language: such as "en"; empty when it is offered in every language.
        title, about: for the list of lessons.
        minutes: how long it takes.
        data, train: what its run is made from.
        follows: slug of the lesson to go on with; empty for none.
        steps: in order; a step's number counts from 1.
    """

    slug: str
    language: str
    title: str
    about: str
    minutes: int
    data: DataSettings
    train: TrainSettings
    follows: str
    steps: tuple[Step, ...]

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


@dataclass(frozen=True)
class Shelf:
    """The lessons of one language, in their order, and what is wrong with files that are not among them."""

    lessons: tuple[Lesson, ...]
    mistakes: tuple[Mistake, ...]

    def lesson(self, slug: str) -> Lesson:
        """The lesson of this name.

        Raises:
            LessonNotFound: there is none.
        """
        for each in self.lessons:
            if each.slug == slug:
                return each
        known = ", ".join(each.slug for each in self.lessons) or "none"
        raise LessonNotFound(f"There is no lesson {slug[:40]!r} here. The lessons are: {known}.")


def languages() -> tuple[str, ...]:
    """The languages that there are: each is a folder of `lessons/` with its words; English first."""
    found = sorted(path.parent.name for path in FOLDER.glob(f"*/{WORDS}"))
    return tuple(sorted(found, key=lambda each: each != FIRST_LANGUAGE))


def words(language: str) -> dict[str, str]:
    """What the pages around a lesson say in this language, by name."""
    path = FOLDER / language / WORDS
    return _words(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _words(path: Path, modified: int) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, delimiters=("=",))
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
        return dict(parser["words"])
    except (IniError, KeyError) as error:
        raise ValueError(f"{path.name} of {path.parent.name} cannot be understood: {error}") from None


def shelf(language: str) -> Shelf:
    """Our lessons in this language, then those in the folder that CHECKPOINT_EXPLORER_LESSONS names."""
    lessons: list[Lesson] = []
    mistakes: list[Mistake] = []
    for path, spoken in _files(language):
        try:
            found = load(path, spoken)
        except OSError as error:
            mistakes.append(Mistake(path.name, 1, f"The file cannot be read: {error.strerror}."))
            continue
        if isinstance(found, tuple):
            mistakes += found
        elif found.slug in (each.slug for each in lessons):
            mistakes.append(
                Mistake(
                    path.name, 1, f"There is a lesson {found.slug!r} already; give the file another name."
                )
            )
        else:
            lessons.append(found)
    return Shelf(tuple(lessons), tuple(mistakes))


def load(path: Path, language: str) -> Lesson | tuple[Mistake, ...]:
    """The lesson in a file, or everything that is wrong with it.

    Raises:
        OSError: the file cannot be read.
    """
    status = path.stat()
    with _LOADING:  # forty who open a lesson at once wait for one who reads it
        return _load(path, language, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _load(path: Path, language: str, modified: int, size: int) -> Lesson | tuple[Mistake, ...]:
    from core.lesson_format import parse  # which needs the records above

    return parse(read_own(path, LARGEST), path.name, path.stem, language)


def _files(language: str) -> list[tuple[Path, str]]:
    """Every lesson's file, in order, with its language."""
    own = [(path, language) for path in sorted((FOLDER / language).glob("*.md"))]
    more = os.environ.get(environment.LESSONS, "")
    if not more:
        return own
    folder = Path(more)
    there = [(path, language) for path in sorted((folder / language).glob("*.md"))]
    return own + there + [(path, "") for path in sorted(folder.glob("*.md"))]
