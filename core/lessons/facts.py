"""The facts of what a learner has done, by the names that a lesson's words use.

Each is read from the records that the application's own jobs and readers return.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.bundle import read_index, read_values
from core.checkpoint import DATA, INDEX, META, STATE_FILE, H, V
from core.compare.comparison import Comparison
from core.compare.formats import BUILT_IN, GRAPH, SIGNATURES, SLOTS, AllWays, BuiltIn
from core.compare.objects import ByObject
from core.files import listing, state_file, tensor_bytes
from core.files.protobuf import Decoded
from core.gallery.cards import Card, Outcome
from core.history.history import History
from core.retention.retention import Retention, Trap
from core.retention.saver_options import Match
from core.retention.weights import Weight
from core.run.runs import Run
from core.training.resume import Interruption

Fact = int | float | str | tuple[str, ...]
Facts = dict[str, Fact]

CARD_ROWS = {"first": "fail", "broken": "fail", "repaired": "fix", "source": "fix"}  # by its action
NEAR = 0.05  # of h and v, from where they are in the end


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


def of_values(run: Run, name: str) -> Facts:
    """What stands in the index, and the numbers of the slots."""
    values = {key: float(value) for key, value in read_values(run.checkpoints / name).items()}
    slots = {key: value for key, value in values.items() if key not in (H, V)}
    return of_index(run, name) | {
        "largest": max(map(abs, slots.values()), default=0.0),
        "powers": tuple(f"{key} = {value:.3g}" for key, value in slots.items() if key.endswith("_power")),
    }


def of_weight(found: Weight) -> Facts:
    """What a checkpoint holds beside a weight of 2 × 3 numbers."""
    return {
        "optimizer": found.optimizer,
        "names": tuple(each.name for each in found.stored),
        "alone": found.alone,
        "bytes": found.bytes,
        "numbers": found.bytes // 4,
        "times": round(found.bytes / found.alone, 1),
    }


def of_objects(found: ByObject) -> Facts:
    """What `tf.train.Checkpoint` saved, and what came back."""
    return {
        "keys": found.keys,
        "files": found.files,
        "saved": tuple(f"{each:.3g}" for each in found.saved),
        "restored": tuple(f"{each:.3g}" for each in found.restored),
        "latest": found.latest,
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


def of_card(card: Card, failed: Outcome, fixed: Outcome, rows: Mapping[str, str]) -> Facts:
    """A card, broken and fixed; of what was seen, the named rows: fact, as in CARD_ROWS, to row."""
    seen = {"fail": failed.seen, "fix": fixed.seen}
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
        "spared": tuple(life.name for life in found.spared),
        "listed": sum(life.listed for life in found.kept),
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
        "cost_before": float(found.cost[without.first - 1]),
        "cost_whole": float(found.cost[without.first]),
        "cost_without": float(without.cost[0]),
        "worse": int((without.cost > found.cost[without.first :]).sum()),
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


def of_ways(found: AllWays, built_in: BuiltIn) -> Facts:
    """Every way to keep the model, tried out, and Keras' built-in layers beside ours."""
    small = min(found.ways, key=lambda each: each.bytes)

    def titles(question: str, kept: bool) -> tuple[str, ...]:
        return tuple(each.title for each in found.ways if bool(each.findings[question].kept) is kept)

    return {
        "name": found.name,
        "ways": len(found.ways),
        "alone": titles(GRAPH, True),
        "needing": titles(GRAPH, False),
        "signed": titles(SIGNATURES, True),
        "unaided": (
            *(
                each.title
                for each in found.ways
                if each.findings[GRAPH].kept and each.findings[SIGNATURES].kept
            ),
            *([BUILT_IN] if built_in.predicts else []),
        ),
        "all_slots": titles(SLOTS, True),
        "smallest": small.title,
        "smallest_bytes": small.bytes,
    }


def written(fact: Fact) -> str:
    """A fact as it stands in a sentence; a list of names as code, each by itself.

    What has letters of another language is no code.
    """
    if isinstance(fact, tuple):
        return ", ".join(f"`{each}`" if each.isascii() else each for each in fact) or "–"
    if isinstance(fact, float):
        return f"{fact:.4g}"
    return f"{fact:,}" if isinstance(fact, int) else fact
