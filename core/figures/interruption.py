"""A training that was interrupted, beside the one that was not: records in, Plotly out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import styled
from core.palette import STYLE, colour
from core.training.resume import Interruption

WHOLE, WITH, WITHOUT = (colour(name) for name in ("whole", "with slots", "without slots"))


def interruption_figure(found: Interruption, name: str) -> go.Figure:
    """The uninterrupted training and both that went on, over the iterations; below, their distance from it.

    Args:
        name: "h", "v" or "cost".
    """
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
    for side, label, shade, dash in (
        (found.with_slots, "every variable restored", WITH, "solid"),
        (found.without_slots, "only h and v restored", WITHOUT, "dash"),
    ):
        line = {"color": shade, "width": STYLE["goal_width"], "dash": dash}
        x = np.arange(side.first, side.first + len(side.h))
        values = getattr(side, name)
        figure.add_scatter(x=x, y=values, mode="lines", name=label, line=line, row=1, col=1)
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
    figure.update_yaxes(title_text="distance", **powers, row=2, col=1)
    if found.without_slots.departs is None:
        figure.add_annotation(
            text="no distance anywhere: every bit is the same",
            xref="x2 domain",
            yref="y2 domain",
            x=0.5,
            y=0.5,
            showarrow=False,
        )
        figure.update_yaxes(range=[-9, 0], row=2, col=1)
    return styled(figure, 480)
