"""The state file, `checkpoint`: its text, and what it lists and forgets."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.files import state_file
from core.run.runs import Run
from pages.ui.plain import plain


def open_state(run: Run) -> None:
    """The `checkpoint` file: its text, and what it lists and forgets."""
    found = state_file.read_state(run.checkpoints)
    st.caption(found.conclusion())
    left, right = st.columns(2)
    left.code(found.text[:5000], language=None, wrap_lines=True)
    with right:
        rows = [(each.name, "listed", "yes" if each.exists else "no") for each in found.listed]
        rows += [(name, "not listed", "yes") for name in found.unlisted]
        st.dataframe(
            pd.DataFrame(rows, columns=["checkpoint", "in this file", "on disk"]),
            hide_index=True,
            height=min(38 + 35 * len(rows), 400),
        )
        if found.latest is not None:
            st.caption(
                f"latest_checkpoint returns {plain(found.latest.name)}."
                if found.latest.exists
                else f"latest_checkpoint returns None, because {plain(found.latest.name)} is not there."
            )
