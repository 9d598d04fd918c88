"""A checkpoint's SavedModel, which these views may have to make first."""

from __future__ import annotations

import streamlit as st

from core.pool import jobs
from core.run.runs import Run
from pages.ui import services


def exported(run: Run, name: str) -> bool:
    """Whether this checkpoint has a SavedModel; without one, the button that makes it."""
    if (run.saved_model / name / "saved_model.pb").is_file():
        return True
    st.info(f"{name} has no SavedModel yet.", icon=":material/info:")
    pressed = st.button(f"Export {name}", icon=":material/upload_file:", key="export")
    if pressed or services.is_unanswered(jobs.compare, str(run.directory), name):
        with st.spinner(f"Exporting {name} and loading it back…"):
            services.result_of(jobs.compare, str(run.directory), name)
        st.rerun()
    return False
