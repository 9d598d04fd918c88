"""Two runs: the other one is chosen here, and History lays it over this one."""

from __future__ import annotations

import streamlit as st

from core.run import names as run_names
from core.run.runs import Run
from pages.ui import links, services
from pages.ui.plain import plain
from pages.ui.state import state


def show(run: Run) -> None:
    """Choose among this visitor's other runs."""
    mine = [each for each in services.my_runs() if each.id != run.id]
    if not mine:
        st.info("There is no other run of yours yet.", icon=":material/info:")
        links.to("playground", "Train one with other settings")
        return
    names = run_names.names_of(mine)
    label = f"Compare “{plain(services.name_of(run.manifest()))}” with"
    other = st.selectbox(label, list(names), format_func=names.__getitem__, key="compare-with")
    if st.button("Show both under one slider", type="primary", key="compare-runs") and other:
        state().others = (other,)
        st.switch_page("pages/history.py")
