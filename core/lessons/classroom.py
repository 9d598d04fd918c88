"""A class: learners who follow one lesson together, and what they predicted, for the teacher alone.

    <runs folder>/classes/<code>/
      class.json      the lesson, who opened it, and when
      said.jsonl      one line for each step that somebody came to, and for each prediction

Every server on the folder sees it. Nothing personal is stored: a learner is a random number that is made
anew in every class, and has nothing to do with their runs. A class ends by itself after a day.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import clock
from core.lessons.lesson import Question, Said
from core.storage import lock, read_own, write_atomically

FOLDER = "classes"
DAY = 24 * 3600.0  # seconds that a class lasts
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without letters that look like digits
LENGTH = 6
LARGEST = 1 << 22  # bytes of what is said: forty learners of a long lesson say 100,000
LONGEST = 400  # bytes of one line
MOST_STEPS = 999

_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_KEY = re.compile(r"\d{1,3}(\.\d{1,2})?")


class ClassOver(LookupError):
    """There is no such class: it ended, or its code was mistyped."""


@dataclass(frozen=True)
class Pupils:
    """What a class has done so far.

    Attributes:
        count: how many learners there are.
        at: step to how many are there now.
        said: question's key to what each learner last said; see `key_of`.
    """

    count: int
    at: dict[int, int]
    said: dict[str, tuple[Said, ...]]

    def votes(self, key: str, question: Question) -> dict[str, int]:
        """Each prediction, as people read it, to how many said it; an option that nobody chose has 0."""
        answers = [each for each in self.said.get(key, ()) if fits(question, each)]
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

    def say(self, learner: str, key: str, said: Said) -> None:
        """A learner has predicted; the last prediction counts.

        Raises:
            ClassOver: the class has ended.
            OSError: the disk does not take it.
        """
        self._append({"who": learner, "key": key, "said": said})

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
            return Pupils(0, {}, {})

    def _append(self, line: dict[str, Any]) -> None:
        """Add one line; forty who answer at once wait for one another, and no line is lost."""
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
            if len(content) <= LONGEST and os.fstat(descriptor).st_size + len(content) <= LARGEST:
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
        facts = json.loads(read_own(directory / "class.json", LARGEST))
        return Classroom(
            directory,
            str(facts["lesson"]),
            str(facts["language"]),
            float(facts["opened"]),
            str(facts["owner"]),
            tuple(sorted((str(name), str(value)) for name, value in facts["settings"].items())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@lru_cache(maxsize=32)
def _pupils(path: Path, inode: int, size: int) -> Pupils:
    """What the first `size` bytes of a class's file say; a line that is none is left out."""
    at: dict[str, int] = {}
    said: dict[str, dict[str, Said]] = {}
    with contextlib.suppress(OSError):
        for line in read_own(path, LARGEST)[:size].splitlines():
            with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
                facts = json.loads(line)
                learner = str(facts["who"])
                if "at" in facts:
                    at[learner] = min(max(int(facts["at"]), 1), MOST_STEPS)
                elif _KEY.fullmatch(facts["key"]):
                    answer = facts["said"]
                    said.setdefault(facts["key"], {})[learner] = (
                        tuple(answer) if isinstance(answer, list) else answer
                    )
    who = set(at).union(*said.values()) if said else set(at)
    return Pupils(
        len(who), dict(Counter(at.values())), {key: tuple(each.values()) for key, each in said.items()}
    )


def _over(code: str) -> ClassOver:
    return ClassOver(
        f"There is no class {code[:20]!r} here. A class ends by itself after a day; or its code was "
        "mistyped. Ask for the link again, or do the lesson by yourself."
    )
