"""Cards that are like a question in plain words: by the words that both have, rare ones before common ones.

    weight(word)   log(1 + cards / cards that have the word)
    found(card)    the weight of the question's words in the card's title and phrases, and 0.6 of it in its
    explanation share(card)    found over the weight of all words of the question phrase(card)   the largest
    share of one title or phrase of the card that is in the question score(card)    found · share² · (1 +
    phrase²)

This is TF-IDF. It always finds something nearest, so a question must have a word of saving, and only what
shares enough of it is given. The page says that it is likeness. A message does not go this way.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from math import log

from core.gallery.cards import Card
from core.gallery.vocabulary import ABOUT, PERSIAN, SAME, STOP

MOST = 5  # cards that answer a text
SHARE = 0.4  # of the weight of the question's words, from which a card is like it
SCORE = 2.8  # below it the words that agree are common ones
BEHIND = 0.35  # of the best score, from which another card is shown too
UNKNOWN = 0.4  # of the rarest word's weight has a word that no card knows
TYPO = 0.82  # how alike two words are, of which one is a mistyped other
WORD = re.compile(r"[a-z_][a-z_0-9]+|[ء-ۓ]+")
SEEN = (
    (r"\S*/\S*", " "),  # a path says nothing
    (r"\b(keras|tensorflow|tf|python|h5py) ?([123])\b", r"\1\2 \1"),
    (r"=\s*-1\b", " minus_one"),
    (r"=\s*0\b", " zero"),
    (r"'s\b", ""),
)
# One letter in several codes, half-spaces, vowel signs; then the endings of plural and possession.
LETTERS = str.maketrans({"ي": "ی", "ك": "ک", "أ": "ا", "‌": "", "ـ": "", "ٔ": "", "ة": "ه"})
ENDINGS = re.compile(r"(هایم|هایش|هایی|های|ها|هام|مان|شان|ام|ات|اش|م|ش|ی|ه)$")


class _Index:
    """The words of all cards, and what each weighs."""

    def __init__(self, among: tuple[Card, ...]) -> None:
        self.phrases = {
            card: [frozenset(_plain(phrase)) for phrase in (card.title, *card.search)] for card in among
        }
        self.named = {card: frozenset().union(*phrases) for card, phrases in self.phrases.items()}
        self.said = {
            card: frozenset(_plain(f"{card.why} {card.check} {card.fix} {card.more}")) for card in among
        }
        self.weight: dict[str, float] = {}
        for word in frozenset().union(*self.named.values(), *self.said.values()):
            naming = sum(word in named for named in self.named.values())
            # A word of explanations alone is no name of a failure: it weighs as much as one
            # of a quarter of the cards.
            self.weight[word] = log(1 + len(among) / (naming or max(1, len(among) / 4)))
        self.unknown = UNKNOWN * log(1 + len(among))

    def words_of(self, question: str) -> frozenset[str]:
        """The words of a question, those that no card knows replaced by the one that they are mistyped
        from.
        """
        found = set()
        for word in _plain(question):
            if word not in self.weight and len(word) > 4:
                # The first letter is seldom mistyped, and a few words are quickly compared.
                near = [w for w in (*self.weight, *SAME) if w[0] == word[0] and abs(len(w) - len(word)) < 3]
                close = get_close_matches(word, near, 1, TYPO)
                word = SAME.get(close[0], close[0]) if close else word
            found.add(word)
        return frozenset(found)

    def weigh(self, words: Iterable[str]) -> float:
        return sum(self.weight.get(word, self.unknown) for word in words)

    def score(self, asked: frozenset[str], card: Card) -> float:
        named = asked & self.named[card]
        found = self.weigh(named) + 0.6 * self.weigh((asked & self.said[card]) - named)
        share = found / self.weigh(asked)
        phrase = max(self.weigh(words & asked) / self.weigh(words) for words in self.phrases[card] if words)
        return float(found * share**2 * (1 + phrase**2)) if share >= SHARE else 0.0


def nearest(question: str, among: tuple[Card, ...]) -> tuple[Card, ...]:
    """The cards that are most like a question, best first; none when too little agrees."""
    index = _index(among)
    asked = index.words_of(question)
    if not any(word in ABOUT or ("_" in word and word in index.weight) for word in asked):
        return ()
    scores = {card: index.score(asked, card) for card in among}
    least = max(SCORE, BEHIND * max(scores.values(), default=0.0))
    return tuple(sorted((card for card in among if scores[card] >= least), key=lambda card: -scores[card]))[
        :MOST
    ]


@lru_cache(maxsize=8)
def _index(among: tuple[Card, ...]) -> _Index:
    return _Index(among)


def _plain(text: str) -> Iterable[str]:
    """The words of a text that mean something, in one form each."""
    text = text.translate(LETTERS).lower()
    for pattern, instead in SEEN:
        text = re.sub(pattern, instead, text)
    for word in WORD.findall(text):
        if "ء" <= word[0] <= "ۓ":
            yield from _english(word).split()
            continue
        whole = word.strip("_")
        for part in (whole, *whole.split("_")) if "_" in whole else (whole,):
            if len(part) > 1 and part not in STOP:
                yield SAME.get(part, part)


def _english(word: str) -> str:
    """A Persian word in English, without the ending of its plural or its owner; what is not known stays as
    it is.
    """
    shorter = word
    while shorter:
        if shorter in PERSIAN:
            return PERSIAN[shorter]
        shorter, before = ENDINGS.sub("", shorter), shorter
        if shorter == before:
            break
    return word
