"""A class: learners who follow one lesson together, and what they predicted, for the teacher alone.

    <runs folder>/classes/<code>/
      class.json      the lesson, who opened it, and when
      said.jsonl      one line for each step that somebody came to, for each prediction, and for what the
                      teacher does with a question: vote, vote again, answer

Every server on the folder sees it. Nothing personal is stored: a learner is a random number that is made
anew in every class, and has nothing to do with their runs. A class ends by itself after a day.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from core import clock
from core.json_records import Number, RecordError, as_record, decoded
from core.lessons.lesson import Lesson, Question, Said
from core.storage import lock, read_own, write_atomically

FOLDER = "classes"
DAY = 24 * 3600.0  # seconds that a class lasts
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without letters that look like digits
LENGTH = 6
LARGEST = 1 << 22  # bytes of what is said: forty learners of a long lesson say 100,000
LONGEST = 400  # bytes of one line
MOST_STEPS = 999

Phase = Literal["vote", "again", "answer"]  # of a question that the teacher leads

_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_Key = Annotated[str, Meta(pattern=r"\A\d{1,3}(\.\d{1,2})?\Z")]  # see `key_of`


class ClassOver(LookupError):
    """There is no such class: it ended, or its code was mistyped."""


@dataclass(frozen=True)
class Pupils:
    """What a class has done so far.

    Attributes:
        count: how many learners there are.
        at: step to how many are there now.
        said: question's key to what each learner last said; see `key_of`.
        again: the same of the second vote.
        lead: the question's key that the teacher leads, and how far; None while everybody goes alone.
        right: question's key to what is right, as it came out for the first who ran it.
    """

    count: int = 0
    at: dict[int, int] = field(default_factory=dict)
    said: dict[str, tuple[Said, ...]] = field(default_factory=dict)
    again: dict[str, tuple[Said, ...]] = field(default_factory=dict)
    lead: tuple[str, Phase] | None = None
    right: dict[str, Said] = field(default_factory=dict)

    def phase(self, key: str) -> Phase | None:
        """How far the teacher has come with this question; None when they do not lead it."""
        return self.lead[1] if self.lead and self.lead[0] == key else None

    @property
    def step(self) -> int:
        """The step where most of the class is; of several the first."""
        return max(sorted(self.at), key=lambda number: self.at[number], default=1)

    def votes(self, key: str, question: Question, *, again: bool = False) -> dict[str, int]:
        """Each prediction, as people read it, to how many said it; an option that nobody chose has 0."""
        said = self.again if again else self.said
        answers = [each for each in said.get(key, ()) if fits(question, each)]
        if question.kind == "choice":
            chosen = Counter(answers)
            return {option.text: chosen[place] for place, option in enumerate(question.options)}
        if question.kind == "ticking":
            ticked = Counter(place for each in answers for place in each)  # type: ignore[union-attr]
            return {option.text: ticked[place] for place, option in enumerate(question.options)}
        if question.kind == "number":
            ordered = sorted(Counter(answers).items())
            return {f"{number:g}": count for number, count in ordered}
        return dict(Counter(f"h {each[0]:.1f}, v {each[1]:.1f}" for each in answers))  # type: ignore[index]

    def to_csv(self, lesson: Lesson) -> str:
        """All votes, a row for each answer: step, question, vote (1 or 2), answer, how many; no names."""
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(("step", "question", "vote", "answer", "learners"))
        for number, step in enumerate(lesson.steps, 1):
            for place, question in enumerate(step.questions, 1):
                key = key_of(number, place if step.is_final else None)
                for vote, said in ((1, self.said), (2, self.again)):
                    if key in said:
                        votes = self.votes(key, question, again=vote == 2)
                        ask = question.ask.replace("`", "")
                        rows = [(name.replace("`", ""), count) for name, count in votes.items()]
                        table.writerows((number, ask, vote, *row) for row in rows)
        return text.getvalue()


@dataclass(frozen=True)
class Classroom:
    """One class, as its file tells.

    Attributes:
        directory: where it is stored.
        lesson, language: the lesson that it follows.
        opened: seconds on the clock of the folder of runs, see `core.clock`.
        owner: SHA-256 of the visitor who opened it; only they see the answers.
        settings: of the lesson's run, as in a link; what has its default is left out.
    """

    directory: Path
    lesson: str
    language: str
    opened: float
    owner: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> str:
        return self.directory.name

    @property
    def is_over(self) -> bool:
        return clock.now(self.directory.parents[1]) - self.opened >= DAY

    def learner(self, visitor: str) -> str:
        """What stands for a visitor in this class: no other class, and no run, knows it."""
        return hashlib.sha256(f"{self.code} {visitor}".encode()).hexdigest()[:16]

    def arrive(self, learner: str, step: int) -> None:
        """A learner has come to this step.

        Raises:
            ClassOver: the class has ended.
            OSError: the disk does not take it.
        """
        self._append({"who": learner, "at": step})

    def leave(self, learner: str) -> None:
        """This was somebody else all along; what they have predicted stays.

        Raises:
            ClassOver: the class has ended.
            OSError: the disk does not take it.
        """
        self._append({"who": learner, "at": 0})

    def say(self, learner: str, key: str, said: Said, *, again: bool = False) -> None:
        """A learner has predicted, in the first vote or again in the second; the last prediction counts.

        Raises:
            ClassOver: the class has ended.
            OSError: the disk does not take it.
        """
        self._append({"who": learner, "key": key, "said": said} | ({"again": True} if again else {}))

    def ask(self, key: str, phase: Phase) -> None:
        """The teacher leads this question: learners vote, vote again, or are given the answer.

        Raises:
            ClassOver: the class has ended.
            OSError: the disk does not take it.
        """
        self._append({"lead": key, "phase": phase}, always=True)

    def tell(self, key: str, right: Said) -> None:
        """What is right, as it came out.

        Raises:
            ClassOver: the class has ended.
            OSError: the disk does not take it.
        """
        self._append({"key": key, "right": right}, always=True)

    def end(self) -> None:
        """The class is over, and what was said is deleted."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def pupils(self) -> Pupils:
        """What everybody has said.

        Raises:
            ClassOver: the class has ended.
        """
        if self.is_over or not self.directory.is_dir():
            raise _over(self.code)
        path = self.directory / "said.jsonl"
        try:
            status = path.stat()
            return _pupils(path, status.st_ino, status.st_size)  # it only grows
        except FileNotFoundError:
            return Pupils()

    def _append(self, line: dict[str, Any], *, always: bool = False) -> None:
        """Add one line; forty who answer at once wait for one another, and no line is lost.

        Args:
            always: whether it is added to a class that was flooded, too.
        """
        content = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if self.is_over:
            raise _over(self.code)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(self.directory / "said.jsonl", flags, 0o666)
        except (FileNotFoundError, NotADirectoryError):
            raise _over(self.code) from None
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            lock(descriptor)
            # Somebody who floods a class loses their lines, not the server its disk.
            most = 2 * LARGEST if always else LARGEST
            if len(content) <= LONGEST and os.fstat(descriptor).st_size + len(content) <= most:
                file.write(content)


