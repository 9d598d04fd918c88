"""A training that was interrupted, beside the one that was not: records in, Plotly out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import styled
from core.palette import STYLE, colour
from core.training.resume import Interruption, Resumed

WHOLE = colour("whole")
RESTORED = ("every variable restored", colour("with slots"), "solid")
RESTORED_PART = ("only h and v restored", colour("without slots"), "dash")


def interruption_figure(found: Interruption, name: str, sides: Sequence[Resumed] | None = None) -> go.Figure:
    """The uninterrupted training and those that resumed, over the iterations; below, their distance from it.

    Args:
        name: "h", "v" or "cost", which has a logarithmic axis.
        sides: which of the two that resumed; None for both.
    """
    sides = (found.with_slots, found.without_slots) if sides is None else sides
    whole: npt.NDArray[Any] = getattr(found, name)
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.08, row_heights=[0.6, 0.4])
    figure.add_scatter(
        y=whole,
        mode="lines",
        name="uninterrupted",
        line={"color": WHOLE, "width": 7},
        opacity=0.6,
        row=1,
        col=1,
    )
    for side in sides:
        label, shade, dash = RESTORED if side.slots else RESTORED_PART
        line = {"color": shade, "width": STYLE["goal_width"], "dash": dash}
        x = np.arange(side.first, side.first + len(side.h))
        values = getattr(side, name)
        mode = "lines" if len(x) > 1 else "lines+markers"  # one point alone makes no line
        figure.add_scatter(x=x, y=values, mode=mode, name=label, line=line, row=1, col=1)
        gap = np.abs(values.astype(np.float64) - whole[side.first :])
        figure.add_scatter(
            x=x,
            y=np.where(gap > 0, gap, np.nan),  # a logarithmic axis has no place for 0
            mode="lines+markers",
            name=f"distance, {label}",
            line=line,
            marker={"size": 4},
            showlegend=False,
            row=2,
            col=1,
        )
    figure.add_vline(x=found.with_slots.first - 1, line={"color": WHOLE, "dash": "dot"})
    figure.update_xaxes(range=[0, len(whole) - 1])
    figure.update_xaxes(title_text="iteration (dotted: interrupted)", row=2, col=1)
    figure.update_yaxes(title_text=name, row=1, col=1)
    size = STYLE["font_size"] / 1.25  # Plotly enlarges powers by a quarter
    powers = {"type": "log", "exponentformat": "power", "tickfont_size": size}
    figure.update_yaxes(title_text=f"distance in {name}", **powers, row=2, col=1)
    if name == "cost":
        figure.update_yaxes(type="log", tickformat="~g", row=1, col=1)
    if all(side.departs is None for side in sides):
        figure.add_annotation(
            text="no distance anywhere: h and v have the same bits",
            xref="x2 domain",
            yref="y2 domain",
            x=0.5,
            y=0.5,
            showarrow=False,
        )
        figure.update_yaxes(range=[-9, 0], row=2, col=1)
    return styled(figure, 480)
