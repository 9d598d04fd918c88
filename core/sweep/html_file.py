"""All runs of a sweep as one HTML file, made of the modules that the page serves, read as text."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from core import palette
from core.run.digests import FILE, digest_of, lines_of
from core.standalone import joined, page
from core.sweep.folder import Sweep
from core.sweep.grid import describe
from core.sweep.results import WITHIN, Results, conclusion, table_of
from core.sweep.view import packed_view
from core.words import counted

PAGES = Path(__file__).parents[2] / "pages"
FOLDER = PAGES / "parts" / "sweep"
_CSS = """
main > p { margin: 24px 0 8px; font-size: 0.9rem; }
.numbers { overflow-x: auto; }
.numbers table { border-collapse: collapse; font-size: 0.875rem; }
.numbers th, .numbers td { text-align: left; padding: 3px 16px 3px 0; white-space: nowrap;
  border-bottom: 1px solid var(--st-border-color); font-variant-numeric: tabular-nums; }
"""


def of_sweep(sweep: Sweep, results: Results) -> str:
    """The file: every cell at every step, the slider, the charts, and the results as a table."""
    grid = results.record.grid
    several = f"{counted(len(results.cells), 'run')} of {counted(grid.train.iterations, 'iteration')}"
    about = (
        f"{several}. {conclusion(results)} Sweep {sweep.id}. "
        f"SHA-256 of the SHA-256s of its runs' records: {digest_of(record_of(sweep, results))}."
    )
    sheets = (PAGES / "ui" / "timemachine" / "timemachine.css", FOLDER / "sweep.css")
    return page(
        f"Sweep of {describe(grid)}",
        about,
        (FOLDER / "sweep.html").read_text(encoding="utf-8") + _table(table_of(results)),
        palette.css(".tm") + "".join(path.read_text(encoding="utf-8") for path in sheets) + _CSS,
        joined(FOLDER / "main.js", "SweepMachine"),
        {**packed_view(sweep, results, step=None, cell=None, live=False), "alone": True},
    )


def record_of(sweep: Sweep, results: Results) -> bytes:
    """What `sha256sum */SHA256SUMS` prints of the runs that are there, in the order of the grid."""
    records = {f"{cell.run}/{FILE}": sweep.runs.root / cell.run / FILE for cell in results.cells}
    return lines_of({name: digest_of(path.read_bytes()) for name, path in records.items() if path.is_file()})


def _table(columns: Mapping[str, Sequence[object]]) -> str:
    def cells(values: Sequence[object], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(_text(value))}</{tag}>" for value in values)

    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in zip(*columns.values(), strict=True))
    return (
        f'<p>{WITHIN}</p><div class="numbers" tabindex="0" role="region" aria-label="Results"><table>'
        f"<thead><tr>{cells([*columns], 'th')}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _text(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
