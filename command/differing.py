"""`diff`: what differs between two checkpoints, of whatever formats."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

from command.patterns import wanted
from command.place import named
from command.told import BAD, GOOD, Line, Part, Table, Told, number, share
from core.inspect.compare import CLOSE, ORDER, SAME, Comparison, Difference, Tolerance
from core.inspect.find import ITSELF
from core.inspect.model import WEIGHT
from core.words import counted

_LEVELS = {kind: "wrong" for kind in ORDER[:3]} | {kind: "warning" for kind in ORDER[3:5]}


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    first, second = named(asked.first), named(asked.second)
    a, b = first.chosen(), second.chosen()
    for place, one in ((first, a), (second, b)):
        place.need([one])
    tolerance = Tolerance(asked.rtol, asked.atol)
    whole = first.folder.compare(a, b, second.folder, tolerance)
    rows = tuple(
        row
        for row in whole.rows
        if (row.role == WEIGHT or not asked.weights_only)
        and wanted((row.name, row.first, row.second), asked.include, asked.exclude)
    )
    found = Comparison(first.written(a), second.written(b), rows)
    told = [row for row in rows if row.kind not in (SAME, CLOSE) or row.not_finite]
    data = {
        "command": "diff",
        "first": found.first,
        "second": found.second,
        "same": not told,
        "conclusion": found.conclusion() if rows else "",
        "rows": [_described(row) for row in rows],
    }
    if not rows:
        sentence = "No tensor is compared: the patterns match none."
        return Told({**data, "same": False, "conclusion": sentence}, [Line(sentence, "bad")], BAD)
    parts: list[Part] = [Line(f"{found.first or ITSELF} → {found.second or ITSELF}")]
    parts.append(Line(found.conclusion(), "bad" if told else "good"))
    shown = rows if asked.all else told
    if shown:
        parts.append(table(shown))
        hidden = len(rows) - len(shown)
        if hidden:
            parts.append(Line(f"{counted(hidden, 'tensor')} without a difference; --all lists them.", "note"))
    return Told(data, parts, BAD if told else GOOD)


def table(rows: Sequence[Difference]) -> Table:
    """One row a tensor."""
    columns = ("tensor", "what", "relative", "norm", "largest", "elements", "note")
    return Table(columns, tuple(map(_row, rows)), (2, 3, 4, 5), tuple(_LEVELS.get(r.kind, "") for r in rows))


def _row(row: Difference) -> tuple[str, ...]:
    numbers = (share(row.relative), number(row.norm), number(row.largest), share(row.share))
    if row.kind == SAME:
        numbers = ("", "", "", "")
    return (row.name, row.kind, *numbers, row.sentence)


def _described(row: Difference) -> dict[str, object]:
    told: dict[str, object] = {"kind": row.kind, "name": row.name, "role": row.role}
    told |= {"first": row.first or None, "second": row.second or None}
    for name in ("norm", "relative", "largest", "share"):
        value = getattr(row, name)
        told[name] = None if math.isnan(value) else value
    return told | {"not_finite": row.not_finite, "note": row.sentence}
