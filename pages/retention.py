"""Which checkpoints a Saver keeps: an experiment on a simulated clock, the traps, and the Saver's options."""

import streamlit as st

from pages.parts.retention import experiment, saver_options, traps
from pages.ui import frame, header, lab_links

frame.require()

header.show(
    "Retention",
    "Which checkpoints a Saver keeps and deletes.",
    "Choose how many to keep, then save.",
    terms=("retention", "Saver", "state file", "graph", "variable"),
)
experiment.show()
st.header("Traps")
traps.show()
st.header("Saving some variables, or by other names")
saver_options.show()
lab_links.to_cards("retention")
