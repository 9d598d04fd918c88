"""`will-load`: what happens when a checkpoint is loaded into a model, before anybody loads it."""

from __future__ import annotations

import argparse

from command.place import named
from command.told import BAD, GOOD, Code, Heading, Line, Part, Table, Told, shape
from core.inspect.verdict.verdict import LOADED, LOADS, Choice, Row, Verdict
from core.words import counted

_LEVELS = {"refused": "wrong", "left at random": "warning", "skipped": "note"}


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    source, target = named(asked.source), named(asked.target)
    into = target.graph or target.chosen()
    source.need([source.chosen()])
    if not isinstance(into, str):
        target.need([into])
    choice = Choice(not asked.model_alone, asked.by_name, asked.skip_mismatch)
    found = source.folder.would_load(source.chosen(), into, target.folder, choice)
    data = {"command": "will-load", "loads": found.level == LOADS, "verdict": found}
    return Told(data, _parts(found, asked.all), GOOD if found.level == LOADS else BAD)


def _parts(found: Verdict, whole: bool) -> list[Part]:
    parts: list[Part] = [
        *([Code(found.call, "python")] if found.call else []),
        Line(found.conclusion(), "good" if found.level == LOADS else "bad"),
        Line(found.cause),
    ]
    if found.error:
        parts.append(Code(f"{found.error}: {found.message}"))
    parts += [Line(each, "warning") for each in found.warnings]
    parts += [
        Line(f"{each.name}() {'passes.' if each.passes else f'raises: {each.message}'}")
        for each in found.assertions
    ]
    rows = [row for row in found.rows if whole or row.outcome != LOADED or row.note]
    if rows:
        cells = tuple(_row(row) for row in rows)
        columns = ("weight", "what becomes of it", "in the target", "in the file", "note")
        parts.append(Table(columns, cells, (), tuple(_LEVELS.get(row.outcome, "") for row in rows)))
    parts += [Line(each, "note") for each in found.not_known]
    for fix in found.fixes:
        parts += [Heading(f"{fix.title} ({counted(fix.loads, 'weight')})"), Code(fix.code, "python")]
    return parts


def _row(row: Row) -> tuple[str, ...]:
    target = f"{row.dtype} {shape(row.shape or ())}" if row.target and row.dtype else ""
    source = f"{row.stored_dtype} {shape(row.stored_shape or ())}" if row.source and row.stored_dtype else ""
    return (row.name, row.outcome, target, source, row.note)
