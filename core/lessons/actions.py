"""What a lesson can let a learner do: what each action needs, and the names of the facts that come of it.

One record each. The function of its name in `pages.parts.lessons.deeds` does it, and `core.lessons.facts`
reads the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core.checkpoint import FINAL, is_ours, iteration_of, name_of
from core.gallery.cards import cards
from core.lessons.facts import CARD_ROWS
from core.retention.retention import TRAPS, RetentionSettings
from core.settings import OPTIMIZERS, Setting, TrainSettings

Check = Callable[[str, TrainSettings], str]  # what is wrong with a value, empty when nothing

SHOWN = ("everything", "every variable")  # of an interruption: a later step may ask about the other half
FILE_KINDS = ("data", "index", "values", "meta", "checkpoint")
PARTS = ("folder", "call")  # of a SavedModel

RUN = (
    "iterations",
    "checkpoints",
    "files",
    "values",
    "h",
    "v",
    "true_h",
    "true_v",
    "first_h",
    "first_v",
    "last",
)
_CHECKPOINT = ("name", "step", "h", "v")
_VARIANT = ("on_disk", "count", "listed", "forgotten", "latest")


@dataclass(frozen=True)
class Action:
    """One thing that a learner can do in a lesson.

    Attributes:
        name: what a lesson calls it, and the function that does it.
        page: the full page where the same can be done, in `pages/`.
        facts: the names that a reveal can use.
        parameters: name to the check of its value; all are needed.
        optional: name to the check of its value, of parameters that may be left out.
        rows: parameters that may be left out; each names a row of what is shown, and gives a fact.
        trained: whether it needs the lesson's run.
        repaired: whether it shows a failure, then its fix.
        more: the facts that depend on a parameter: its name, and value to facts.
    """

    name: str
    page: str
    facts: tuple[str, ...]
    parameters: Mapping[str, Check] = field(default_factory=dict)
    trained: bool = False
    repaired: bool = False
    more: tuple[str, Mapping[str, tuple[str, ...]]] = ("", {})
    rows: tuple[str, ...] = ()
    optional: Mapping[str, Check] = field(default_factory=dict)

    def facts_of(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        """The facts that it gives with these parameters."""
        name, known = self.more
        rows = tuple(row for row in self.rows if row in parameters)
        return self.facts + known.get(parameters.get(name, ""), ()) + rows


def _checkpoint(text: str, train: TrainSettings) -> str:
    iteration = iteration_of(text)
    if not is_ours(text) or (iteration is not None and iteration >= train.iterations):
        return f"it must be {name_of(0)} to {name_of(train.iterations - 1)}, or {FINAL}"
    return ""


def _one_of(words: tuple[str, ...]) -> Check:
    return lambda text, train: "" if text in words else f"it must be one of: {', '.join(words)}"


def _whole(low: int, high: int) -> Check:
    return lambda text, train: (
        ""
        if text.isdecimal() and low <= int(text) <= high
        else f"it must be a whole number from {low} to {high}"
    )


def _within(setting: Setting) -> Check:
    return _whole(int(setting.low), int(setting.high))


def _iteration(text: str, train: TrainSettings) -> str:
    return _whole(0, train.iterations - 2)(text, train)


def _rate(text: str, train: TrainSettings) -> str:
    try:
        replace(train, learning_rate=float(text))
    except ValueError:
        return "it must be a learning rate"
    return ""


def _card(text: str, train: TrainSettings) -> str:
    return _one_of(tuple(card.slug for card in cards()))(text, train)


_ACTIONS = (
    Action("train", "playground", (*RUN, "data_bytes"), trained=True),
    Action(
        "history", "history", (*_CHECKPOINT, "last_h", "last_v"), {"checkpoint": _checkpoint}, trained=True
    ),
    Action(
        "files",
        "files",
        ("name", "names", "files", "folder_files", "bytes"),
        {"checkpoint": _checkpoint},
        trained=True,
    ),
    Action(
        "file",
        "files",
        ("name", "file", "bytes"),
        {"checkpoint": _checkpoint, "kind": _one_of(FILE_KINDS)},
        trained=True,
        more=(
            "kind",
            {
                "data": ("values", "h", "v", "h_bytes", "v_bytes", "h_at", "v_at"),
                "index": ("values", "tensors", "h_at", "v_at", "dtype"),
                "values": ("values", "tensors", "h_at", "v_at", "dtype", "largest", "powers"),
                "meta": ("nodes", "message", "saved_as"),
                "checkpoint": ("latest", "listed", "unlisted"),
            },
        ),
    ),
    Action("card", "gallery", ("error", "message"), {"card": _card}, repaired=True, rows=tuple(CARD_ROWS)),
    Action(
        "keep",
        "retention",
        ("saves", "saved", "kept", "count", "deleted", "files", "spared", "listed"),
        {name: _within(RetentionSettings.settings()[name]) for name in ("saves", "max_to_keep")},
        optional={"every_hours": _whole(1, 100)},
    ),
    Action(
        "trap",
        "retention",
        tuple(f"{each}_1" for each in _VARIANT),
        {"trap": _one_of(tuple(TRAPS))},
        repaired=True,
        more=(
            "trap",
            {
                name: tuple(f"{each}_2" for each in _VARIANT)
                for name, trap in TRAPS.items()
                if trap.variants == 2
            },
        ),
    ),
    Action(
        "options",
        "retention",
        ("saved", "restored", "in_file", "missing", "found", "empty"),
        {"saved": _whole(1, 3), "restored": _whole(1, 4)},
        repaired=True,
    ),
    Action(
        "interrupt",
        "resume",
        (
            *("optimizer", "latest", "slots", "count", "same", "departs", "largest", "largest_in"),
            *("largest_at", "end_h", "end_v", "near", "there_whole", "there_without", "first"),
            *("cost_before", "cost_whole", "cost_without", "worse"),
        ),
        {"optimizer": _one_of(OPTIMIZERS), "after": _iteration, "show": _one_of(SHOWN)},
        trained=True,
        repaired=True,
        optional={"updates": _one_of(("one",)), "rate": _rate},
    ),
    Action(
        "compare",
        "compare",
        (
            *("name", "saver_files", "saved_files", "saver_bytes", "saved_bytes", "saver_values"),
            *("saved_values", "tags", "signatures", "input", "assets", "needs", "operations"),
        ),
        {"checkpoint": _checkpoint, "part": _one_of(PARTS)},
        trained=True,
    ),
    Action(
        "weight",
        "files",
        ("optimizer", "names", "alone", "bytes", "numbers", "times"),
        {"optimizer": _one_of(OPTIMIZERS)},
    ),
    Action("objects", "compare", ("keys", "files", "saved", "restored", "latest")),
    Action(
        "ways",
        "compare",
        ("name", "ways", "alone", "needing", "signed", "unaided", "all_slots", "smallest", "smallest_bytes"),
        {"checkpoint": _checkpoint},
        trained=True,
    ),
)
ACTIONS = {each.name: each for each in _ACTIONS}


def unknown_row(parameters: Mapping[str, str], name: str) -> str:
    """What is wrong with a row that a card is asked for; empty when the card shows one of that name."""
    card = next((each for each in cards() if each.slug == parameters.get("card")), None)
    if card is None or name not in CARD_ROWS:
        return ""
    known = card.shows[CARD_ROWS[name]]
    return "" if parameters[name] in known else f"it must be one of: {' | '.join(known) or 'none'}"
