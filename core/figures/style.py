"""The one look of all charts, as the time machine's own: axes, lines, dashes, type, and how to save one."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core.palette import STYLE

# Translucent, for a light page and a dark one alike. The type has its family and colours from the page.
_GRID, _AXIS = "rgba(128, 128, 128, 0.16)", "rgba(128, 128, 128, 0.45)"


_BACK_ROW = 1.5  # as much larger as the time machine is there


def config(name: str) -> dict[str, Any]:
    """What Plotly offers beside a chart: to save it as an SVG image called `name`, nothing else."""
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": name},
    }


def dash(name: str) -> str:
    """How the line of this meaning is broken, as Plotly writes it: only what is aimed at has dashes."""
    parts = [float(part) for part in str(STYLE.get(f"{name}_dash", "")).split()]
    if parts and parts[0] < 1:  # a dot, by the round ends of a line as wide; Plotly's have none
        parts = [STYLE["goal_width"], sum(parts) - STYLE["goal_width"]]
    return ",".join(f"{part:g}px" for part in parts) or "solid"


def styled(figure: go.Figure, height: int) -> go.Figure:
    """The figure itself, with axes, type and legend as all charts have them; `height` in CSS pixels."""
    axis = {
        "showgrid": True,
        "gridcolor": _GRID,
        "gridwidth": STYLE["grid_width"],
        "zeroline": False,
        "showline": True,
        "linecolor": _AXIS,
        "automargin": True,
        "fixedrange": True,  # as the time machine: a finger that moves over it scrolls the page
        "title": {"standoff": 8, "font": {"size": STYLE["font_size"]}},
    }
    figure.update_xaxes(axis)
    figure.update_yaxes(axis)
    return figure.update_layout(
        height=height,
        font_size=STYLE["font_size"],
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemclick": False},
        # Above it the name of a curve and the button that saves the chart have a line each.
        margin={"l": 10, "r": 14, "t": 34, "b": 10, "pad": 0},
    )


def enlarged(figure: go.Figure) -> go.Figure:
    """The figure itself, with type, lines and points for the back row of a classroom."""
    size = _BACK_ROW * STYLE["font_size"]
    for trace in figure.select_traces({"type": "scatter"}):
        trace.update(
            line_width=_BACK_ROW * (trace.line.width or STYLE["goal_width"]),
            marker_size=_BACK_ROW * (trace.marker.size or STYLE["sample_size"]),
        )
    figure.update_xaxes(title_font_size=size)
    figure.update_yaxes(title_font_size=size)
    return figure.update_layout(height=_BACK_ROW * figure.layout.height, font_size=size)
