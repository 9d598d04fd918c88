"""Two checkpoints side by side, of one place or of two."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.compare import Comparison, table_csv
from core.inspect.find import ITSELF, Checkpoint, Found
from core.inspect.folder import Folder
from core.words import printable
from pages.parts.inspect import terminal
from pages.parts.inspect.plain import plain
from pages.parts.inspect.ways_in import elsewhere
from pages.ui.download import download
from pages.ui.state import state


def comparing(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """Choose two, see what differs, take it along as CSV."""
    left, middle, right = st.columns([3, 2, 3])
    opened = state().opened  # part of the keys: what was chosen in another folder is not kept
    with middle:
        other, there, word = elsewhere("Folder of the second", folder, found, f"open-elsewhere-{opened}")
    here = [each for each in series if each.has_values]
    same = word == opened
    with left:
        first = _choose(
            "First", found, here[0 if same else -1] if here else None, f"open-first-{opened}-{word}"
        )
    with right:
        others = [*reversed(here), *there.checkpoints] if same else [there.newest()]
        last = next((each for each in others if each and each.has_values and each != first), first)
        second = _choose("Second", there, last, f"open-second-{opened}-{word}")
    if first is None or second is None:
        st.info("There are no values to compare with.", icon=":material/info:")
        return
    if same and first == second:
        st.info("This is one checkpoint twice: choose another one.", icon=":material/info:")
    try:
        with st.spinner("Comparing every element…"):
            difference = folder.compare(first, second, other)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    st.markdown(f"**{plain(difference.conclusion())}**")
    number = st.column_config.NumberColumn(format="%.4g")
    part = st.column_config.NumberColumn(format="percent")
    wide = st.column_config.NumberColumn(format="%.4g", width=110)
    formats = {"norm of the difference": number, "largest": wide}
    formats |= {"against the first's": part, "share of elements": part}
    st.caption(
        "First what changed most, against its own norm in the first one; an optimizer's slots are among them."
    )
    st.dataframe(
        _table(difference), hide_index=True, column_config=formats, placeholder="–", key="open-differences"
    )
    download("Download as CSV", table_csv(difference), "difference.csv", "open-difference-csv")
    terminal.show("diff", terminal.path_of(folder, first), terminal.path_of(other or folder, second))


def _choose(label: str, found: Found, usual: Checkpoint | None, key: str) -> Checkpoint | None:
    """One checkpoint with values."""
    names = {each.path: each for each in found.checkpoints if each.has_values}
    index = list(names).index(usual.path) if usual and usual.path in names else None
    path = st.selectbox(label, list(names), index, lambda each: printable(each or ITSELF), key=key)
    return None if path is None else names[path]


def _table(found: Comparison) -> pd.DataFrame:
    columns = {
        "what": [row.kind for row in found.rows],
        "tensor": [printable(row.name) for row in found.rows],
        "note": [printable(row.sentence) for row in found.rows],
        "norm of the difference": [row.norm for row in found.rows],
        "against the first's": [row.relative for row in found.rows],
        "largest": [row.largest for row in found.rows],
        "share of elements": [row.share for row in found.rows],
        "key in the first": [printable(row.first) for row in found.rows],
        "key in the second": [printable(row.second) for row in found.rows],
    }
    table = pd.DataFrame(columns)
    return table if table["note"].any() else table.drop(columns="note")
