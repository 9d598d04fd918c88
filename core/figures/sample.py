"""Figures: records in, Plotly out. A figure draws; it computes nothing that a caller could ask for."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.data import Optimum, Sample, parabola
from core.palette import colour

DATA, TRUTH, OPTIMUM = (colour(name) for name in ("data", "truth", "optimum"))


def sample_figure(sample: Sample, best: Optimum) -> go.Figure:
    """The points, the curve that made them where there is one, and the least-squares optimum."""
    x = np.linspace(float(sample.x.min()), float(sample.x.max()), 200)
    figure = go.Figure()
    figure.add_scatter(x=sample.x, y=sample.y, mode="markers", name="data", marker={"color": DATA, "size": 5})
    if sample.truth:
        h, v = sample.truth
        name = f"truth (h {h:.4g}, v {v:.4g})"
        line = {"color": TRUTH, "dash": "dash", "width": 2}
        figure.add_scatter(x=x, y=parabola(x, h, v), mode="lines", name=name, line=line)
    name = f"least-squares optimum (h {best.h:.4g}, v {best.v:.4g})"
    line = {"color": OPTIMUM, "dash": "dot", "width": 2.5}
    figure.add_scatter(x=x, y=parabola(x, best.h, best.v), mode="lines", name=name, line=line)
    figure.update_layout(
        xaxis_title="x",
        yaxis_title="y",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        height=420,
    )
    return figure


def describe_sample(sample: Sample, best: Optimum) -> str:
    """The figure in one sentence, for those who cannot see it."""
    truth = ""
    if sample.truth:
        truth = f" The truth is h {sample.truth[0]:.4g}, v {sample.truth[1]:.4g}."
    return (
        f"{len(sample)} points, x from {sample.x.min():.4g} to {sample.x.max():.4g}, "
        f"y from {sample.y.min():.4g} to {sample.y.max():.4g}.{truth} "
        f"The parabola that fits them best has h {best.h:.4f}, v {best.v:.4f} and leaves a mean "
        f"squared error of {best.cost:.4g}."
    )
