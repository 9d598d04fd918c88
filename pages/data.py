"""The data: true h, v and noise, or the visitor's own points; the chart follows at once."""

import streamlit as st

from core.data import DataError, optimum, read_csv
from core.figures.sample import describe_sample, sample_figure
from core.settings import MOST_SAMPLES, DataSettings
from pages.ui import chart, fields, frame, glossary
from pages.ui.plain import plain, sentence
from pages.ui.state import state

frame.require()

MADE, OWN = "Made here", "My own CSV file"

st.title("Data")
glossary.explained("sample", "seed", "optimum", "cost")
current = state()
source = st.segmented_control(
    "Where the points come from",
    [MADE, OWN],
    default=OWN if current.own else MADE,
    required=True,
    key=f"source-{current.own is not None}",
)
if source == MADE:
    st.caption("The model has to find the true h and v again, from points that noise has shaken.")
    current.own, current.own_name = None, ""
    fields.edit("data", ("h", "v", "noise"))
    with st.expander("Points and seed"):
        fields.edit("data", ("samples", "x_min", "x_max", "seed"))
    fields.complain()
    usual = current.data == DataSettings()
    if st.button("Back to the recipe's data", key="reset-data", disabled=usual):
        current.data = DataSettings()
        st.rerun()
else:
    st.caption(
        f"A text file in UTF-8 with the columns x and y, at most {MOST_SAMPLES:,} rows; separated by commas, "
        "or by semicolons with decimal commas."
    )
    file = st.file_uploader(
        "CSV file",
        type=["csv", "txt"],
        key="own-file",
        max_upload_size=1,  # megabytes; so many rows have fewer
    )
    if file is not None:
        try:
            current.own, current.own_name = read_csv(file.getvalue()), file.name
        except DataError as error:
            stays = f" {plain(current.own_name)} stays in use." if current.own else ""
            st.error(f"{plain(file.name)}: {sentence(error)}{stays}", icon=":material/error:")
    if current.own is None:
        st.info("Choose a file. Until then the points made here stay in use.", icon=":material/info:")
    else:
        st.success(
            f"{plain(current.own_name)}: {len(current.own)} points. {current.own.how}",
            icon=":material/check:",
        )
        st.caption("They are not in the link: a reload forgets them. A run keeps its own copy.")

sample = current.sample()
best = optimum(sample)
chart.show(sample_figure(sample, best), "data-chart", "data")
st.caption(describe_sample(sample, best))
if st.button("Train on these points", type="primary", icon=":material/arrow_forward:", key="to-train"):
    current.run = current.step = None  # a run on other points would stand in the new ones' place
    current.others = ()
    st.switch_page("pages/train.py")
