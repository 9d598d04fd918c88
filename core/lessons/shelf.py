"""The lessons that there are, in every language, and the words that the pages around them say."""

from __future__ import annotations

import os
import threading
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core import environment
from core.glossary import explain
from core.lessons.format import parse
from core.lessons.lesson import Lesson, Mistake
from core.lessons.numerals import localized
from core.storage import read_own

FOLDER = Path(__file__).parents[2] / "lessons"
WORDS = "words.ini"
LARGEST = 1 << 20  # bytes of one lesson
FIRST_LANGUAGE = "en"

_LOADING = threading.Lock()


class LessonNotFound(LookupError):
    """No lesson has this name."""


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
    return _words(path, path.stat().st_mtime_ns, "words")


def labels(language: str) -> dict[str, str]:
    """Headings and answers of the views inside a lesson, from English; English itself needs none."""
    path = FOLDER / language / WORDS
    return _words(path, path.stat().st_mtime_ns, "views")


def charts(language: str) -> dict[str, object]:
    """What the charts inside a lesson say, for `words.js`; empty for English."""
    path = FOLDER / language / WORDS
    table = _words(path, path.stat().st_mtime_ns, "charts")
    known = words(language)
    return {"table": table, "digits": known["digits"], "rtl": known["direction"] == "rtl"} if table else {}


def explanation(term: str, language: str) -> str:
    """A term of the glossary in Markdown, with its name; in English where the language has none."""
    path = FOLDER / language / WORDS
    known = _words(path, path.stat().st_mtime_ns, "glossary")
    return known.get(term) or f"**{term[0].upper()}{term[1:]}.** {explain(term)}"


@lru_cache(maxsize=24)
def _words(path: Path, modified: int, section: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
        found = dict(parser[section]) if section == "words" or parser.has_section(section) else {}
        digits = parser["words"].get("digits", "")
        return {
            name.replace("＝", "="): text if name == "digits" else localized(text, digits)  # = ends a name
            for name, text in found.items()
        }
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
    found = parse(read_own(path, LARGEST), path.name, path.stem, language)
    digits = words(language).get("digits", "") if language else ""
    return found if isinstance(found, tuple) or not digits else found.localized(digits)


def _files(language: str) -> list[tuple[Path, str]]:
    """Every lesson's file, in order, with its language."""
    own = [(path, language) for path in sorted((FOLDER / language).glob("*.md"))]
    more = os.environ.get(environment.LESSONS, "")
    if not more:
        return own
    folder = Path(more)
    there = [(path, language) for path in sorted((folder / language).glob("*.md"))]
    return own + there + [(path, "") for path in sorted(folder.glob("*.md"))]
