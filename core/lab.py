"""The catalogue of the lab: what each card says and shows, read without TensorFlow.

The cards are the modules of `core/tf/lab`. They are parsed, not imported, so that a page can list
and search them in a process that never loads TensorFlow.
"""

import ast
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Literal

DIRECTORY = Path(__file__).parent / "tf" / "lab"
SCENE = "core.tf.lab._scene"
CONSTANTS = ("NUMBER", "TITLE", "ERROR", "MESSAGE", "ASKED", "WHY", "REPAIR", "EARLIER", "SEARCH")
MOST = 0.6  # the share of the telling words that makes a match
ACTIONS = ("prepare", "fail", "repair")

_PARSING = threading.Lock()


@dataclass(frozen=True)
class Card:
    """One failure: its words, and the source of the code that fails and of the repair."""

    slug: str
    number: int
    title: str
    error: str | None
    message: str
    asked: str
    why: str
    repair: str
    earlier: str
    search: tuple[str, ...]
    setup_source: str
    prepare_source: str
    fail_source: str
    repair_source: str


@dataclass(frozen=True)
class Outcome:
    """What one action of one card really did. `seconds` does not include the preparation."""

    slug: str
    action: Literal["fail", "repair"]
    error: str | None
    message: str
    seen: Mapping[str, str] = field(hash=False)
    seconds: float

    @property
    def text(self) -> str:
        """The exception's message, or else what was seen, one line for each label."""
        return self.message or "\n".join(f"{label}: {value}" for label, value in self.seen.items())


@lru_cache(maxsize=1)
def cards() -> tuple[Card, ...]:
    """All cards, in the order of their numbers."""
    scene = _definitions(DIRECTORY / "_scene.py")
    found = [_card(path, scene) for path in DIRECTORY.glob("[!_]*.py")]
    return tuple(sorted(found, key=lambda card: card.number))


def _parsed(source: str) -> ast.Module:
    """The source, parsed by one thread at a time: in Python 3.11 several at once meet a SystemError."""
    with _PARSING:
        return ast.parse(source)


def _definitions(path: Path) -> dict[str, str]:
    """The source of each function and constant at the top level of a module, by name."""
    source = path.read_text(encoding="utf-8")
    found = {}
    for node in _parsed(source).body:
        segment = ast.get_source_segment(source, node) or ""
        if isinstance(node, ast.FunctionDef):
            found[node.name] = segment
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = segment
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = segment
    return found


def _card(path: Path, scene: dict[str, str]) -> Card:
    source = path.read_text(encoding="utf-8")
    definitions = _definitions(path)
    said = {"SEARCH": ()} | {
        name: ast.literal_eval(definitions[name].partition("=")[2].strip())
        for name in CONSTANTS
        if name in definitions
    }
    missing = [name for name in (*CONSTANTS, "fail", "repair") if name not in said | definitions]
    if missing:
        raise ValueError(f"The card {path.name} does not define {', '.join(missing)}.")
    return Card(
        slug=path.stem,
        **{name.lower(): said[name] for name in CONSTANTS},
        setup_source=_setup(source, definitions, scene),
        prepare_source=definitions.get("prepare", ""),
        fail_source=definitions["fail"],
        repair_source=definitions["repair"],
    )


def _setup(source: str, definitions: dict[str, str], scene: dict[str, str]) -> str:
    """What must stand above the actions to make them a complete script."""
    imports = [
        ast.get_source_segment(source, node) or ""
        for node in _parsed(source).body
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", None) != SCENE
    ]
    own = {n: text for n, text in definitions.items() if n not in (*CONSTANTS, *ACTIONS)}
    used = "\n".join([*own.values(), *(definitions.get(action, "") for action in ACTIONS)])
    needed: set[str] = set()
    # Functions of the scene use one another, so look again until nothing new is needed.
    while new := {n for n in scene if re.search(rf"\b{n}\b", used)} - needed:
        needed |= new
        used += "\n".join(scene[name] for name in new)
    from_scene = [text for name, text in scene.items() if name in needed]
    return "\n\n\n".join(["\n".join(imports), *from_scene, *own.values()])


def find(text: str, among: tuple[Card, ...] | None = None) -> tuple[Card, ...]:
    """The cards that a pasted message or a few words are about, the best first.

    A card is found when most of the telling words of its message, or of one of its further
    fragments, are in the text; or when most words of the text are in the card. Paths, numbers and
    punctuation do not count, and a word that few cards use counts more. The name of an
    exception alone gives the cards that raise it, an empty text all cards, in their order.
    """
    among = cards() if among is None else among
    if not text.strip():
        return among
    named = tuple(card for card in among if card.error and card.error.lower() == text.strip(" :\n").lower())
    if named:
        return named
    asked = _words(text)
    fragments = {card: [_words(part) for part in _parts(card)] for card in among}
    everything = {card: set().union(*parts, _words(card.asked)) for card, parts in fragments.items()}
    weight = {
        word: log(1 + len(among) / sum(word in said for said in everything.values()))
        for word in set().union(*everything.values())
    }
    # Another program has other names, so those of the recipe tell little.
    weight |= dict.fromkeys(_words("hor_estimate ver_estimate model_iter model_final"), 0.1)

    def weigh(words: set[str]) -> float:
        # A word that no card knows weighs as much as the rarest that one does.
        return sum(weight.get(word, log(1 + len(among))) for word in words)

    def score(card: Card) -> float:
        shared: set[str] = set()
        for part in fragments[card]:
            if weigh(part & asked) > MOST * weigh(part):
                shared |= part & asked
        if weigh(everything[card] & asked) > MOST * weigh(asked):
            shared |= everything[card] & asked
        return weigh(shared)

    scores = {card: score(card) for card in among}
    found = [card for card in among if scores[card]]
    return tuple(sorted(found, key=lambda card: -scores[card]))


def _parts(card: Card) -> list[str]:
    return [card.title, card.message, *card.search]


def _words(text: str) -> set[str]:
    """The words of a text in lower case; paths and bare numbers left out."""
    text = re.sub(r"(?<!\w)(?:[A-Za-z]:|~|\.{1,2})?[/\\][\w.+~/\\-]+", " ", text)
    # hor_estimate_1 says what hor_estimate does not, so a numbered name is a word of its own.
    text = re.sub(r"(?<=\w)_\d+\b", " numberedname ", text)
    return set(re.findall(r"[a-z]+|(?<=[=\s])-1\b", text.replace("_", " ").lower()))
