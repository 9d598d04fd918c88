"""The timeline of a retention experiment: records in, Plotly out."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.style import styled
from core.palette import colour
from core.retention.retention import Life, Retention

# The pattern tells the third without colour.
DELETED, LISTED, SPARED = (colour(name) for name in ("deleted", "listed", "spared"))

_MANY = 30


def retention_figure(found: Retention) -> go.Figure:
    """Saves across, one bar a checkpoint from its save to its deletion, or to the end."""
    end = len(found.lives)
    kinds: tuple[tuple[str, str, str, list[Life]], ...] = (
        ("deleted", DELETED, "", [life for life in found.lives if life.deleted is not None]),
        ("kept and listed", LISTED, "", [life for life in found.kept if life.listed]),
        ("kept, not listed", SPARED, "/", list(found.spared)),
    )
    figure = go.Figure()
    for name, shade, pattern, lives in kinds:
        if not lives:
            continue
        ends = [end if life.deleted is None else life.deleted for life in lives]
        figure.add_bar(
            orientation="h",
            name=name,
            y=[life.name for life in lives],
            base=[life.saved for life in lives],
            x=[last - life.saved for life, last in zip(lives, ends, strict=True)],
            marker={"color": shade, "pattern": {"shape": pattern, "size": 6}},
            customdata=[
                (f"{life.hour:g}", "never" if life.deleted is None else f"by save {life.deleted}")
                for life in lives
            ],
            hovertemplate="%{y}<br>saved at hour %{customdata[0]}<br>deleted %{customdata[1]}<extra></extra>",
        )
    height = 18 if end <= _MANY else 4
    figure.update_layout(
        barmode="overlay",
        bargap=0.15,
        xaxis={"title": "number of the save", "range": [0, end], "rangemode": "tozero"},
        yaxis={
            "autorange": "reversed",
            "categoryorder": "array",
            "categoryarray": [life.name for life in found.lives],
        },
    )
    return styled(figure, max(260, height * end + 110))
