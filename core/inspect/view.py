"""A series as the page's scrubber draws it: every statistic of every tensor at every step, packed once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.inspect.look import BINS, Look, Numbers
from core.inspect.model import SLOT, WEIGHT, Tensor
from core.inspect.over_time import Mark, Measured
from core.inspect.statistics import COLUMNS
from core.packing import packed
from core.words import counted, printable

SHOWN = ("norm", "mean", "std", "min", "max", "zeros", "change")  # and bad: NaN and infinities together
MOST_WORDS = 200


def tensors_of(series: Sequence[Measured]) -> tuple[Tensor, ...]:
    """Every tensor with numbers that any step has: weights in the model's order, then slots, then the rest.

    Of a tensor that several steps have, the newest step's description.
    """
    found: dict[str, Tensor] = {}
    last: object = None
    for each in reversed(series):
        if each.listing.tensors is last:
            continue  # a thousand steps of one model share one list
        last = each.listing.tensors
        for tensor in each.listing.tensors:
            if tensor.dtype != "string":
                found.setdefault(tensor.key, tensor)
    layers = {
        layer: place for place, layer in enumerate(dict.fromkeys(each.layer for each in found.values()))
    }
    return tuple(sorted(found.values(), key=lambda tensor: (_part(tensor), layers[tensor.layer])))


def _part(tensor: Tensor) -> int:
    """0 for what the model computes with, 1 for an optimizer's slots, 2 for what is beside the model."""
    return (WEIGHT, SLOT).index(tensor.role) if tensor.role in (WEIGHT, SLOT) else 2


def _groups(tensors: Sequence[Tensor], kinds: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[int]]:
    """The headings of the table, and under which of them each tensor is; -1 for a weight without a layer."""
    groups: dict[tuple[int, str], dict[str, Any]] = {}
    counts = Counter(_part(tensor) for tensor in tensors)
    places: dict[tuple[int, str], int] = {}
    under = []
    for tensor in tensors:
        part = _part(tensor)
        if part == 0 and not tensor.layer:
            under.append(-1)
            continue
        name = tensor.layer if part == 0 else ""
        if (part, name) not in groups:
            title = (name, counted(counts[1], "optimizer slot"), f"{counts[2]:,} beside the model")[part]
            places[part, name] = len(groups)
            groups[part, name] = {
                "name": printable(title),
                "kind": printable(kinds.get(name, "")) if part == 0 else "",
                "model": part == 0,
                "open": part == 0,
            }
        under.append(places[part, name])
    return list(groups.values()), under


def liveliest(series: Sequence[Measured], found: Sequence[Mark]) -> str:
    """The key of the tensor to begin with: the first with a NaN, else the weight that changed most.

    Changes are taken against the tensor's own norm, and added up over the series.
    """
    tensors = tensors_of(series)
    weights = {tensor.key for tensor in tensors if tensor.role == WEIGHT}
    bad = next((mark.tensor for mark in found if mark.kind == "nan" and mark.tensor in weights), "")
    if bad:
        return bad
    moved: dict[str, float] = {}
    norm, change = COLUMNS.index("norm"), COLUMNS.index("change")
    for each in series:
        for tensor, row in zip(each.listing.tensors, each.table, strict=True):
            if tensor.key in weights and row[norm] > 0 and np.isfinite(row[change]):
                moved[tensor.key] = moved.get(tensor.key, 0.0) + float(row[change] / row[norm])
    return max(moved, key=moved.__getitem__) if moved else tensors[0].key


