"""Figures: records in, Plotly out. A figure draws; it computes nothing that a caller could ask for."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.data import Sample, parabola
from core.figures.style import dash, styled
from core.palette import STYLE, colour


def points_figure(sample: Sample, name: str = "data", height: int = 420) -> go.Figure:
    """The points alone, called `name` in the legend; `height` in CSS pixels."""
    marker = {"color": colour("data"), "size": STYLE["sample_size"]}
    figure = go.Figure()
    figure.add_scatter(x=sample.x, y=sample.y, mode="markers", name=name, marker=marker)
    return styled(figure, height).update_layout(xaxis_title="x", yaxis_title="y")


def add_parabola(figure: go.Figure, sample: Sample, h: float, v: float, name: str, kind: str) -> go.Figure:
    """The figure itself, with one parabola more over the points.

    Args:
        kind: "truth", "optimum", "fit" or "guess": its colour and its line.
    """
    x = np.linspace(float(sample.x.min()), float(sample.x.max()), 200)
    broken = dash(kind)
    width = STYLE["fit_width" if broken == "solid" else "goal_width"]
    line = {"color": colour(kind), "dash": broken, "width": width}
    return figure.add_scatter(x=x, y=parabola(x, h, v), mode="lines", name=name, line=line)
