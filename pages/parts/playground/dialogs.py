"""What the Playground folds away: points and seed, one's own CSV file, batch, order and Saver."""

from __future__ import annotations

import streamlit as st

from core.data import DataError, read_csv
from core.settings import MOST_SAMPLES, DataSettings, TrainSettings
from pages.ui import fields
from pages.ui.plain import plain, sentence
from pages.ui.state import state


@st.dialog("Points, range and seed", on_dismiss="rerun")
def points() -> None:
    """The settings of the points that are not in the panel."""
    current = state()
    fields.edit("data", ("samples", "seed"))
    fields.edit("data", ("x_min", "x_max"))
    fields.complain()
    with st.container(horizontal=True):
        if st.button("Done", type="primary", key="points-done"):
            st.rerun()
        if st.button("Back to the recipe", disabled=current.data == DataSettings(), key="reset-data"):
            current.data = DataSettings()
            st.rerun()


@st.dialog("Use my own CSV")
def own_points() -> None:
    """The visitor's own points from a file."""
    current = state()
    st.caption(f"A text file with the columns x and y, at most {MOST_SAMPLES:,} rows.")
    file = st.file_uploader("CSV file", type=["csv", "txt"], key="own-file", max_upload_size=1)
    if file is None:
        return
    try:
        found = read_csv(file.getvalue())
    except DataError as error:
        st.error(f"{plain(file.name)}: {sentence(error)}", icon=":material/error:")
        return
    st.success(f"{plain(file.name)}: {len(found)} points. {found.how}", icon=":material/check:")
    st.caption("A run keeps a copy of these points. Others who open its link can see them.")
    if st.button("Use these points", type="primary", key="use-own"):
        current.own, current.own_name = found, file.name
        st.rerun()


@st.dialog("Batch, order and Saver", on_dismiss="rerun")
def details() -> None:
    """The settings of training that are not in the panel."""
    current = state()
    fields.edit("train", ("batch", "order"))
    if current.train.takes("momentum"):
        fields.edit("train", ("momentum",))
    fields.edit("train", ("max_to_keep", "keep_checkpoint_every_n_hours"))
    fields.complain()
    st.caption("A Saver with default settings keeps 5 checkpoints. Here an empty field keeps all.")
    with st.container(horizontal=True):
        if st.button("Done", type="primary", key="details-done"):
            st.rerun()
        if st.button("Back to the recipe", disabled=current.train == TrainSettings(), key="reset-train"):
            current.train = TrainSettings()
            st.rerun()
