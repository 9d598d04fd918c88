"""The catalogue of the error gallery: what each card says and shows, read without TensorFlow.

The cards are the modules of `core/tf/gallery`. They are parsed, not imported, so that a page can list
and search them in a process that never loads TensorFlow.
"""

import ast
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from core.gallery.causes import Cause, cause_of
from core.sources import parsed

DIRECTORY = Path(__file__).parents[1] / "tf" / "gallery"
SCENE = "core.tf.gallery._scene"
# A card is a file named by its number, which readers see and never changes, and its slug, which links hold.
NAMED = re.compile(r"card_(\d+)_(\w+)\.py")
CONSTANTS = ("GROUP", "TITLE", "ERROR", "MESSAGE", "WHY", "CHECK", "FIX", "SHOWS")
# What a card may leave out, and its value then.
OPTIONAL: dict[str, Any] = {
    "MORE": "",
    "SEARCH": (),
    "CAUSES": (),
    "RELATED": (),
    "RECORDED": "",
    "YOURS": "",
}
# Which versions each card last ran with: written by `make cards`, which runs them all.
LAST_RUN = Path(__file__).with_name("last_run.json")
GROUPS = {
    "silent": "Silent: no error, but a wrong result",
    "error": "Errors of checkpoints and files",
    "SavedModel": "SavedModel",
    "versions": "Versions: of TensorFlow, of Keras, of Python",
}
# Where somebody who only looks around should begin: one that everybody meets, one that nobody sees.
BEGIN = ("only_the_last_five", "no_file_of_that_name", "restored_without_slots", "initializer_after_restore")
ACTIONS = ("prepare", "fail", "fix")

_READING = threading.Lock()


@dataclass(frozen=True)
class Card:
    """One failure: its words, and the source of the code that fails and of the fix.

    `group` is one of GROUPS. `error` is the name of the exception, or None for a silent failure; `message`
    is a part of its text, or a line `label: value` of what is seen. `check` says how to know that a failure
    is this one. `more` is for neighboring cases. `causes` are the messages that lead to the card; `search` is
    how people ask for it in plain words. `shows` has, for `fail` and for `fix`, the labels of what they
    return, in order. `related` names cards by their slug and pages by their file. `recorded` says
    which part, if any, is a message from elsewhere and did not happen here. `yours` is code with fields
    such as {key}, for the reader's own names. `ran_with` maps a package to the version that the code was
    last run with; it is empty when the code has changed since.
    """

    slug: str
    number: int
    module: str
    group: str
    title: str
    error: str | None
    message: str
    why: str
    check: str
    fix: str
    more: str
    search: tuple[str, ...]
    causes: tuple[Cause, ...]
    related: tuple[str, ...]
    shows: Mapping[str, tuple[str, ...]] = field(hash=False)
    recorded: str
    yours: str
    setup_source: str
    prepare_source: str
    fail_source: str
    fix_source: str
    ran_with: Mapping[str, str] = field(hash=False)

    @property
    def script(self) -> str:
        """All the code of the card: what it needs, and its actions."""
        parts = (self.setup_source, self.prepare_source, self.fail_source, self.fix_source)
        return "\n\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class Outcome:
    """What one action of one card really did. `seconds` does not include the preparation.

    `versions` maps TensorFlow and Keras to the versions of the process that ran it.
    """

    slug: str
    action: Literal["fail", "fix"]
    error: str | None
    message: str
    seen: Mapping[str, str] = field(hash=False)
    seconds: float
    versions: Mapping[str, str] = field(hash=False, default_factory=dict)

    @property
    def text(self) -> str:
        """The exception's message, or else what was seen, one line for each label."""
        return self.message or "\n".join(f"{label}: {value}" for label, value in self.seen.items())


def cards() -> tuple[Card, ...]:
    """All cards, in the order of their numbers.

    They are read once, however many ask at the same time.
    """
    with _READING:
        return _read(DIRECTORY)


@lru_cache(maxsize=1)
def _read(directory: Path) -> tuple[Card, ...]:
    scene = _Module(directory / "_scene.py")
    last_run = json.loads(LAST_RUN.read_text(encoding="utf-8"))
    found = [_card(path, scene, last_run) for path in directory.glob("[!_]*.py")]
    return tuple(sorted(found, key=lambda card: card.number))


