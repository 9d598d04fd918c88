"""Checkpoint Explorer: see how a TensorFlow model is saved and restored. `make app` starts it."""

from pathlib import Path

import streamlit as st

from pages.ui import frame

ui = Path(__file__).parent / "pages" / "ui"  # wherever the server was started
st.set_page_config(
    page_title="Checkpoint Explorer",
    page_icon=ui / "icon.svg",
    layout="wide",
    initial_sidebar_state=216,  # pixels
)
st.logo(str(ui / "logo.svg"), size="large", icon_image=str(ui / "icon.svg"))

frame.run(
    {
        "": [
            st.Page("pages/playground.py", title="Playground", default=True),
            st.Page("pages/lessons.py", title="Lessons"),
        ],
        "Runs": [
            st.Page("pages/runs.py", title="All runs"),
            st.Page("pages/history.py", title="History"),
            st.Page("pages/compare.py", title="Compare"),
            st.Page("pages/sweep.py", title="Sweep"),
            st.Page("pages/export.py", title="Export"),
        ],
        "How saving works": [
            st.Page("pages/files.py", title="Files"),
            st.Page("pages/retention.py", title="Retention"),
            st.Page("pages/resume.py", title="Resume and fork"),
            st.Page("pages/gallery.py", title="Error gallery"),
        ],
        "Your own models": [st.Page("pages/inspect.py", title="Inspect")],
    }
)
