"""The start page: what this is, in five lines, and one button that does it all."""

import streamlit as st

from core.data import make_sample
from core.settings import DataSettings, TrainSettings
from pages.shared import frame, services

frame.require()

WATCHABLE = 25.0  # iterations per second: the recipe's 100 take four seconds

st.title("Checkpoint Explorer")
st.markdown(
    """
**See how a TensorFlow model is saved and restored.**

1. A tiny model, the parabola y = (x − h)² + v, is trained on noisy points whose h and v you set.
2. After *every* iteration a real TensorFlow `Saver` writes a checkpoint to disk.
3. A slider takes you back through those files, and the fitted curve follows your hand.
4. Then compare: what does `Saver.restore` bring back, and what does a SavedModel?
"""
)
st.page_link(
    "pages/lessons.py", label="Lessons: a guided way through, twenty minutes each", icon=":material/school:"
)
if st.button(
    "Run the recipe and look back",
    type="primary",
    icon=":material/play_arrow:",
    key="run-recipe",
    help="h = 1, v = −2, noise 0.4, 201 points, 100 iterations of gradient descent",
):
    data = DataSettings()
    services.start_run(make_sample(data), data, TrainSettings(), WATCHABLE)
    st.switch_page("pages/history.py")
st.caption(
    "It takes a few seconds. Or start with your own numbers on the page Data, then Train. "
    "Everything you see comes from files that TensorFlow wrote on this machine."
)