def related(card: Card) -> tuple[Card, ...]:
    """The cards that this one names, and then those that name it: a link leads both ways."""
    by_slug = {each.slug: each for each in cards()}
    named = [by_slug[name] for name in card.related if name in by_slug]
    return (*named, *(each for each in cards() if card.slug in each.related and each not in named))


def digest(script: str) -> str:
    """By which a record of a run knows whether the code has changed since."""
    return hashlib.sha256(script.encode()).hexdigest()[:16]


class _Module:
    """A module's imports, functions and constants: the source of each, and the names that it uses."""

    def __init__(self, path: Path) -> None:
        self.imports: dict[str, set[str]] = {}
        self.source: dict[str, str] = {}
        self.uses: dict[str, set[str]] = {}
        self.value: dict[str, ast.expr] = {}
        for node, segment in _statements(path.read_text(encoding="utf-8")):
            match node:
                case ast.Import() | ast.ImportFrom():
                    if getattr(node, "module", None) != SCENE:
                        self.imports[segment] = {each.asname or each.name for each in node.names}
                    continue
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    pass
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.value[name] = value
                case ast.AnnAssign(target=ast.Name(id=name)):
                    pass
                case _:
                    continue
            self.source[name] = segment
            self.uses[name] = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _card(path: Path, scene: _Module, last_run: Mapping[str, Any]) -> Card:
    named = NAMED.fullmatch(path.name)
    if not named:
        raise ValueError(f"The card {path.name} is not called card_NUMBER_slug.py.")
    module = _Module(path)
    missing = [name for name in (*CONSTANTS, "fail", "fix") if name not in module.source]
    if missing:
        raise ValueError(f"The card {path.name} does not define {', '.join(missing)}.")
    said = OPTIONAL | {
        name: ast.literal_eval(module.value[name]) for name in (*CONSTANTS, *OPTIONAL) if name in module.value
    }
    try:
        causes = tuple(cause_of(each) for each in said["CAUSES"])
    except ValueError as error:
        raise ValueError(f"CAUSES of the card {path.name}: {error}") from error
    card = Card(
        slug=named[2],
        number=int(named[1]),
        module=path.stem,
        **{name.lower(): said[name] for name in said} | {"causes": causes},
        setup_source=_setup(module, scene),
        prepare_source=module.source.get("prepare", ""),
        fail_source=module.source["fail"],
        fix_source=module.source["fix"],
        ran_with={},
    )
    run = last_run.get(card.slug, {})
    return replace(card, ran_with=run["versions"]) if run.get("code") == digest(card.script) else card


def _setup(module: _Module, scene: _Module) -> str:
    """What must be above the actions to make them a complete script."""
    own = [name for name in module.source if name not in (*CONSTANTS, *OPTIONAL, *ACTIONS)]
    used = set().union(*(module.uses.get(name, set()) for name in (*own, *ACTIONS)))
    needed: set[str] = set()
    # Functions of the scene use one another, so look again until nothing new is needed.
    while new := (used & scene.source.keys()) - needed:
        needed |= new
        used |= set().union(*(scene.uses[name] for name in new))
    # What is taken from the scene needs the scene's own imports.
    taken = set().union(*(scene.uses[name] for name in needed))
    also = [line for line, names in scene.imports.items() if names & taken and line not in module.imports]
    from_scene = [text for name, text in scene.source.items() if name in needed]
    return "\n\n\n".join(["\n".join([*module.imports, *also]), *from_scene, *(module.source[n] for n in own)])


def _statements(source: str) -> list[tuple[ast.stmt, str]]:
    """Each statement at the top level of a module, and its source.

    `ast.get_source_segment` would split the module into lines again for each: half a second for all cards.
    """
    lines = source.encode().splitlines(keepends=True)
    found = []
    for node in parsed(source).body:
        last = node.end_lineno or node.lineno
        segment = [*lines[node.lineno - 1 : last - 1], lines[last - 1][: node.end_col_offset]]
        found.append((node, b"".join(segment).decode()))
    return found
