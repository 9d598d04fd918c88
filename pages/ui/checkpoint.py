"""Which checkpoint a page is about."""

from __future__ import annotations

import streamlit as st

from core.run.runs import Run
from pages.ui import tracks
from pages.ui.guards import PageEnds
from pages.ui.plain import sentence
from pages.ui.state import state


def choose(run: Run) -> str:
    """The checkpoint that the visitor looks at, by name; the choice follows the step, the step follows it.

    Raises:
        PageEnds: there is none yet; the page has said so.
        RunNotFound: the run is gone.
    """
    history = tracks.history_of(run)
    if history.table.empty:
        note = run.manifest().note or "They appear here as training writes them."
        st.info(f"This run has no readable checkpoint yet. {sentence(note)}", icon=":material/info:")
        raise PageEnds
    current = state()
    names = [str(name) for name in history.table["name"]]
    step = history.nearest(history.steps[-1] if current.step is None else current.step)
    index = 0 if step is None else history.steps.index(step)
    name = st.selectbox("Checkpoint", names, index=index, key=f"checkpoint-{run.id}-{step}") or names[index]
    chosen = history.steps[names.index(name)]
    if chosen != step:
        current.show(run.id, chosen)
        st.rerun()
    return name
