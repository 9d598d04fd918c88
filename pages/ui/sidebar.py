"""Below the menu: the search, what waits or cannot be read, and the view for the back row."""

from __future__ import annotations

import streamlit as st

from core.run import names as run_names
from core.run.manifest import QUEUED
from core.run.status import waiting
from pages.ui import search, services
from pages.ui.plain import plain
from pages.ui.state import state


def show() -> None:
    """Draw it."""
    with st.sidebar:
        if st.button("Search", icon=":material/search:", key="search", help="Ctrl+K", width="stretch"):
            search.dialog()
        _waiting()
        _projector()


def _waiting() -> None:
    mine = services.my_runs()
    names = run_names.names_of(mine)
    for manifest in mine:
        place = services.pool().place(manifest.id) if manifest.status == QUEUED else None
        if place:
            name = plain(names[manifest.id], run_names.LONGEST)
            st.caption(f":material/hourglass_top: “{name}” is {waiting(place)}.")
    for manifest, problem in services.runs().problems(services.owner()):
        st.caption(
            f":material/warning: The run.json of “{plain(run_names.name_of(manifest))}” cannot be read "
            f"({plain(problem)}). Its checkpoints are still in its folder on the server."
        )


def _projector() -> None:
    current = state()
    switch = st.toggle(
        "Projector",
        current.projector,
        key=f"projector-{current.projector}",
        help="Larger type for the back row. Escape ends it.",
    )
    if switch != current.projector:
        current.projector = switch
        st.rerun()
