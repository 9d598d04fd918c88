"""The scrubber: statistics of every tensor at every step, redrawn in the browser while its slider is dragged.

As in the time machine, all steps travel to the browser once, and no message reaches the server during a drag;
one says where it came to rest, and one which tensor is to be looked at closely.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.history.view import packed
from core.inspect.look import BINS, Look
from core.inspect.model import Tensor
from core.inspect.over_time import Mark, Measured
from core.inspect.statistics import COLUMNS
from pages.ui.components import component

FOLDER = Path(__file__).parent
SHOWN = ("norm", "mean", "std", "min", "max", "zeros", "change")  # and bad: NaN and infinities together
MOST_WORDS = 200


@dataclass(frozen=True)
class Answer:
    """What the visitor did: where the slider rests, and which tensor is to be looked at; None before that."""

    step: int | None
    look: str | None


def tensors_of(series: Sequence[Measured]) -> tuple[Tensor, ...]:
    """Every tensor with numbers that any step has, by name; the newest step's description of each."""
    found: dict[str, Tensor] = {}
    last: object = None
    for each in series:
        if each.listing.tensors is last:
            continue  # a thousand steps of one model share one list
        last = each.listing.tensors
        found.update({tensor.key: tensor for tensor in each.listing.tensors if tensor.dtype != "string"})
    return tuple(sorted(found.values(), key=lambda tensor: (bool(tensor.slot), tensor.counter, tensor.name)))


def to_json(
    series: Sequence[Measured],
    marks: Sequence[Mark],
    look: Look | None,
    plane: int = 0,
    step: int | None = None,
) -> dict[str, Any]:
    """What `unpack.js` unpacks: plain JSON values, tables as base64 of little-endian float32."""
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
    stats["bad"] = table[COLUMNS.index("nan")] + table[COLUMNS.index("inf")]
    words: dict[int, list[str]] = {}
    for mark in marks:
        words.setdefault(mark.step, []).append(mark.sentence)
    steps = [each.checkpoint.step for each in series]
    stamp = hashlib.sha256(repr([each.checkpoint for each in series]).encode()).hexdigest()
    return {
        "version": stamp,
        "series": series[0].checkpoint.group if series else "",
        "names": [shown(each.checkpoint.name) for each in series],
        "steps": None if None in steps else steps,
        "words": [shown(" ".join(words.get(at, [])))[:MOST_WORDS] for at in range(len(series))],
        "tensors": [
            {
                "key": tensor.key,
                "name": shown(tensor.name),
                "slot": tensor.slot,
                "dtype": tensor.dtype,
                "shape": list(tensor.shape),
            }
            for tensor in tensors
        ],
        "stats": {name: packed(values, "<f4") for name, values in stats.items()},
        "marks": [[mark.step, mark.kind, place.get(mark.tensor, -1)] for mark in marks],
        "draw": [n for n, tensor in enumerate(tensors) if not tensor.slot and not tensor.counter][:4],
        "chosen": place.get(look.key, -1) if look else -1,
        "step": -1 if step is None else step,
        "look": _look(look, plane, stamp, tensors[place[look.key]].name if look.key in place else look.key)
        if look
        else None,
    }


def _look(look: Look, plane: int, stamp: str, name: str) -> dict[str, Any]:
    return {
        "version": f"{stamp}-{look.key}-{plane}",
        "name": shown(name),
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


def shown(text: str) -> str:
    """A name from a stranger's file as it may be shown: what cannot be printed is written out."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def scrubber(data: dict[str, Any], *, key: str) -> Answer:
    """Show the scrubber; what the visitor last did there."""
    result = component(FOLDER, ".sc")(
        key=key,
        data=data,
        default={"step": None, "look": None},
        on_step_change=lambda: None,
        on_look_change=lambda: None,
    )
    step = result.step
    return Answer(
        int(step) if isinstance(step, int | float) else None,
        result.look if isinstance(result.look, str) else None,
    )
