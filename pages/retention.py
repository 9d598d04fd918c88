"""Which checkpoints a Saver keeps: an experiment on a scaled clock, the traps, and the Saver's options."""

import streamlit as st

from pages.parts.retention import experiment, saver_options, traps
from pages.ui import frame, glossary, lab_links

frame.require()

st.title("Which files stay")
st.caption("Which checkpoints does a Saver keep, which does it delete, and which does it forget?")
glossary.explained("retention", "Saver", "state file", "graph", "variable")
experiment.show()
st.header("Traps")
traps.show()
st.header("Saver options: a subset, or other names")
saver_options.show()
lab_links.to_cards("retention")
