"""The sidebar: which run is looked at, and how to get to another."""

from __future__ import annotations

import streamlit as st

from core.manifest import Manifest
from core.runs import RunBusy, RunNotFound
from pages.shared import services
from pages.shared.state import state


def show() -> None:
    """This visitor's runs, to switch between and to delete."""
    current = state().run
    mine = {
        manifest.id: manifest
        for manifest in services.runs().manifests(services.owner())
        if not manifest.sweep or manifest.id == current  # a sweep's runs are many; its page lists them
    }
    with st.sidebar:
        if not mine:
            st.caption("Your runs will be listed here.")
            return
        options = list(mine)
        chosen = st.selectbox(
            "Your runs",
            options,
            index=options.index(current) if current in mine else None,
            format_func=lambda run_id: describe(mine[run_id]),
            placeholder="Choose a run",
            key=f"runs-{current}-{len(options)}",
        )
        if chosen and chosen != current:
            state().show(chosen)
            st.rerun()
        if current is None or current not in mine or services.pool().place(current) is not None:
            return
        if st.button("Delete this run", icon=":material/delete:", key="delete"):
            _confirm_deletion(mine[current])


@st.dialog("Delete this run?")
def _confirm_deletion(manifest: Manifest) -> None:
    st.write(f"{describe(manifest)}: all its checkpoints are removed. Links to it stop working.")
    if st.button("Delete", type="primary", key="delete-confirmed"):
        try:
            services.runs().delete(manifest.id)
        except (RunBusy, RunNotFound) as error:
            st.error(str(error))
            return
        state().run = state().step = None
        st.rerun()


def describe(manifest: Manifest) -> str:
    """A run in a few words that stay true: its status has no place in them."""
    train, data = manifest.train, manifest.data
    what = f"h {data.h:g}, v {data.v:g}" if data else "own data"
    return f"{manifest.id[:6]}: {what}, {train.optimizer}"
