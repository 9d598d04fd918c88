"""What every looking-back page does first: have a run with checkpoints, or say how to get one."""

from __future__ import annotations

import streamlit as st

from core.runs import Run
from pages.shared import services


class PageEnds(Exception):
    """The page has said all it can; the frame around it goes on, which `st.stop` would end too."""


def need_run(what: str) -> Run:
    """The run that is looked at; without one, an invitation in its place.

    Args:
        what: what the page would show, to end "Here you will …".

    Raises:
        PageEnds: there is no run; the page has said so.
    """
    run = services.current_run()
    if run is None:
        st.info(
            f"Here you will {what}. There is no run to look at yet: train one first, "
            "or choose one of yours in the sidebar.",
            icon=":material/info:",
        )
        if st.button("Train a model", type="primary", icon=":material/play_circle:", key="go-train"):
            st.switch_page("pages/train.py")
        raise PageEnds
    return run
