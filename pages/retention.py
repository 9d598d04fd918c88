"""Which checkpoints a Saver keeps: an experiment on a scaled clock, the traps, and the Saver's options."""

import streamlit as st

from pages.shared import frame, saver_options
from pages.shared.retention import experiment, traps

frame.require()

st.title("Retention")
st.caption("Which checkpoints does a Saver keep, which does it delete, and which does it forget?")
experiment.show()
st.header("Traps")
traps.show()
st.header("Saver options: a subset, or other names")
saver_options.show()
