"""Finds the cards that a pasted message, or a few plain words, are about.

What is pasted comes from another program: its own variables, paths, shapes and versions say nothing, but
what stands in their place does (a name that ends in `/Adam`, a path that ends in `.meta`). So the text is
first turned into terms, which are words, pairs of neighbouring words, and marks such as `<slot>`.

The arithmetic, for a card with the fragments f (its title, its message, its further messages):

    weight(t)    log(1 + cards / cards that have the term t): a term that few cards have weighs more
    found(f)     the sum of the weights of those terms of f that are in the text
    share(f)     found(f) over the sum of all weights of f: how much of the fragment is there
    score(card)  the largest found(f) · share(f)², and for a short text also the same with the
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

from core.lab import Card, cards

ENOUGH = 0.42  # the share of a fragment, or of a short text, from which it is a match
FEW = 30  # a text of at most so many different words may be a question in plain words
LONGEST = 20_000  # characters; of more the beginning and the end are read, where messages stand
TELLING = 2.5  # times more than of a word is the weight of a mark
FAMILIAR = 0.15  # what the name of an exception weighs: it goes with many causes

# Words without meaning for the search. Not among them: `not`, `no`, `before`, `after`, `as`.
STOP = frozenset(
    "a an and are at be been being but by can could did do does for from get gets given got had has have how i if in "
    "into is it its may me my of on one or our should so some that the their them then there these this to "
    "too up us was we were what when where which while who why will with would you your s t py lib line file".split()
)
# What a traceback has in every case, whatever went wrong.
NOISE = frozenset(
    "traceback most recent call last during handling above exception another occurred see original stack trace "
    "defined caused op python site packages framework tensorflow tf core module main self args kwargs import "
    "raise return def warning info error errors impl node session sess client ops op_kernel cc w e i".split()
)
# Plain words on the left say what cards say on the right.
SAME = {
    "deleted": "delete", "deletes": "delete", "deleting": "delete", "removed": "delete", "remove": "delete",
    "disappeared": "delete", "disappear": "delete", "vanished": "delete", "gone": "delete",
    "saving": "save", "saved": "save", "saves": "save", "stored": "stored",
    "restoring": "restore", "restored": "restore", "restores": "restore", "reload": "restore", "recover": "restore",
    "loading": "load", "loaded": "load", "loads": "load",
    "checkpoints": "checkpoint", "ckpt": "checkpoint", "ckpts": "checkpoint",
    "models": "model", "files": "file", "layers": "layer", "variables": "variable", "weights": "weight",
    "values": "value", "names": "name", "tags": "tag", "signatures": "signature", "classes": "class",
    "directories": "directory", "folder": "directory", "folders": "directory", "dir": "directory",
    "tensors": "tensor", "shapes": "shape", "objects": "object", "epochs": "epoch", "steps": "step",
    "retrain": "train", "training": "train", "trained": "train", "resuming": "resume", "resumed": "resume",
    "continuing": "resume", "continue": "resume", "continues": "resume", "continued": "resume",
    "missing": "missing", "misses": "missing", "arguments": "argument", "functions": "function",
    "optimizers": "optimizer", "optimiser": "optimizer", "initialized": "initialize", "initializer": "initialize",
    "overwritten": "overwrite", "overwrites": "overwrite", "reset": "reset", "resets": "reset",
    "resetting": "reset", "reinitialize": "initialize", "zeros": "zero", "bytes": "byte", "lost": "lost",
    "restarting": "restart", "restarted": "restart", "starts": "start", "started": "start", "keeps": "keep",
    "kept": "keep", "keeping": "keep", "copied": "copy", "moved": "move", "moving": "move", "renamed": "rename",
}  # fmt: skip
EXCEPTION = re.compile(r"^[a-z]*(?:error|exception|warning)$")
SLOT = r"(?:Adam|Adagrad|Adadelta|Momentum|RMSProp|RMSprop|Ftrl|LARS|LAMB|AdamW|AdamWeightDecay)(?:Optimizer)?(?:_\d+)?"
# In the place of what is the reader's own stands a mark that says what kind of thing it was.
MARKS = (
    (r'^\s*File "[^"\n]*", line \d+.*$', " "),
    (r"https?://\S+", " "),
    (r"0x[0-9a-fA-F]+", " "),
    (r"\bbeta[12]_power\b", " <slot> "),
    (rf"\b[\w./:-]+/{SLOT}(?![\w/])", " <slot> "),
    (r"\b[\w./-]+/ExponentialMovingAverage\b", " <average> "),
    (r"\b(?:Adam|RMSprop)/(?:m|v|vhat|velocity)/[\w./:-]+", " <kerasslot> "),
    (r"(?<=Key )Variable_\d+(?= not)", " <unnamed> <numbered> "),
    (r"(?<=Key )Variable(?= not)", " <unnamed> "),
    (r"(?<=value )Variable(?:_\d+)?\b", " <unnamed> "),
    (r"(?<=uninitialized value )[\w./-]*\w_\d+(?![\w/])", " <numbered> "),
    (r"\b(?:save|Assign|RestoreV2|SaveV2)(?:_\d+)?/(?:\w+?)(?:_\d+)?(?=[\W])", " "),
    (r"\b(?:conv[123]d|dense|lstm|gru|embedding|batch_normalization|layer)_\d+(?=/)", " <automatic> "),
    (r"(?:'?\b[a-z]\b'?, ){3,}'?[a-z]\b'?", " <letters> "),
    (r"\(root\)\.(?:optimizer|save_counter)(?:'s state '\w+' for \(root\))?[\w.'-]*", " <rootoptimizer> "),
    (r"\(root\)\.[\w.'-]+", " <rootlayer> "),
    (r"(?:[\w.:~\\/-]*[\\/.])?[\w-]*\.data-\d{5}-of-\d{5}(?:\.tempstate\d+)?", " <datafile> "),
    (r"\btempstate\d+", " tempstate "),
    (r"(?:[\w.:~\\/-]+)?\.meta\b", " <metafile> "),
    (r"(?:[\w.:~\\/-]+)?\.index\b", " <indexfile> "),
    (r"(?:[\w.:~\\/-]+)?\.weights\.h5\b", " <weightsfile> "),
    (r"(?:[\w.:~\\/-]+)?\.(?:h5|hdf5)\b", " <hfile> "),
    (r"(?:[\w.:~\\/-]+)?\.keras\b", " <kerasfile> "),
    (r"[\w.:~\\/-]*saved_model\.pb(?:txt)?\b", " <savedmodelpb> "),
    (r"\b(errno|flags|o_flags) = (\d+)", r" \1\2 "),
    (r"(?<=[=(\s])-1\b", " minusone "),
    (r"tags? ?:? ?(?:sets? )?'?\[\]'?|tags: \[\]|\[\]", " <emptylist> "),
    (r"\b0 (?=layers)", " zero "),
    (r"\[[\d, ?None]*\d[\d, ?None]*\]|\((?:\d+|None|\?)(?:, ?(?:\d+|None|\?))*,?\)", " <shape> "),
    (r"(?:(?<=[\s'\"(=])|^)(?:[A-Za-z]:|~|\.{1,2})?[/\\][\w.+~/\\-]{2,}", " "),
    (r"(?<=\w)_\d+\b", " <numbered> "),
)
COMPILED = tuple((re.compile(pattern, re.MULTILINE), mark) for pattern, mark in MARKS)
TERM = re.compile(r"<[a-z]+>|[A-Za-z]+\d*|\[(?=[a-z])")


@dataclass(frozen=True)
class Match:
    """A card, how well it fits, and the words of the text that made it fit, the most telling first."""

    card: Card
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a search gives: the matches, best first, or else the nearest cards by kind.

    `kind` says in words what the nearest ones have in common with the text.
    """

    matches: tuple[Match, ...]
    nearest: tuple[Card, ...] = ()
    kind: Literal["", "exception", "subject"] = ""


