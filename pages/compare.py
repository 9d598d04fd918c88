"""Saver restore beside SavedModel load, from the same checkpoint."""

import streamlit as st

from core.checkpoint import CheckpointError
from core.compare.comparison import REPEATS, WHICH, Comparison
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.runs import Run, RunNotFound
from pages.ui import checkpoint, frame, glossary, guards, lab_links, services, tracks
from pages.ui.comparing import draw
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered

frame.require()

_compared: Remembered[Comparison] = Remembered("compared")


def compare(run: Run, name: str) -> Comparison:
    """Restore and load the checkpoint, now."""
    with st.spinner(f"Restoring and loading {name}, {REPEATS} times each…"):
        return services.result_of(jobs.compare, str(run.directory), name)


st.title("Saver or SavedModel")
st.markdown(f"Which to use when: {WHICH}.")
run = guards.need_run("see what Saver.restore and a SavedModel bring back from one checkpoint")
glossary.explained("graph", "meta graph", "session", "prefix", "SavedModel", "tag", "signature", "asset")
try:
    name = checkpoint.choose(run)
    # The last answer serves again while the checkpoint's files stay as they were.
    asked = run.id, name, tracks.history_of(run).rows[name][0]
    if st.button("Measure again", icon=":material/timer:", key="measure-again"):
        found = _compared.put(compare(run, name), asked)
    else:
        found = _compared.get_or(asked, lambda: compare(run, name))
except (CheckpointError, RunNotFound, JobFailed, TimeoutError) as error:
    st.warning(sentence(error), icon=":material/warning:")
else:
    draw(found)
lab_links.to_cards("compare")
