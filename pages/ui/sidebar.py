"""The sidebar: which run is looked at, and how to get to another."""

from __future__ import annotations

import streamlit as st

from core.run import names as run_names
from core.run.manifest import QUEUED
from core.run.status import waiting
from pages.ui import copy_link, services
from pages.ui.plain import plain
from pages.ui.state import state


def show() -> None:
    """This visitor's runs, to switch between; what waits or cannot be read; and how the page is shown."""
    with st.sidebar:
        _runs()
        _view()


def _runs() -> None:
    mine = services.my_runs()
    names, current = run_names.names_of(mine), state().run
    if not mine:
        st.caption("Your runs will be listed here.")
    else:
        options = list(names)
        chosen = st.selectbox(
            "Your runs",
            options,
            index=options.index(current) if current in names else None,
            format_func=lambda run_id: names[run_id],
            placeholder="Choose a run",
            key=f"runs-{current}-{hash(tuple(names.values()))}",  # another one once a name has changed
        )
        if chosen and chosen != current:
            state().show(chosen)
            st.rerun()
    for manifest in mine:
        place = services.pool().place(manifest.id) if manifest.status == QUEUED else None
        if place:
            name = plain(names[manifest.id], run_names.LONGEST)
            st.caption(f":material/hourglass_top: “{name}” is {waiting(place)}.")
    for manifest, problem in services.runs().problems(services.owner()):
        st.caption(
            f":material/warning: The run.json of “{plain(run_names.name_of(manifest))}” cannot be read "
            f"({plain(problem)}). Its checkpoints are still in its directory on the server."
        )


def _view() -> None:
    """The link to this very view, and the switch for the back row."""
    current = state()
    copy_link.show()
    switch = st.toggle(
        "Projector", current.projector, key=f"projector-{current.projector}", help="Larger, for the back row."
    )
    if switch != current.projector:
        current.projector = switch
        st.rerun()