@dataclass(frozen=True)
class _Terms:
    """The terms of a text, and for each the words as they were written."""

    terms: frozenset[str]
    words: tuple[str, ...]


class _Index:
    """The terms of all cards, and what each weighs."""

    def __init__(self, among: tuple[Card, ...]) -> None:
        self.fragments = {card: [_terms(part).terms for part in _parts(card)] for card in among}
        # For plain words also what the card explains, but only its words: pairs are for messages.
        self.said = {
            card: frozenset().union(*self.fragments[card], _terms(f"{card.asked} {card.earlier} {card.why}").terms)
            for card in among
        }
        named = {card: frozenset().union(*parts) for card, parts in self.fragments.items()}
        every = frozenset().union(*self.said.values())
        spoken = frozenset().union(*named.values())
        self.rarest = log(1 + len(among))
        self.weight = {
            term: log(1 + len(among) / max(1, sum(term in terms for terms in named.values()))) for term in every
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
        return sum(self.weight.get(term, self.rarest) for term in terms)


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
    asked = _terms(_shortened(text))
    matches = [_match(card, asked, index) for card in among]
    found = sorted((match for match in matches if match.score), key=lambda match: -match.score)
    if found:
        # What scores far below the best is there by a common word.
        return Found(tuple(match for match in found if match.score > 0.2 * found[0].score))
    if named:
        return Found((), named, "exception")
    subject = sorted(among, key=lambda card: -index.weigh(asked.terms & index.said[card]))
    close = [card for card in subject[:3] if index.weigh(asked.terms & index.said[card]) > 1.5 * index.rarest / 2]
    return Found((), tuple(close), "subject" if close else "")


def _match(card: Card, asked: _Terms, index: _Index) -> Match:
    best, shared = 0.0, frozenset[str]()
    for fragment in index.fragments[card]:
        there = fragment & asked.terms
        whole = index.weigh(fragment)
        share = index.weigh(there) / whole if whole else 0.0
        if share >= ENOUGH and index.weigh(there) * share**2 > best:
            best, shared = index.weigh(there) * share**2, there
    plain = {term for term in asked.terms if " " not in term and not EXCEPTION.match(term)}
    if len(plain) <= FEW:
        there = frozenset(plain & index.said[card])
        pairs = frozenset(term for term in asked.terms & index.said[card] if " " in term)
        share = index.weigh(there) / index.weigh(plain) if plain else 0.0
        if share >= 1.4 * ENOUGH or (pairs and share >= ENOUGH):
            score = index.weigh(there | pairs) * share**2
            if score > best:
                best, shared = score, there | pairs
    telling = sorted({word for term in shared for word in term.split()}, key=lambda word: -index.weigh([word]))
    written = [word for word in asked.words if _canonical(word.lower()) in telling[:12]]
    return Match(card, best, tuple(dict.fromkeys(written)))


@lru_cache(maxsize=8)
def _index(among: tuple[Card, ...]) -> _Index:
    return _Index(among)


def _parts(card: Card) -> tuple[str, ...]:
    return (card.title, card.message, *card.search)


def _raising(text: str, among: tuple[Card, ...]) -> tuple[Card, ...]:
    """The cards that raise the last exception which the text names."""
    named = re.findall(r"\b([A-Z]\w*(?:Error|Exception))\b", text) or re.findall(r"^\W*(\w+error)\b", text.lower())
    wanted = named[-1].lower() if named else ""
    return tuple(card for card in among if card.error and card.error.lower() == wanted)


def _shortened(text: str) -> str:
    """At most LONGEST characters: the beginning and the end, where messages stand."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}\n{text[-half:]}"


def _canonical(word: str) -> str:
    return SAME.get(word, word)


def _terms(text: str) -> _Terms:
    """The words, pairs and marks of a text, without what is the reader's own."""
    for pattern, mark in COMPILED:
        text = pattern.sub(mark, text)
    written = TERM.findall(text.replace("_", " "))
    words = [_canonical(word.lower()) for word in written]
    words = [word for word in words if word not in STOP and word not in NOISE and len(word) > 1 or word == "["]
    pairs = {f"{first} {second}" for first, second in zip(words, words[1:], strict=False)}
    single = {word for word in words if word != "["}
    return _Terms(frozenset(single | pairs), tuple(word for word in written if not word.startswith(("<", "["))))
