"""What every looking-back page does first: have a run with checkpoints, or say how to get one."""

from __future__ import annotations

import streamlit as st

from core.run.names import LONGEST
from core.run.runs import Run
from pages.ui import services
from pages.ui.plain import plain
from pages.ui.state import state


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
        mine = services.my_runs()
        how = (
            "No run is chosen: open your latest, or another one of yours from the menu."
            if mine
            else "There is no run to look at yet: train one first."
        )
        st.info(f"Here you will {what}. {how}", icon=":material/info:")
        if mine and st.button(
            f"Open your latest: {plain(services.name_of(mine[0]), LONGEST)}",
            type="primary",
            icon=":material/history:",
            key="latest",
        ):
            state().show(mine[0].id)
            st.rerun()
        if st.button(
            "Train a model",
            type="secondary" if mine else "primary",
            icon=":material/play_circle:",
            key="go-train",
        ):
            st.switch_page("pages/train.py")
        raise PageEnds
    manifest = run.manifest()
    whose = (
        ""
        if services.is_mine(manifest)
        else " It is somebody else's, opened by its link: look, but not steer."
    )
    st.caption(f":material/play_shapes: Run “{plain(services.name_of(manifest), LONGEST)}”.{whose}")
    return run