def open_class(
    root: Path, lesson: str, language: str, owner: str, settings: dict[str, str] | None = None
) -> Classroom:
    """A new class in this runs folder; classes that are over are cleared away.

    Raises:
        OSError: the disk does not take it.
    """
    clear(root)
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        directory = root / FOLDER / code
        with contextlib.suppress(FileExistsError):
            directory.mkdir(parents=True)
            break
    opened, more = clock.now(root), tuple(sorted((settings or {}).items()))
    made = Classroom(directory, lesson, language, opened, owner, more)
    facts = {"format": 1, "lesson": lesson, "language": language, "opened": made.opened, "owner": owner}
    try:
        write_atomically(
            directory / "class.json", json.dumps({**facts, "settings": dict(made.settings)}).encode()
        )
    except OSError:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return made


def find_class(root: Path, code: str) -> Classroom:
    """The class with this code, however it was typed.

    Raises:
        ClassOver: there is none, or it has ended.
    """
    typed = code.strip().upper()
    if not _CODE.fullmatch(typed):
        raise _over(code)
    found = _read(root / FOLDER / typed)
    if found is None or found.is_over:
        raise _over(typed)
    return found


def clear(root: Path) -> None:
    """Remove every class that is over; what has no file of ours that says so stays."""
    for directory in _directories(root):
        found = _read(directory)
        if found is not None and found.is_over:
            shutil.rmtree(directory, ignore_errors=True)


