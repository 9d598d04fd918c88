"""A chart by Plotly on a page: it can be saved, and is larger for the back row."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.figures import style
from pages.ui.state import state


def show(figure: go.Figure, key: str, name: str) -> None:
    """Draw the figure; its picture is saved as `name`."""
    shown = style.enlarged(figure) if state().projector else figure
    st.plotly_chart(shown, key=key, config=style.config(name))
