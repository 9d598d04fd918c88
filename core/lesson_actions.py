"""What a lesson can let a learner do, and the facts that come of it, which its words can name.

Pages do it (`pages.shared.lessons.actions`); here stands what an action needs, which facts it gives, and how
they are read from the records that the application's own jobs and readers return.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.bundle import read_index
from core.checkpoint import DATA, FINAL, INDEX, META, STATE_FILE, H, V, is_ours, iteration_of
from core.comparison import Comparison
from core.files import listing, state_file, tensor_bytes
from core.files.protobuf import Decoded
from core.history import History
from core.lab import Card, Outcome, cards
from core.resuming import Interruption
from core.retention import TRAPS, Retention, RetentionSettings, Trap
from core.runs import Run
from core.saver_options import Match
from core.settings import OPTIMIZERS, Setting, TrainSettings
from core.ways import GRAPH, SIGNATURES, SLOTS, AllWays

Fact = int | float | str | tuple[str, ...]
Facts = dict[str, Fact]
Check = Callable[[str, TrainSettings], str]  # what is wrong with a value, empty when nothing

CARD_ROWS = {"first": "fail", "broken": "fail", "repaired": "repair", "source": "repair"}  # by its action
SHOWN = ("everything", "every variable")  # of an interruption: a later step may ask about the other half
NEAR = 0.05  # of h and v, from where they are in the end
FILE_KINDS = ("data", "index", "meta", "checkpoint")
VARIANTS = {"default": 1, "none": 1, "resumed": 2, "moved": 2, "minus_one": 1}  # of each trap

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
        facts: the names that a reveal can use.
        parameters: name to the check of its value; all are needed.
        rows: parameters that may be left out; each names a row of what is shown, and gives a fact.
        page: the full page where the same can be done, in `pages/`.
        trained: whether it needs the lesson's run.
        more: the facts that depend on a parameter: its name, and value to facts.
    """

    facts: tuple[str, ...]
    page: str
    parameters: Mapping[str, Check] = field(default_factory=dict)
    trained: bool = False
    more: tuple[str, Mapping[str, tuple[str, ...]]] = ("", {})
    rows: tuple[str, ...] = ()

    def facts_of(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        """The facts that it gives with these parameters."""
        name, known = self.more
        rows = tuple(row for row in self.rows if row in parameters)
        return self.facts + known.get(parameters.get(name, ""), ()) + rows


def _checkpoint(text: str, train: TrainSettings) -> str:
    iteration = iteration_of(text)
    if not is_ours(text) or (iteration is not None and iteration >= train.iterations):
        return f"it must be model_iter-0 to model_iter-{train.iterations - 1}, or {FINAL}"
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


def _card(text: str, train: TrainSettings) -> str:
    return _one_of(tuple(card.slug for card in cards()))(text, train)


ACTIONS = {
    "train": Action((*RUN, "data_bytes"), "train", trained=True),
    "history": Action(
        (*_CHECKPOINT, "last_h", "last_v"), "history", {"checkpoint": _checkpoint}, trained=True
    ),
    "files": Action(
        ("name", "names", "files", "folder_files", "bytes"),
        "files",
        {"checkpoint": _checkpoint},
        trained=True,
    ),
    "file": Action(
        ("name", "file", "bytes"),
        "files",
        {"checkpoint": _checkpoint, "kind": _one_of(FILE_KINDS)},
        trained=True,
        more=(
            "kind",
            {
                "data": ("values", "h", "v", "h_bytes", "v_bytes", "h_at", "v_at"),
                "index": ("values", "tensors", "h_at", "v_at", "dtype"),
                "meta": ("nodes", "message", "saved_as"),
                "checkpoint": ("latest", "listed", "unlisted"),
            },
        ),
    ),
    "card": Action(("error", "message"), "break_it", {"card": _card}, rows=tuple(CARD_ROWS)),
    "keep": Action(
        ("saves", "saved", "kept", "count", "deleted", "files"),
        "retention",
        {name: _within(RetentionSettings.settings()[name]) for name in ("saves", "max_to_keep")},
    ),
    "trap": Action(
        tuple(f"{each}_1" for each in _VARIANT),
        "retention",
        {"trap": _one_of(tuple(TRAPS))},
        more=(
            "trap",
            {key: tuple(f"{each}_2" for each in _VARIANT) for key, count in VARIANTS.items() if count == 2},
        ),
    ),
    "options": Action(
        ("saved", "restored", "in_file", "missing", "found", "empty"),
        "retention",
        {"saved": _whole(1, 3), "restored": _whole(1, 4)},
    ),
    "interrupt": Action(
        (
            *("optimizer", "latest", "slots", "count", "same", "departs", "largest", "largest_in"),
            *("largest_at", "end_h", "end_v", "near", "there_whole", "there_without", "first"),
        ),
        "resume",
        {"optimizer": _one_of(OPTIMIZERS), "after": _iteration, "show": _one_of(SHOWN)},
        trained=True,
    ),
    "compare": Action(
        (
            *("name", "saver_files", "saved_files", "saver_bytes", "saved_bytes", "saver_values"),
            *("saved_values", "tags", "signatures", "input", "assets", "needs", "operations"),
        ),
        "compare",
        {"checkpoint": _checkpoint},
        trained=True,
    ),
    "ways": Action(
        ("name", "ways", "alone", "needing", "signed", "all_slots", "smallest", "smallest_bytes"),
        "ways",
        {"checkpoint": _checkpoint},
        trained=True,
    ),
}


def of_run(run: Run, history: History) -> Facts:
    """A trained run as its files tell."""
    manifest, rows = run.manifest(), history.table
    first, last = rows.iloc[0], rows.iloc[-1]
    files = [each for each in listing.list_files(run) if each.folder == "checkpoints"]
    entries = read_index(run.checkpoints / str(last["name"]))
    truth = run.sample().truth or (float("nan"), float("nan"))
    return {
        "iterations": manifest.train.iterations,
        "checkpoints": len(rows),
        "files": len(files),
        "values": len(entries),
        "data_bytes": sum(entry.size for entry in entries),
        "h": float(last["h"]),
        "v": float(last["v"]),
        "true_h": truth[0],
        "true_v": truth[1],
        "first_h": float(first["h"]),
        "first_v": float(first["v"]),
        "last": str(rows["name"].iloc[-1]),
    }


def of_history(history: History, name: str) -> Facts:
    """One checkpoint on the slider."""
    row = history.table[history.table["name"] == name].iloc[0]
    last = history.table.iloc[-1]
    return {
        "name": name,
        "step": int(row["step"]),
        "h": float(row["h"]),
        "v": float(row["v"]),
        "last_h": float(last["h"]),
        "last_v": float(last["v"]),
    }


def of_files(run: Run, name: str) -> Facts:
    """The files of one checkpoint."""
    files = listing.list_files(run)
    mine = [each for each in files if each.folder == "checkpoints" and listing.belongs(each, name)]
    return {
        "name": name,
        "names": tuple(each.name for each in mine),
        "files": len(mine),
        "folder_files": sum(each.folder == "checkpoints" for each in files),
        "bytes": sum(each.size for each in mine),
    }


def of_data(run: Run, name: str) -> Facts:
    """What lies in a data file."""
    found = tensor_bytes.read_data(run.checkpoints / name)
    by_name = {region.entry.name: region for region in found.regions}
    return {
        "name": name,
        "file": name + DATA,
        "bytes": len(found.content),
        "values": len(found.regions),
        "h": by_name[H].value,
        "v": by_name[V].value,
        "h_bytes": by_name[H].raw.hex(" "),
        "v_bytes": by_name[V].raw.hex(" "),
        "h_at": by_name[H].entry.offset,
        "v_at": by_name[V].entry.offset,
    }


def of_index(run: Run, name: str) -> Facts:
    """What lies in an index file."""
    entries = read_index(run.checkpoints / name)
    at = {entry.name: entry.offset for entry in entries}
    return {
        "name": name,
        "file": name + INDEX,
        "bytes": (run.checkpoints / (name + INDEX)).stat().st_size,
        "values": len(entries),
        "tensors": tuple(entry.name for entry in entries),
        "h_at": at[H],
        "v_at": at[V],
        "dtype": str(entries[0].dtype),
    }


def of_meta(name: str, found: Decoded) -> Facts:
    """What lies in a .meta file."""
    return {
        "name": name,
        "file": name + META,
        "bytes": found.size,
        "message": found.message,
        "nodes": sum(group.nodes for group in found.groups),
        "saved_as": dict(found.facts).get("written by TensorFlow", ""),
    }


def of_state(run: Run, name: str) -> Facts:
    """What the `checkpoint` file says."""
    found = state_file.read_state(run.checkpoints)
    return {
        "name": name,
        "file": STATE_FILE,
        "bytes": len(found.text.encode()),
        "latest": found.latest.name if found.latest else "None",
        "listed": len(found.listed),
        "unlisted": len(found.unlisted),
    }


def unknown_row(parameters: Mapping[str, str], name: str) -> str:
    """What is wrong with a row that a card is asked for; empty when its code writes one of that name."""
    card = next((each for each in cards() if each.slug == parameters.get("card")), None)
    if card is None or name not in CARD_ROWS:
        return ""
    source = card.fail_source if CARD_ROWS[name] == "fail" else card.repair_source
    known = re.findall(r'^\s*(?:return \{)?"([^"]+)": ', source, re.MULTILINE)
    return "" if parameters[name] in known else f"it must be one of: {' | '.join(known) or 'none'}"


def of_card(card: Card, failed: Outcome, repaired: Outcome, rows: Mapping[str, str]) -> Facts:
    """A card, broken and repaired; of what was seen, the named rows: fact, as in CARD_ROWS, to row."""
    seen = {"fail": failed.seen, "repair": repaired.seen}
    found: Facts = {"error": failed.error or "", "message": card.message}
    return found | {name: seen[CARD_ROWS[name]][row] for name, row in rows.items()}


def of_keep(found: Retention) -> Facts:
    """What a Saver kept."""
    return {
        "saves": found.settings.saves,
        "saved": len(found.lives),
        "kept": tuple(life.name for life in found.kept),
        "count": len(found.kept),
        "deleted": len(found.lives) - len(found.kept),
        "files": len(found.files),
    }


def of_trap(trap: Trap) -> Facts:
    """What became of each variant of a trap."""
    facts: Facts = {}
    for number, variant in enumerate(trap.variants, 1):
        facts |= {
            f"on_disk_{number}": variant.on_disk,
            f"count_{number}": len(variant.on_disk),
            f"listed_{number}": len(variant.listed),
            f"forgotten_{number}": variant.forgotten,
            f"latest_{number}": variant.latest or "None",
        }
    return facts


def of_options(match: Match) -> Facts:
    """One way to save, restored in one way."""
    return {
        "saved": match.saved,
        "restored": match.restored,
        "in_file": tuple(match.tensors),
        "missing": match.missing,
        "found": tuple(name for name, value in match.values.items() if value is not None),
        "empty": tuple(name for name, value in match.values.items() if value is None),
    }


def of_interruption(found: Interruption) -> Facts:
    """A training that was interrupted and went on in two ways."""
    without = found.without_slots
    whole = np.stack([found.h, found.v], axis=1)[without.first :].astype(np.float64)
    other = np.stack([without.h, without.v], axis=1).astype(np.float64)
    at, which = np.unravel_index(np.argmax(np.abs(other - whole)), whole.shape)
    return {
        "optimizer": found.optimizer,
        "latest": found.latest,
        "slots": found.slots,
        "count": len(found.slots),
        "same": len(found.with_slots.h) if found.with_slots.departs is None else 0,
        "departs": "never" if without.departs is None else without.departs,
        "largest": without.largest,
        "largest_in": "hv"[which],
        "largest_at": without.first + int(at),
        "end_h": without.at_end[0],
        "end_v": without.at_end[1],
        "near": NEAR,
        "there_whole": without.first + _settled(whole),
        "there_without": without.first + _settled(other),
        "first": found.with_slots.first,
    }


def _settled(way: npt.NDArray[np.float64]) -> int:
    """After how many iterations h and v, float64 [iterations, 2], stay near where they are in the end."""
    return int(np.flatnonzero(np.abs(way - way[-1]).max(axis=1) > NEAR).max(initial=-1)) + 1


def of_comparison(found: Comparison) -> Facts:
    """A Saver's checkpoint beside a SavedModel."""
    saver, saved = found.saver, found.saved_model
    return {
        "name": found.name,
        "saver_files": len(saver.files),
        "saved_files": len(saved.files),
        "saver_bytes": saver.bytes,
        "saved_bytes": saved.bytes,
        "saver_values": len(saver.variables),
        "saved_values": len(saved.variables),
        "tags": saved.tags,
        "signatures": tuple(saved.signatures),
        "input": next(iter(saved.signatures.values()), ""),
        "assets": tuple(saved.assets),
        "needs": saver.needs,
        "operations": saved.operations,
    }


def of_ways(found: AllWays) -> Facts:
    """Every way to keep the model, tried out."""
    small = min(found.ways, key=lambda each: each.bytes)

    def titles(question: str, kept: bool) -> tuple[str, ...]:
        return tuple(each.title for each in found.ways if bool(each.findings[question].kept) is kept)

    return {
        "name": found.name,
        "ways": len(found.ways),
        "alone": titles(GRAPH, True),
        "needing": titles(GRAPH, False),
        "signed": titles(SIGNATURES, True),
        "all_slots": titles(SLOTS, True),
        "smallest": small.title,
        "smallest_bytes": small.bytes,
    }


def written(fact: Fact) -> str:
    """A fact as it stands in a sentence; a list of names as code, each by itself."""
    if isinstance(fact, tuple):
        return ", ".join(f"`{each}`" for each in fact) or "–"
    if isinstance(fact, float):
        return f"{fact:.4g}"
    return f"{fact:,}" if isinstance(fact, int) else fact
