"""Two checkpoints of the folder side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.open.compare import Comparison, table_csv
from core.open.find import Checkpoint
from core.open.folder import Folder
from pages.shared.open.scrubber import shown
from pages.shared.open.words import plain


def comparing(folder: Folder, checkpoints: tuple[Checkpoint, ...], series: tuple[Checkpoint, ...]) -> None:
    """Choose two, see what differs, take it along as CSV."""
    names = {each.path: each for each in checkpoints if each.has_values}
    if len(names) < 2:
        st.info("There is only one checkpoint with values here; comparing takes two.", icon=":material/info:")
        return
    paths = list(names)
    left, right = st.columns(2)
    here = [each.path for each in series if each.path in names]
    first_index = paths.index(here[0]) if here else 0
    second_index = paths.index(here[-1]) if here else len(paths) - 1
    first = left.selectbox("First", paths, index=first_index, format_func=shown, key="open-first")
    second = right.selectbox("Second", paths, index=second_index, format_func=shown, key="open-second")
    try:
        with st.spinner("Comparing every element…"):
            found = folder.compare(names[first or paths[0]], names[second or paths[-1]])
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    st.markdown(f"**{plain(found.conclusion())}**")
    st.dataframe(_table(found), hide_index=True, key="open-differences")
    st.download_button(
        "Download as CSV",
        table_csv(found),
        "difference.csv",
        "text/csv",
        icon=":material/table:",
        key="open-difference-csv",
        on_click="ignore",
    )


def _table(found: Comparison) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "what": [row.kind for row in found.rows],
            "first": [shown(row.first) for row in found.rows],
            "second": [shown(row.second) for row in found.rows],
            "norm of the difference": [row.norm for row in found.rows],
            "against the first's": [row.relative for row in found.rows],
            "largest": [row.largest for row in found.rows],
            "share of elements": [row.share for row in found.rows],
            "note": [shown(row.sentence) for row in found.rows],
        }
    )
