"""What every looking-back page does first: have a run to show."""

from __future__ import annotations

import streamlit as st

from core.run.runs import Run
from pages.ui import links, services


class PageEnds(Exception):
    """The page has said all it can; the frame around it goes on, which `st.stop` would end too."""


def need_run() -> Run:
    """The run that is looked at: the one chosen, else the visitor's latest, else the recipe.

    Raises:
        PageEnds: there is none; the page has said so.
    """
    run = services.current_run()
    if run is None:
        st.info("No run can be shown. Train one on the Playground first.", icon=":material/info:")
        links.to("playground", "Open the Playground")
        raise PageEnds
    return run
