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
from pathlib import Path
from typing import Any, Literal

from core.gallery.causes import Cause, cause_of
from core.sources import parsed

DIRECTORY = Path(__file__).parents[1] / "tf" / "gallery"
SCENE = "core.tf.gallery._scene"
# A card is a file named by its number, which readers see and never changes, and its slug, which links hold.
NAMED = re.compile(r"card_(\d+)_(\w+)\.py")
CONSTANTS = ("GROUP", "TITLE", "ERROR", "MESSAGE", "ASKED", "WHY", "REPAIR", "EARLIER", "SEARCH")
# What a card may leave out, and what then holds.
OPTIONAL: dict[str, Any] = {"SEARCH": (), "CAUSES": (), "RELATED": (), "RECORDED": "", "YOURS": ""}
GROUPS = {
    "silent": "Silently wrong: no error, and yet",
    "error": "Errors of checkpoints and files",
    "SavedModel": "SavedModel",
    "versions": "Versions: of TensorFlow, of Keras, of Python",
}
# Where somebody who only looks around should begin: one that everybody meets, one that nobody sees.
BEGIN = ("only_the_last_five", "no_file_of_that_name", "restored_without_slots", "initializer_after_restore")
ACTIONS = ("prepare", "fail", "repair")

_READING = threading.Lock()


@dataclass(frozen=True)
class Card:
    """One failure: its words, and the source of the code that fails and of the repair.

    `group` is one of GROUPS. `related` names cards by their slug and pages by their file.
    `recorded` says which part, if any, is a message from elsewhere and did not happen here.
    `causes` are the messages that lead to it; `search` is how people ask for it in plain words.
    `yours` is a line of the repair with fields such as {key}, for the reader's own names.
    """

    slug: str
    number: int
    module: str
    group: str
    title: str
    error: str | None
    message: str
    asked: str
    why: str
    repair: str
    earlier: str
    search: tuple[str, ...]
    causes: tuple[Cause, ...]
    related: tuple[str, ...]
    recorded: str
    yours: str
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


def cards() -> tuple[Card, ...]:
    """All cards, in the order of their numbers.

    They are read once, however many ask at the same time.
    """
    with _READING:
        return _read(DIRECTORY)


@lru_cache(maxsize=1)
def _read(directory: Path) -> tuple[Card, ...]:
    scene = _definitions(directory / "_scene.py")
    found = [_card(path, scene) for path in directory.glob("[!_]*.py")]
    return tuple(sorted(found, key=lambda card: card.number))


def related(card: Card) -> tuple[Card, ...]:
    """The cards that this one names, and then those that name it: a link leads both ways."""
    by_slug = {each.slug: each for each in cards()}
    named = [by_slug[name] for name in card.related if name in by_slug]
    return (*named, *(each for each in cards() if card.slug in each.related and each not in named))


def _definitions(path: Path) -> dict[str, str]:
    """The source of each function and constant at the top level of a module, by name."""
    found: dict[str, str] = {}
    for node, segment in _statements(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = segment
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = segment
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = segment
    return found


def _card(path: Path, scene: dict[str, str]) -> Card:
    named = NAMED.fullmatch(path.name)
    if not named:
        raise ValueError(f"The card {path.name} is not called card_NUMBER_slug.py.")
    source = path.read_text(encoding="utf-8")
    definitions = _definitions(path)
    said = OPTIONAL | {
        name: ast.literal_eval(parsed(definitions[name]).body[0].value)  # type: ignore[attr-defined]
        for name in (*CONSTANTS, *OPTIONAL)
        if name in definitions
    }
    missing = [name for name in (*CONSTANTS, "fail", "repair") if name not in said | definitions]
    if missing:
        raise ValueError(f"The card {path.name} does not define {', '.join(missing)}.")
    try:
        causes = tuple(cause_of(each) for each in said["CAUSES"])
    except ValueError as error:
        raise ValueError(f"CAUSES of the card {path.name}: {error}") from error
    return Card(
        slug=named[2],
        number=int(named[1]),
        module=path.stem,
        **{name.lower(): said[name] for name in said} | {"causes": causes},
        setup_source=_setup(source, definitions, scene),
        prepare_source=definitions.get("prepare", ""),
        fail_source=definitions["fail"],
        repair_source=definitions["repair"],
    )


def _setup(source: str, definitions: dict[str, str], scene: dict[str, str]) -> str:
    """What must stand above the actions to make them a complete script."""
    imports = [line for line, _ in _imports(source)]
    own = {n: text for n, text in definitions.items() if n not in (*CONSTANTS, *OPTIONAL, *ACTIONS)}
    used = "\n".join([*own.values(), *(definitions.get(action, "") for action in ACTIONS)])
    needed: set[str] = set()
    # Functions of the scene use one another, so look again until nothing new is needed.
    while new := {n for n in scene if re.search(rf"\b{n}\b", used)} - needed:
        needed |= new
        used += "\n".join(scene[name] for name in new)
    from_scene = [text for name, text in scene.items() if name in needed]
    # What is taken from the scene needs the scene's own imports.
    also = _imports((DIRECTORY / "_scene.py").read_text(encoding="utf-8"))
    shared = "\n".join(from_scene)
    imports += [line for line, name in also if line not in imports and re.search(rf"\b{name}\b", shared)]
    return "\n\n\n".join(["\n".join(imports), *from_scene, *own.values()])


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


def _imports(source: str) -> list[tuple[str, str]]:
    """Each import of a module but that of the scene, and the first name that it binds."""
    return [
        (segment, node.names[0].asname or node.names[0].name)
        for node, segment in _statements(source)
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", None) != SCENE
    ]
