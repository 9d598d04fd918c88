"""Figures: records in, Plotly out. A figure draws; it computes nothing that a caller could ask for."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.data import Optimum, Sample, parabola
from core.figures.style import dash, styled
from core.palette import STYLE, colour


def sample_figure(sample: Sample, best: Optimum) -> go.Figure:
    """The points, the curve that made them where there is one, and the least-squares optimum."""
    figure = points_figure(sample)
    if sample.truth:
        h, v = sample.truth
        add_parabola(figure, sample, h, v, f"truth (h {h:.4g}, v {v:.4g})", "truth")
    name = f"least-squares optimum (h {best.h:.4g}, v {best.v:.4g})"
    return add_parabola(figure, sample, best.h, best.v, name, "optimum")


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


def describe_sample(sample: Sample, best: Optimum) -> str:
    """The figure in one sentence, for those who cannot see it."""
    truth = ""
    if sample.truth:
        truth = f" The truth is h {sample.truth[0]:.4g}, v {sample.truth[1]:.4g}."
    return (
        f"{len(sample)} points, x from {sample.x.min():.4g} to {sample.x.max():.4g}, "
        f"y from {sample.y.min():.4g} to {sample.y.max():.4g}.{truth} "
        f"The parabola that fits them best has h {best.h:.4f}, v {best.v:.4f} with a mean "
        f"squared error of {best.cost:.4g}."
    )
