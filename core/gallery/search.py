"""Finds the cards that a pasted message, or a few plain words, are about.

What is pasted comes from another program: its own variables, paths, shapes and versions say nothing, but
what stands in their place does (a name that ends in `/Adam`, a path that ends in `.meta`). So the text is
first turned into terms, which are words, pairs of neighbouring words, and marks such as `<slot>`.

The arithmetic, for a card with the fragments f (its title, its message, its further messages):

    weight(t)    log(1 + cards / cards that have the term t): a term that few cards have weighs more
    found(f)     the sum of the weights of those terms of f that are in the text
    share(f)     found(f) over the sum of all weights of f: how much of the fragment is there
    score(card)  the largest found(f) · share(f)³, and for a short text also the same with the
                 roles changed: how much of the text is in what the card says

A long traceback can so be matched by one line in it, and half a line by the message that it is from. It is
TF-IDF with the share in place of a length norm: what is in the text besides the message must not count.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Literal

from core.gallery.cards import Card, cards
from core.gallery.terms import EXCEPTION, SAYS, Terms, canonical, terms_of

STEEP = 3  # how much the share of a fragment counts against its length
ENOUGH = 0.42  # the share of a fragment, or of a short text, from which it is a match
WEAK = 2.8  # a question in plain words scores more, or is about something else
FEW = 30  # a text of at most so many different words may be a question in plain words
LONGEST = 20_000  # characters; of more the beginning and the end are read, where messages stand
TELLING = 2.5  # times more than of a word is the weight of a mark
FAMILIAR = 0.15  # what the name of an exception weighs: it goes with many causes


@dataclass(frozen=True)
class Match:
    """A card, how well it fits, and what in the text made it fit.

    `words` are words of the text, in its order; `kinds` says what stood where a name of the reader's was.
    """

    card: Card
    score: float
    words: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a search gives: the matches, best first, or else the nearest cards by kind.

    `kind` says in words what the nearest ones have in common with the text.
    """

    matches: tuple[Match, ...]
    nearest: tuple[Card, ...] = ()
    kind: Literal["", "exception", "subject"] = ""


class _Index:
    """The terms of all cards, and what each weighs."""

    def __init__(self, among: tuple[Card, ...]) -> None:
        self.fragments = {card: [terms_of(part).terms for part in _parts(card)] for card in among}
        # For plain words also what the card explains, but only its words: pairs are for messages.
        self.said = {
            card: frozenset().union(
                *self.fragments[card],
                (term for term in terms_of(_explained(card)).terms if " " not in term),
            )
            for card in among
        }
        named = {card: frozenset().union(*parts) for card, parts in self.fragments.items()}
        every = frozenset().union(*self.said.values())
        spoken = frozenset().union(*named.values())
        self.rarest = log(1 + len(among))
        self.weight = {
            term: log(1 + len(among) / max(1, sum(term in terms for terms in named.values())))
            for term in every
        }
        for term in every:
            if term.startswith("<") and " " not in term:
                self.weight[term] *= TELLING
            elif term not in spoken:
                self.weight[term] *= 0.5
            if EXCEPTION.match(term):
                self.weight[term] = FAMILIAR
            elif " " in term and any(EXCEPTION.match(word) for word in term.split()):
                self.weight[term] = 0.0

    def weigh(self, terms: Iterable[str]) -> float:
        # A word that no card knows may be a name of the reader's: it counts, but less than a telling one.
        return sum(self.weight.get(term, 0.6 * self.rarest) for term in terms)


def find(text: str, among: tuple[Card, ...] | None = None) -> Found:
    """The cards that the text is about, the best first; an empty text gives all, in their order.

    The name of an exception alone gives the cards that raise it. A text that no card knows gives no
    match but the nearest by kind: those that raise the exception which it names, or those of its subject.
    """
    among = cards() if among is None else among
    if not text.strip():
        return Found(tuple(Match(card, 0.0, ()) for card in among))
    named = _raising(text, among)
    if named and re.fullmatch(r"[\w.]+:?", text.strip()):
        return Found(tuple(Match(card, 0.0, ()) for card in named))
    index = _index(among)
    asked = terms_of(_shortened(text))
    matches = [_match(card, asked, index) for card in among]
    found = sorted((match for match in matches if match.score), key=lambda match: -match.score)
    if found:
        # What scores far below the best is there by a common word.
        return Found(tuple(match for match in found if match.score > 0.2 * found[0].score))
    if named:
        return Found((), named, "exception")
    subject = sorted(among, key=lambda card: -index.weigh(asked.terms & index.said[card]))
    close = [card for card in subject[:3] if index.weigh(asked.terms & index.said[card]) > 1.2 * index.rarest]
    return Found((), tuple(close), "subject" if close else "")


def _match(card: Card, asked: Terms, index: _Index) -> Match:
    best, shared = 0.0, frozenset[str]()
    for fragment in index.fragments[card]:
        there = fragment & asked.terms
        whole = index.weigh(fragment)
        share = index.weigh(there) / whole if whole else 0.0
        if share >= ENOUGH and index.weigh(there) * share**STEEP > best:
            best, shared = index.weigh(there) * share**STEEP, there
    plain = {term for term in asked.terms if " " not in term and not EXCEPTION.match(term)}
    if len(plain) <= FEW:
        there = frozenset(plain & index.said[card])
        pairs = frozenset(term for term in asked.terms & index.said[card] if " " in term)
        share = index.weigh(there) / index.weigh(plain) if plain else 0.0
        if share >= 1.4 * ENOUGH or (pairs and share >= ENOUGH):
            score = index.weigh(there | pairs) * share**STEEP
            if score > WEAK:
                # Of two cards that say the same, the one with the fuller message comes first.
                best, shared = max(best, score) + min(best, score) / 10, shared | there | pairs
    telling = sorted(
        {word for term in shared for word in term.split() if not EXCEPTION.match(word)},
        key=lambda word: -index.weigh([word]),
    )
    written = [word for word in asked.words if canonical(word.lower()) in telling[:12]]
    kinds = sorted({SAYS[term] for term in shared if term in SAYS})
    return Match(card, best, tuple(dict.fromkeys(written)), tuple(kinds))


@lru_cache(maxsize=8)
def _index(among: tuple[Card, ...]) -> _Index:
    return _Index(among)


def _parts(card: Card) -> tuple[str, ...]:
    return (card.title, card.message, *card.search)


def _explained(card: Card) -> str:
    return f"{card.why} {card.check} {card.more}"


def _raising(text: str, among: tuple[Card, ...]) -> tuple[Card, ...]:
    """The cards that raise the last exception which the text names."""
    named = re.findall(r"\b([A-Z]\w*(?:Error|Exception))\b", text) or re.findall(
        r"^\W*(\w+error)\b", text.lower()
    )
    wanted = named[-1].lower() if named else ""
    return tuple(card for card in among if card.error and card.error.lower() == wanted)


def _shortened(text: str) -> str:
    """At most LONGEST characters: the beginning and the end, where messages stand."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}\n{text[-half:]}"