def key_of(step: int, question: int | None = None) -> str:
    """What a question is called: its step's number, and its place at the end of a lesson, from 1."""
    return str(step) if question is None else f"{step}.{question}"


def fits(question: Question, said: object) -> bool:
    """Whether this can be said to this question."""
    if question.kind == "choice":
        return type(said) is int and 0 <= said < len(question.options)
    if question.kind == "number":
        return _is_number(said, 1e15)
    if not isinstance(said, tuple):
        return False
    if question.kind == "ticking":
        return all(type(each) is int and 0 <= each < len(question.options) for each in said) and len(
            set(said)
        ) == len(said)
    return len(said) == 2 and all(_is_number(each, 1e6) for each in said)


def _is_number(said: object, most: float) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and abs(said) < most


def _directories(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in (root / FOLDER).iterdir():
            if _CODE.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                yield path


def _read(directory: Path) -> Classroom | None:
    """The class in this directory; None when its file is not there or cannot be understood."""
    try:
        facts = as_record(_Facts, decoded(read_own(directory / "class.json", LARGEST)))
    except (OSError, RecordError):
        return None
    more = tuple(sorted(facts.settings.items()))
    return Classroom(directory, facts.lesson, facts.language, facts.opened, facts.owner, more)


@dataclass(frozen=True)
class _Facts:
    """What `class.json` holds."""

    lesson: str
    language: str
    opened: Number
    owner: str
    settings: dict[str, str]


@dataclass(frozen=True)
class _Line:
    """A line of `said.jsonl`: where somebody is, an answer, the right one, or what the teacher does."""

    who: str = ""
    at: Annotated[int, Meta(ge=0, le=MOST_STEPS)] | None = None
    key: _Key = ""
    said: Said | None = None
    right: Said | None = None
    again: bool = False
    lead: _Key = ""
    phase: Phase | None = None


@lru_cache(maxsize=32)
def _pupils(path: Path, inode: int, size: int) -> Pupils:
    """What the first `size` bytes of a class's file say; a line that is none is left out."""
    at: dict[str, int] = {}
    said: dict[str, dict[str, Said]] = {}
    again: dict[str, dict[str, Said]] = {}
    right: dict[str, Said] = {}
    lead: tuple[str, Phase] | None = None
    with contextlib.suppress(OSError):
        for line in read_own(path, 2 * LARGEST)[:size].splitlines():
            with contextlib.suppress(RecordError):
                told = as_record(_Line, decoded(line))
                if told.lead and told.phase:
                    lead = told.lead, told.phase
                elif told.who and told.at is not None:
                    at[told.who] = told.at
                elif told.key and told.right is not None:
                    right[told.key] = told.right
                elif told.key and told.who and told.said is not None:
                    (again if told.again else said).setdefault(told.key, {})[told.who] = told.said
    first, second = ({key: tuple(each.values()) for key, each in vote.items()} for vote in (said, again))
    at = {who: step for who, step in at.items() if step}  # without those who left
    who = set(at).union(*said.values(), *again.values())
    return Pupils(len(who), dict(Counter(at.values())), first, second, lead, right)


def _over(code: str) -> ClassOver:
    return ClassOver(f"There is no class {code[:20]!r} here.")
