"""A series of checkpoints: every tensor's statistics at every step, and what stands out by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.bundle import Entry, Values
from core.checkpoint import CheckpointError, Fault, Unsupported
from core.inspect.find import Checkpoint
from core.inspect.model import Listing, Tensor
from core.inspect.statistics import COLUMNS, NOTHING, measure
from core.inspect.tensors import listing, opened
from core.words import counted

Numbers = npt.NDArray[np.float64]

STILL = 3  # a layer that changed, and then not for so many steps, has stopped
EXPLODES = 100.0  # a norm that is so many times the median of the steps before
VANISHES = 1e-6  # a slot whose norm is this share of its largest


@dataclass(frozen=True, eq=False)
class Measured:
    """One checkpoint of a series, measured.

    Attributes:
        checkpoint: which.
        before: path of the checkpoint that `change` refers to; "" for the first.
        listing: its tensors; empty when it cannot be read at all.
        table: float64 of shape [tensors, statistics], in the order of `listing.tensors` and `COLUMNS`.
        problems: tensor's key to why it has no values; the key "" stands for the whole checkpoint.
    """

    checkpoint: Checkpoint
    before: str
    listing: Listing
    table: Numbers
    problems: Mapping[str, Fault]

    @staticmethod
    def unreadable(checkpoint: Checkpoint, before: Checkpoint | None, error: CheckpointError) -> Measured:
        """One that cannot be read at all."""
        listing = Listing(checkpoint.path, checkpoint.kind, (), {})
        nothing = np.empty((0, len(COLUMNS)))
        return Measured(checkpoint, before.path if before else "", listing, nothing, {"": Fault.of(error)})


@dataclass(frozen=True)
class Mark:
    """Something that stands out.

    Attributes:
        kind: "nan", "stopped", "explodes", "vanishes", "appears", "disappears", "shape", "renamed" or
            "unreadable".
        step: position in the series, from 0.
        tensor: key; "" for the whole checkpoint.
        sentence: what, where and since when.
    """

    kind: str
    step: int
    tensor: str
    sentence: str


def measure_one(root: Path, checkpoint: Checkpoint, before: Checkpoint | None) -> Measured:
    """Measure one checkpoint; what cannot be read costs its own row."""
    problems: dict[str, Fault] = {}
    try:
        values = opened(root, checkpoint)
    except CheckpointError as error:
        return Measured.unreadable(checkpoint, before, error)
    earlier: Values | None = None
    with values:
        try:
            earlier = opened(root, before) if before else None
        except CheckpointError:
            earlier = None  # it says so in its own row
        try:
            found = listing(checkpoint, values)
            entries = {entry.name: entry for entry in values.entries}
            old = {entry.name: entry for entry in earlier.entries} if earlier else {}
            table = np.full((len(found.tensors), len(COLUMNS)), np.nan)
            for row, tensor in enumerate(found.tensors):
                if tensor.dtype == "string":
                    continue
                entry = entries[tensor.key]
                try:
                    table[row] = _measured(values, entry, earlier, old.get(tensor.key))
                except CheckpointError as error:
                    problems[tensor.key] = Fault.of(error)
                    table[row] = NOTHING
        finally:
            if earlier is not None:
                earlier.close()
    return Measured(checkpoint, before.path if before else "", found, table, problems)


def _measured(values: Values, entry: Entry, earlier: Values | None, old: Entry | None) -> tuple[float, ...]:
    if earlier is not None and old is not None and (old.shape, old.dtype) == (entry.shape, entry.dtype):
        try:
            return measure(values, entry, (earlier, old))
        except CheckpointError:
            pass  # perhaps only the one before is bad
    return measure(values, entry)


def marks(series: Sequence[Measured], name: Callable[[int], str] | None = None) -> tuple[Mark, ...]:
    """What stands out in a series, in the order of its steps."""
    said = name or (lambda at: series[at].checkpoint.name)
    found: list[Mark] = []
    for at, each in enumerate(series):
        found += [
            Mark("unreadable", at, key, fault.sentence)
            for key, fault in each.problems.items()
            if fault.kind != Unsupported.kind
        ]
    readable = [at for at, each in enumerate(series) if "" not in each.problems]
    for before, at in pairwise(readable):
        found += _differences(series, before, at, said)
    rows: dict[str, list[tuple[int, Tensor, Numbers]]] = {}
    for at in readable:
        for tensor, row in zip(series[at].listing.tensors, series[at].table, strict=True):
            rows.setdefault(tensor.key, []).append((at, tensor, row))
    for key, history in rows.items():
        found += _history(key, history, said)
    return tuple(sorted(found, key=lambda mark: (mark.step, mark.kind, mark.tensor)))


def column(series: Sequence[Measured], key: str, statistic: str) -> Numbers:
    """One statistic of one tensor over the series, float64 of shape [steps]; NaN where there is none."""
    place = COLUMNS.index(statistic)
    rows = np.full(len(series), np.nan)
    for at, each in enumerate(series):
        row = next((n for n, tensor in enumerate(each.listing.tensors) if tensor.key == key), None)
        if row is not None:
            rows[at] = each.table[row, place]
    return rows


def _differences(series: Sequence[Measured], before: int, at: int, said: Callable[[int], str]) -> list[Mark]:
    """Tensors that appear, disappear, change shape or type, or only their name."""
    old = {each.key: each for each in series[before].listing.tensors}
    new = {each.key: each for each in series[at].listing.tensors}
    gone = {key: each for key, each in old.items() if key not in new}
    fresh = {key: each for key, each in new.items() if key not in old}
    renamed = pair_renamed(gone, fresh, _digests(series[before]), _digests(series[at]))
    found = [
        Mark("renamed", at, new_key, f"{old_key} is called {new_key} from {said(at)} on: the same bytes.")
        for old_key, new_key in renamed.items()
    ]
    for key in gone.keys() - renamed.keys():
        found.append(Mark("disappears", at, key, f"{key} is not in {said(at)} any more."))
    for key in fresh.keys() - set(renamed.values()):
        found.append(Mark("appears", at, key, f"{key} is new in {said(at)}."))
    for key in old.keys() & new.keys():
        a, b = old[key], new[key]
        if (a.shape, a.dtype) != (b.shape, b.dtype):
            sentence = f"{key} is {b.dtype} {b.shape} from {said(at)} on; it was {a.dtype} {a.shape}."
            found.append(Mark("shape", at, key, sentence))
    return found


def pair_renamed(
    gone: Mapping[str, Tensor],
    fresh: Mapping[str, Tensor],
    old: Mapping[str, float],
    new: Mapping[str, float],
) -> dict[str, str]:
    """Old key to new key, where shape, type and bytes are the same, and no other could be meant."""

    def sorts(
        tensors: Mapping[str, Tensor], digests: Mapping[str, float]
    ) -> dict[tuple[object, ...], list[str]]:
        found: dict[tuple[object, ...], list[str]] = {}
        for key, each in tensors.items():
            digest = digests.get(key, math.nan)
            if each.elements and not math.isnan(digest):
                found.setdefault((each.shape, each.dtype, digest), []).append(key)
        return found

    there, here = sorts(gone, old), sorts(fresh, new)
    return {
        keys[0]: here[sort][0] for sort, keys in there.items() if len(keys) == 1 == len(here.get(sort, ()))
    }


def _digests(measured: Measured) -> dict[str, float]:
    place = COLUMNS.index("digest")
    return {
        tensor.key: float(measured.table[row, place]) for row, tensor in enumerate(measured.listing.tensors)
    }


def _history(key: str, rows: Sequence[tuple[int, Tensor, Numbers]], said: Callable[[int], str]) -> list[Mark]:
    """NaNs, explosions, slots that vanish, and layers that stopped, of one tensor."""
    place = {name: COLUMNS.index(name) for name in ("norm", "nan", "inf", "first_bad", "changed", "digest")}
    found = []
    for at, tensor, row in rows:
        bad = row[place["nan"]] + row[place["inf"]]
        if bad > 0:
            what = "NaN" if row[place["nan"]] else "infinity"
            place_there = np.unravel_index(int(row[place["first_bad"]]), tensor.shape or (1,))
            where = f"at {[int(n) for n in place_there]}" if tensor.shape else "its only element"
            sentence = (
                f"{tensor.name} has its first {what} in {said(at)}, {where}; {int(bad):,} of "
                f"{counted(tensor.elements, 'element')} there."
            )
            found.append(Mark("nan", at, key, sentence))
            break
    norms = np.array([row[place["norm"]] for _, _, row in rows])
    with np.errstate(all="ignore"):
        for n in range(2, len(norms) if not rows[-1][1].counter else 0):
            usual = float(np.median(norms[:n]))
            if usual > 0 and norms[n] > EXPLODES * usual and norms[n - 1] <= EXPLODES * usual:
                at, tensor, _ = rows[n]
                sentence = (
                    f"The norm of {tensor.name} is {norms[n]:.3g} in {said(at)}; until then {usual:.3g}."
                )
                found.append(Mark("explodes", at, key, sentence))
                break
    if rows and rows[-1][1].slot and len(norms) > 2:
        largest = float(np.nanmax(norms)) if np.isfinite(norms).any() else 0.0
        small = np.flatnonzero(norms <= VANISHES * largest)
        after = [int(n) for n in small if n > int(np.nanargmax(norms))] if largest > 0 else []
        if after:
            at, tensor, _ = rows[after[0]]
            sentence = (
                f"The slot {tensor.name} vanishes in {said(at)}: its norm fell to {norms[after[0]]:.3g}."
            )
            found.append(Mark("vanishes", at, key, sentence))
    changed = np.array([row[place["changed"]] for _, _, row in rows])
    still = 0
    while still < len(changed) and changed[len(changed) - 1 - still] == 0:
        still += 1
    tensor = rows[-1][1]
    if still >= STILL and not tensor.counter and tensor.elements:
        at = rows[len(changed) - still][0]
        last = rows[-1][2][place["digest"]]
        earlier = rows[: len(changed) - still]
        # Behind a step that could not be read, or had another shape, nothing says how much has changed.
        ever = bool((changed[: len(changed) - still] > 0).any()) or any(
            each.shape != tensor.shape or (np.isfinite(row[place["digest"]]) and row[place["digest"]] != last)
            for _, each, row in earlier
        )
        sentence = (
            f"{tensor.name} does not change any more from {said(rows[len(changed) - still - 1][0])} on."
            if ever
            else f"{tensor.name} never changes in these {len(rows):,} checkpoints."
        )
        found.append(Mark("stopped", at, key, sentence))
    return found
