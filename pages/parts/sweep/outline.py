"""What a sweep will look like: an empty cell for each of its runs."""

from __future__ import annotations

import html

from core.sweep.grid import Grid, text_of

_MOST = 12  # columns and rows that are drawn
_STYLE = """<style>
.outline { display: grid; gap: 4px; align-items: center; max-width: 60rem; }
.outline { color: var(--quiet-ink); font-size: 0.8rem; }
.outline .cell { height: 2.6rem; border: 1px dashed var(--edge); border-radius: 4px; }
.outline span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: center; }
</style>"""


def outline(grid: Grid) -> str:
    """The grid as HTML, with the values of its settings at the top and at the left."""
    across, *down = grid.axes
    columns = [text_of(value, across.name) for value in across.values[:_MOST]]
    rows = [text_of(value, down[0].name) for value in down[0].values[:_MOST]] if down else [""]
    said = f"{grid.size} runs: {across.label.lower()} from left to right"
    if down:
        said += f", {down[0].label.lower()} from top to bottom"
    parts = [f"<span>{down[0].label if down else ''}</span>", *map(_name, columns)]
    for row in rows:
        parts += [_name(row), *["<span class='cell'></span>"] * len(columns)]
    shape = f"grid-template-columns: minmax(0, 8rem) repeat({len(columns)}, minmax(0, 1fr))"
    left = grid.size - len(rows) * len(columns)
    more = f"<p class='outline'>and {left:,} more</p>" if left else ""
    return (
        f"{_STYLE}<div class='outline' role='img' aria-label='{html.escape(said)}' style='{shape}'>"
        f"{''.join(parts)}</div>{more}"
    )


def _name(value: str) -> str:
    return f"<span title='{html.escape(value)}'>{html.escape(value)}</span>"
