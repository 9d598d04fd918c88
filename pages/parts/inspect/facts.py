"""Five facts about what is open: the size of the model, its files, its steps, its writer, its problems."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.checkpoint import STATE_FILE
from core.inspect.diagnosis import WARNING, WRONG, Finding
from core.inspect.find import Checkpoint
from core.inspect.model import WEIGHT, Listing
from core.words import counted, in_bytes, short_count
from pages.parts.inspect.plain import plain

FEW = 2  # problems that are named here
LONGEST = 48  # characters of a problem


def show(
    series: tuple[Checkpoint, ...], listing: Listing | None, findings: tuple[Finding, ...] | None
) -> None:
    """Draw them.

    Args:
        series: what is looked at.
        listing: the newest checkpoint's; None when it cannot be read.
        findings: of the whole folder; None when nobody has looked.
    """
    columns = st.columns(5, gap="small")
    for place, (column, (number, words)) in enumerate(
        zip(columns, [*_facts(series, listing), _problems(findings, series)], strict=True)
    ):
        bad = place == 4 and any(each.level == WRONG and _is_of(each, series) for each in findings or ())
        with column.container(key=f"card-fact-{place}{'-bad' if bad else ''}", gap=None, height="stretch"):
            st.markdown(f"**{plain(number)}**")
            st.caption(words)


def _facts(series: tuple[Checkpoint, ...], listing: Listing | None) -> list[tuple[str, str]]:
    size = sum(each.bytes for each in series)
    if listing is None:
        return [
            ("–", "parameters: not readable"),
            (in_bytes(size), "on disk"),
            _steps(series),
            ("–", "written by"),
        ]
    layers = len({each.layer for each in listing.of(WEIGHT) if each.layer})
    inside = f", in {counted(layers, 'layer')}" if layers else ""
    about = f" {plain(listing.unsure)}" if listing.unsure else ""
    alone = (
        f"; {_size(listing.bytes - listing.slot_bytes)} without the optimizer" if listing.slot_bytes else ""
    )
    each_one = f"on disk; one checkpoint {_size(listing.bytes)}" if len(series) > 1 else "on disk"
    writer = ", ".join(listing.writer).replace("TensorFlow", "TF")
    return [
        (short_count(listing.parameters), f"parameters{inside}.{about}"),
        (in_bytes(size), f"{each_one}{alone}"),
        _steps(series),
        (writer or listing.kind, listing.kind if writer else "its format"),
    ]


def _steps(series: tuple[Checkpoint, ...]) -> tuple[str, str]:
    steps = [each.step for each in series if each.step is not None]
    if len(series) == 1:
        return "1", f"checkpoint, step {steps[0]:,}" if steps else "checkpoint"
    return f"{len(series):,}", f"checkpoints, steps {steps[0]:,} to {steps[-1]:,}" if steps else "checkpoints"


def _problems(findings: tuple[Finding, ...] | None, series: tuple[Checkpoint, ...]) -> tuple[str, str]:
    """What was found about this model; of what is elsewhere in the folder, only how much there is."""
    if findings is None:
        return "Not checked", "Open Problems to read every value."
    told = [each for each in findings if each.level in (WRONG, WARNING)]
    own = [each for each in told if _is_of(each, series)]
    elsewhere = [each for each in told if each not in own]
    more = f"{_count(elsewhere)} elsewhere in the folder" if elsewhere else ""
    if not own:
        return "No problems", f"here; {more}" if more else "found in what was read"
    level = WRONG if any(each.level == WRONG for each in own) else WARNING
    some = [_cut(each.sentence) for each in own if each.level == level][:FEW]
    return _count(own), plain(" · ".join([*some, *([more] if more else [])]))


def _count(findings: Sequence[Finding]) -> str:
    """How many problems, or warnings where there is none."""
    wrong = sum(each.level == WRONG for each in findings)
    return counted(wrong, "problem") if wrong else counted(len(findings), "warning")


def _is_of(finding: Finding, series: tuple[Checkpoint, ...]) -> bool:
    """Whether it is about one of these checkpoints, a file of theirs, or the list beside them."""
    folder = series[0].path.rpartition("/")[0]
    beside = f"{folder}/{STATE_FILE}".lstrip("/")
    return finding.path == beside or any(
        finding.path == each.path
        or bool(each.path and finding.path.startswith(f"{each.path}/"))
        or finding.path in (name for name, _, _ in each.files)
        for each in series
    )


def _cut(sentence: str) -> str:
    """A sentence that is not too long: between words, and never in a number or a parenthesis."""
    if len(sentence) <= LONGEST:
        return sentence
    start = sentence[:LONGEST]
    end = start.rfind(" (") if start.count("(") > start.count(")") else start.rfind(" ")
    return f"{sentence[: end if end > 0 else LONGEST - 1].rstrip(',;: ')}…"


def _size(size: int) -> str:
    """Bytes, with their unit on the same line."""
    return in_bytes(size).replace(" ", "\N{NO-BREAK SPACE}")
