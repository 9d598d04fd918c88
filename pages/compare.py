"""Saver restore beside SavedModel load, from the same checkpoint."""

import streamlit as st

from core import jobs
from core.checkpoint import CheckpointError
from core.comparison import WHICH
from core.jobs import JobFailed
from core.runs import RunNotFound
from core.timing import REPEATS
from pages.shared import checkpoint, frame, guards, lab_links, services, words
from pages.shared.comparing import draw
from pages.shared.plain import sentence

frame.require()


st.title("Saver or SavedModel")
st.markdown(f"Which to use when: {WHICH}.")
run = guards.need_run("see what Saver.restore and a SavedModel bring back from one checkpoint")
words.explained("graph", "meta graph", "session", "prefix", "SavedModel", "tag", "signature", "asset")
try:
    name = checkpoint.choose(run)
    with st.spinner(f"Restoring and loading {name}, {REPEATS} times each…"):
        found = services.result_of(jobs.compare, str(run.directory), name)
except (CheckpointError, RunNotFound, JobFailed, TimeoutError) as error:
    st.warning(sentence(error), icon=":material/warning:")
else:
    draw(found)
lab_links.to_cards("compare")
