"""`report`: a folder as one HTML file to hand on: over time, problems, what is in it, first against last."""

from __future__ import annotations

import argparse
import html
from collections.abc import Sequence
from pathlib import Path

from command import checking, inspecting
from command.differing import table as differences
from command.place import Named, named
from command.progress import measured
from command.told import BAD, GOOD, Code, Heading, Line, Part, Table, Told
from core.checkpoint import CheckpointError
from core.inspect.find import ITSELF
from core.inspect.html_file import of_series
from core.inspect.over_time import marks
from core.inspect.view import liveliest, tensors_of
from core.words import counted, in_bytes, printable

_MOST_ROWS = 500  # of one table
_CSS = """
.report { margin-top: 24px; overflow-x: auto; }
.report h2 { font-size: 1.15rem; margin: 28px 0 8px; }
.report p { margin: 4px 0; }
.report .wrong, .report .bad { color: light-dark(#a4262c, #ff9a8f); font-weight: 600; }
.report .good { font-weight: 600; }
.report table { border-collapse: collapse; font-size: 0.875rem; }
.report th, .report td { text-align: left; padding: 3px 16px 3px 0; vertical-align: top;
  white-space: pre-wrap; border-bottom: 1px solid var(--st-border-color); overflow-wrap: break-word;
  min-width: 6.5em; }
.report .number { text-align: right; white-space: nowrap; min-width: 0; font-variant-numeric: tabular-nums; }
"""


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    place = named(asked.path)
    series = inspecting.series_of(place)
    place.need(place.only().checkpoints)
    done = measured(place.folder, series)
    found = marks(done)
    look = None
    if tensors_of(done):
        look = place.folder.look(done, liveliest(done, found))
    problems = checking.problems(place, asked.quick)
    parts = [*_problems(problems), *_contents(place), *_change(place)]
    title = f"Checkpoints of {place.folder.root.name}"
    folder = place.folder.root
    page = of_series(title, folder, done, found, look, f'<div class="report">{as_html(parts)}</div>', _CSS)
    content = page.encode("utf-8", "backslashreplace")  # of a name that is no text
    try:
        size = Path(asked.output).write_bytes(content)
    except OSError as error:
        raise CheckpointError(f"{asked.output} cannot be written: {error.strerror}.") from None
    bad = [each for each in problems if each["kind"] in checking.USUAL]
    data = {"command": "report", "file": asked.output, "bytes": size, "checkpoints": len(done)}
    what = f"The report of {counted(len(done), 'checkpoint')} is in {asked.output}, {in_bytes(size)}."
    lines = [Line(what, "good")]
    if bad:
        lines.append(Line(f"It has {counted(len(bad), 'problem')}.", "bad"))
    return Told({**data, "problems": len(bad)}, lines, BAD if bad else GOOD)


def _problems(problems: Sequence[checking.Problem]) -> list[Part]:
    parts: list[Part] = [Heading("Problems")]
    if not problems:
        return [*parts, Line("No problem was found.", "good")]
    return [*parts, checking.table(problems, checking.USUAL)]


def _contents(place: Named) -> list[Part]:
    one = place.chosen()
    parts = inspecting.described(place.folder.listing(one), one)
    return [Heading(f"What is in {one.path or ITSELF}"), *parts[1:]]


def _change(place: Named) -> list[Part]:
    """The first of the series against the last."""
    series = inspecting.series_of(place)
    if len(series) < 2:
        return []
    first, last = series[0], series[-1]
    found = place.folder.compare(first, last)
    parts: list[Part] = [Heading(f"From {first.name} to {last.name}"), Line(found.conclusion())]
    changed = differences([row for row in found.rows if row.kind != "same"])
    return [*parts, changed] if changed.rows else parts


def as_html(parts: Sequence[Part]) -> str:
    """The parts of an answer as HTML, in which nothing from a file becomes markup."""
    return "\n".join(map(_html, parts))


def _html(part: Part) -> str:
    if isinstance(part, Heading):
        return f"<h2>{_text(part.text)}</h2>"
    if isinstance(part, Line):
        return f'<p class="{part.level}">{_text(part.text)}</p>'
    if isinstance(part, Code):
        return f"<pre>{html.escape(part.text)}</pre>"
    return _table(part)


def _table(part: Table) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=number' if at in part.numbers else ''}>{_text(cell)}</{tag}>"
            for at, cell in enumerate(row)
        )

    levels = part.levels or ("",) * len(part.rows)
    shown = list(zip(part.rows, levels, strict=True))[:_MOST_ROWS]
    rows = "".join(f'<tr class="{level}">{cells(row, "td")}</tr>' for row, level in shown)
    more = len(part.rows) - len(shown)
    note = f"<p>{more:,} more rows are left out.</p>" if more else ""
    return f"<table><thead><tr>{cells(part.columns, 'th')}</tr></thead><tbody>{rows}</tbody></table>{note}"


def _text(text: str) -> str:
    return html.escape(printable(text))
