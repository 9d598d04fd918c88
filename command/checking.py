"""`check`: damage, NaN, layers that stopped, missing steps and state files, with an exit status for CI."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, TypeAlias

from command.place import Named, named
from command.progress import bar, measured
from command.told import BAD, GOOD, UNREADABLE, Heading, Line, Part, Table, Told
from core.inspect import diagnosis
from core.inspect.diagnosis import NOTE, WARNING
from core.inspect.find import SAVED_MODEL
from core.inspect.model import Listing
from core.inspect.over_time import marks
from core.words import counted, listed

Problem: TypeAlias = dict[str, Any]
# What stands out over a series; NaN and damage are findings already.
MARKS = ("stopped", "explodes", "vanishes", "appears", "disappears", "shape", "renamed")
KINDS = (*diagnosis.KINDS, *MARKS)
USUAL = (diagnosis.DAMAGE, diagnosis.NAN)
_OF_A_FOLDER = (diagnosis.STATE, diagnosis.UNLISTED)  # and not of one checkpoint that is named


def kinds(text: str) -> tuple[str, ...]:
    """What --fail-on names.

    Raises:
        argparse.ArgumentTypeError: one of them is none.
    """
    given = tuple(each.strip() for each in text.split(",") if each.strip())
    unknown = [each for each in given if each not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
    return given


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    fail_on = USUAL if asked.fail_on is None else asked.fail_on
    paths, parts = [], []
    for text in asked.paths:
        place = named(text)
        found = problems(place, asked.quick)
        read = _was_read(place)
        paths.append({"path": text, "checkpoints": len(place.only().checkpoints), "read": read})
        paths[-1]["problems"] = found
        parts += _told(text, place, found, fail_on, read)
    failed = sum(each["kind"] in fail_on for path in paths for each in path["problems"])
    data = {"command": "check", "failed": failed > 0, "fail_on": list(fail_on), "paths": paths}
    unread = not all(each["read"] for each in paths)
    return Told(data, parts, UNREADABLE if unread else BAD if failed else GOOD)


def _was_read(place: Named) -> bool:
    """Whether at least one checkpoint could be listed, or has a graph alone."""
    found = place.only().checkpoints
    answers = place.folder.listings(found)
    return any(
        isinstance(answer, Listing) or (each.kind == SAVED_MODEL and not each.has_values)
        for each, answer in zip(found, answers, strict=True)
    )


def problems(place: Named, quick: bool) -> list[Problem]:
    """Findings about files, and what stands out over each series; as JSON has them."""
    found = place.only()
    place.need(found.checkpoints)
    with bar("Verifying every value", 1):
        findings = place.folder.diagnose(found, every_byte=not quick)
    steps = {each.path: each.step for each in found.checkpoints}
    told: list[Problem] = [
        {"kind": each.kind, "level": each.level, "path": each.path, "step": steps.get(each.path)}
        | {"tensor": "", "sentence": each.sentence, "advice": each.advice}
        for each in findings
        if place.one is None or each.kind not in _OF_A_FOLDER
    ]
    if quick:
        return told
    for group in found.groups().values():
        series = tuple(each for each in group if each.has_values)
        if len(series) < 2:
            continue
        done = measured(place.folder, series)
        told += [
            {"kind": mark.kind, "level": NOTE if mark.kind in ("appears", "renamed") else WARNING}
            | {"path": done[mark.step].checkpoint.path, "step": done[mark.step].checkpoint.step}
            | {"tensor": mark.tensor, "sentence": mark.sentence, "advice": ""}
            for mark in marks(done)
            if mark.kind in MARKS
        ]
    return told


def _told(
    text: str, place: Named, found: Sequence[Problem], fail_on: Sequence[str], read: bool
) -> list[Part]:
    count = counted(len(place.only().checkpoints), "checkpoint")
    parts: list[Part] = [Heading(f"{text}: {count}")]
    bad = [each for each in found if each["kind"] in fail_on]
    if bad:
        kinds = sorted({each["kind"] for each in bad}, key=KINDS.index)
        parts.append(Line(f"Fails: {counted(len(bad), 'problem')} of {listed(kinds)}.", "bad"))
    elif not read:
        parts.append(Line("Nothing could be read.", "bad"))
    else:
        parts.append(Line(f"Passes: nothing of {listed(fail_on)}.", "good"))
    return [*parts, table(found, fail_on)] if found else parts


def table(found: Sequence[Problem], fail_on: Sequence[str]) -> Table:
    """The problems, those first by which the check fails."""
    ordered = sorted(found, key=lambda each: each["kind"] not in fail_on)
    rows = tuple((each["kind"], f"{each['sentence']} {each['advice']}".strip()) for each in ordered)
    levels = tuple("wrong" if each["kind"] in fail_on else each["level"] for each in ordered)
    return Table(("what", "in words"), rows, (), levels)