def to_json(
    series: Sequence[Measured],
    marks: Sequence[Mark],
    look: Look | None,
    plane: int = 0,
    step: int | None = None,
    bits: int | None = None,
    numbers: tuple[int, Numbers] | None = None,
) -> dict[str, Any]:
    """What `unpack.js` unpacks: plain JSON values, tables as base64 of little-endian float32.

    Args:
        numbers: a step and the exact numbers of the tensor that is looked at in it.
        bits: of a mantissa, that the numbers are rounded to, where a file has to be small; None for all.
    """
    tensors = tensors_of(series)
    place = {tensor.key: n for n, tensor in enumerate(tensors)}
    table = np.full((len(COLUMNS), len(series), len(tensors)), np.nan, np.float32)
    for at, each in enumerate(series):
        rows = [(row, place[t.key]) for row, t in enumerate(each.listing.tensors) if t.key in place]
        if rows:
            here, there = (list(both) for both in zip(*rows, strict=True))
            with np.errstate(over="ignore"):
                table[:, at, there] = each.table[here].T.astype(np.float32)
    stats = {name: table[COLUMNS.index(name)] for name in SHOWN}
    bad = table[COLUMNS.index("nan")] + table[COLUMNS.index("inf")]
    for name in ("norm", "change"):  # of the finite elements alone they would look like a result
        stats[name] = np.where(bad > 0, np.nan, stats[name]).astype(np.float32)
    stats["bad"] = bad
    groups, under = _groups(tensors, series[-1].listing.kinds if series else {})
    words: dict[int, list[str]] = {}
    for mark in marks:
        words.setdefault(mark.step, []).append(mark.sentence)
    steps = [each.checkpoint.step for each in series]
    stamp = hashlib.sha256(repr([each.checkpoint for each in series]).encode()).hexdigest()
    return {
        "version": stamp,
        "series": series[0].checkpoint.group if series else "",
        "names": [printable(each.checkpoint.name) for each in series],
        "steps": None if None in steps else steps,
        "words": [printable(" ".join(words.get(at, [])))[:MOST_WORDS] for at in range(len(series))],
        "tensors": [
            {
                "key": tensor.key,
                "name": printable(tensor.name),
                "label": printable(tensor.name.removeprefix(f"{tensor.layer}/")),
                "group": group,
                "slot": tensor.slot,
                "dtype": tensor.dtype,
                "shape": list(tensor.shape),
                "elements": tensor.elements,
            }
            for tensor, group in zip(tensors, under, strict=True)
        ],
        "groups": groups,
        "stats": {name: packed(_rounded(values, bits), "<f4") for name, values in stats.items()},
        "marks": [[mark.step, mark.kind, place.get(mark.tensor, -1)] for mark in marks],
        "draw": [place[look.key]] if look else [0],
        "chosen": place.get(look.key, -1) if look else -1,
        "step": -1 if step is None else step,
        "numbers": {"step": numbers[0], **_texts(numbers[1])} if numbers else None,
        "look": _look(look, plane, stamp, tensors[place[look.key]].name if look.key in place else look.key)
        if look
        else None,
    }


def _texts(numbers: Numbers) -> dict[str, Any]:
    kept = {"slice": printable(numbers.slice), "lines": "\n".join(map(printable, numbers.lines.splitlines()))}
    return {**vars(numbers), **kept, "points": [printable(each) for each in numbers.points]}


def _rounded(values: npt.NDArray[np.float32], bits: int | None) -> npt.NDArray[np.float32]:
    """The numbers with fewer bits of a mantissa, the nearest such ones; what is not finite stays."""
    if bits is None:
        return values
    cut = 23 - bits
    whole = np.ascontiguousarray(values).view(np.uint32)
    near = ((whole + np.uint32(1 << (cut - 1))) & ~np.uint32((1 << cut) - 1)).view(np.float32)
    return np.where(np.isfinite(values) & np.isfinite(near), near, values)


def _look(look: Look, plane: int, stamp: str, name: str) -> dict[str, Any]:
    return {
        "version": f"{stamp}-{look.key}-{plane}",
        "name": printable(name),
        "low": look.low,
        "high": look.high,
        "bins": BINS,
        "counts": packed(look.counts, "<u4"),
        "height": look.pixels.shape[1],
        "width": look.pixels.shape[2],
        "pixels": packed(look.pixels, "<u1"),
        "planes": look.planes,
        "plane": plane,
    }
