"""Finds what a pasted text is about.

A message is found by what raises it: its fixed parts, whole and in their order (`templates.py`), lead to the
cards that name it (`causes.py`), or to the line of the table that has it (`known.py`). Nothing is guessed. A
question in plain words has no fixed parts: it goes by likeness (`likeness.py`), and says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.gallery import likeness
from core.gallery.cards import Card, cards
from core.gallery.causes import Cause
from core.gallery.folded import Folded, fold
from core.gallery.known import Message, messages
from core.gallery.templates import Occurrence

CAUSES = 3  # of one message are shown at most, when the text does not decide
LINES = 40  # of a text are looked at one by one, from its end, when no message is whole
# What only a traceback, a log or a program has: such a text is no question.
PASTED = re.compile(
    r"Traceback|^\s*File \"|\b\w+(Error|Exception|Warning):|^\s*(error|fatal|warning|npm)\b.*[:!]"
    r"|^\s*[EWI]\d{4} |^\d{4}-\d\d-\d\d|[{}();=]\s*$|->|::|\.py\b|=.*\w="
    r"|^\s*(\$|(git (?!clone|lfs)|pip|sudo|docker|conda) )",
    re.MULTILINE | re.IGNORECASE,
)
# The beginning of a line that a log wrote: an exception is told before what was only warned of.
LOGGED = re.compile(r"\s*(WARNING\b|W\d{4}\b)")
LONGEST_QUESTION = 45  # words, of ten letters each


@dataclass(frozen=True)
class Match:
    """A card that a text may be about.

    `message` is the message that led to it, and `ask` the question that decides; `decided` says that the
    text answers it. Both are empty for a card that was found by likeness.
    """

    card: Card
    message: str = ""
    ask: str = ""
    decided: bool = False


@dataclass(frozen=True)
class Found:
    """What a search gives: the cards, best first, or the known messages without a card, or nothing.

    `kind` says which way it went: by a message, by a known message that has no card, by a card's title, by
    likeness for a question; or nothing was found, or nothing was asked.
    """

    kind: Literal["message", "known", "titled", "question", "nothing", "all"]
    matches: tuple[Match, ...] = ()
    known: tuple[Message, ...] = ()


@dataclass(frozen=True)
class _Hit:
    """A cause whose message the text has."""

    card: Card
    cause: Cause
    occurrences: tuple[Occurrence, ...]
    answer: bool | None

    @property
    def last(self) -> Occurrence:
        return self.occurrences[-1]

    def logged(self, text: Folded) -> bool:
        """Whether the line in which the message is last is one of a log."""
        start = text.text.rfind("\n", 0, text.places[self.last.start] + 1) + 1
        return bool(LOGGED.match(text.text, start))

    @property
    def order(self) -> tuple[bool, bool, int]:
        """First what the text decides, then the usual cause of the message; the longer message before the
        shorter.
        """
        return self.answer is not True, bool(self.cause.when), -self.last.letters


def find(text: str, among: tuple[Card, ...] | None = None) -> Found:
    """The cards that the text is about, the best first; an empty text gives all, in their order."""
    among = cards() if among is None else among
    if not text.strip():
        return Found("all", tuple(Match(card) for card in among))
    whole = fold(text)
    hits, known = _hits(whole, whole, among), _known(whole)
    titled = tuple(Match(card) for card in among if fold(card.title).letters == whole.letters)
    if titled and not hits:
        return Found("titled", titled)
    if not hits and not known:
        # Half a message: the text, or a line of it, begins or ends in the middle.
        pieces = (whole, *_lines(text))
        hits = next((cut for piece in pieces if (cut := _hits(piece, whole, among, cut=True))), [])
    if hits:
        return Found("message", _matches(hits, whole), known)
    if known:
        return Found("known", (), known)
    if is_question(text):
        alike = likeness.nearest(text, among)
        return Found("question" if alike else "nothing", tuple(Match(card) for card in alike))
    return Found("nothing")


def is_question(text: str) -> bool:
    """Whether a text is plain words, and neither a message nor a piece of a program."""
    if len(text) > 10 * LONGEST_QUESTION or len(text.split()) > LONGEST_QUESTION:
        return False
    return not PASTED.search(text)


def _hits(piece: Folded, text: Folded, among: Sequence[Card], *, cut: bool = False) -> list[_Hit]:
    """The causes whose message the piece has, whole or cut off; the rest of the text may answer their
    questions.
    """
    found = []
    for card in among:
        for cause in card.causes:
            if cause.only and not text.says(cause.only):
                continue
            occurrences = tuple(cause.template.occurrences(piece))
            if cut:
                # What is there whole was looked at before, and its holes said no.
                part = None if occurrences else cause.template.cut(piece)
                occurrences = (part,) if part else ()
            if occurrences and (answer := cause.answer(occurrences, text)) is not False:
                found.append(_Hit(card, cause, occurrences, answer))
    return found


def _matches(hits: list[_Hit], text: Folded) -> tuple[Match, ...]:
    """A card once each: those of the last message of the text first, since an exception is raised last."""
    ordered: list[_Hit] = []
    left = sorted(hits, key=lambda hit: (hit.logged(text), -hit.last.end))
    while left:
        # Messages that overlap are one: what one template calls a hole, another one has whole.
        first = left[0].last
        group = [hit for hit in left if hit.last.start < first.end and first.start < hit.last.end]
        ordered += sorted(group, key=lambda hit: hit.order)[: CAUSES if len(ordered) < CAUSES else 1]
        left = [hit for hit in left if hit not in group]
    found: dict[str, Match] = {}
    for hit in ordered:
        match = Match(hit.card, hit.cause.message, hit.cause.ask, hit.answer is True)
        found.setdefault(hit.card.slug, match)
    return tuple(found.values())[: likeness.MOST]


def _known(text: Folded) -> tuple[Message, ...]:
    """The messages of the table that the text has whole, the last first; what is inside another one is left
    out.
    """
    found: list[tuple[Occurrence, Message]] = []
    for message in messages():
        if message.telling and (whole := list(message.template.occurrences(text))):
            found.append((whole[-1], message))
    found.sort(key=lambda pair: (-pair[0].end, -pair[0].letters))
    kept: list[tuple[Occurrence, Message]] = []
    for occurrence, message in found:
        if not any(occurrence.start < other.end and other.start < occurrence.end for other, _ in kept):
            kept.append((occurrence, message))
    return tuple(message for _, message in kept[:2])


def _lines(text: str) -> list[Folded]:
    return [fold(line) for line in reversed(text.splitlines()[-LINES:]) if len(line.strip()) > 12]
