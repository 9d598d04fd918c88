"""The words of the field, explained: read from `docs/glossary.md`, where people read them too."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "docs" / "glossary.md"

_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)


class UnknownTerm(LookupError):
    """The glossary does not explain this word; the message names it."""


def explain(term: str) -> str:
    """One or two sentences of Markdown on a term, without regard to upper case or a plural's s.

    Raises:
        UnknownTerm: the glossary has no such term.
    """
    known, word = _glossary(), term.strip().casefold()
    for name in (word, word.removesuffix("s")):
        if name in known:
            return known[name]
    raise UnknownTerm(f"The glossary does not explain {term!r}; write it into docs/{FILE.name}.")


def terms() -> tuple[str, ...]:
    """The terms by their first name, in the order of the file."""
    return tuple(heading.partition(",")[0] for heading, _ in _SECTION.findall(_text()))


@lru_cache(maxsize=1)
def _glossary() -> dict[str, str]:
    """Every name of every term to its explanation."""
    return {
        name.strip().casefold(): " ".join(body.split())
        for heading, body in _SECTION.findall(_text())
        for name in heading.split(",")
    }


def _text() -> str:
    return FILE.read_text(encoding="utf-8")
