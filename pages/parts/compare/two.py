"""A Saver's restore beside a SavedModel's load, from the same checkpoint."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from core.checkpoint import CheckpointError
from core.compare.comparison import REPEATS, Comparison
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.runs import Run, RunNotFound
from pages.ui import services, tracks
from pages.ui.comparing import draw
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered

_compared: Remembered[Comparison] = Remembered("compared")


def show(run: Run, name: str) -> None:
    """Measure, unless it was measured for these very files, and draw."""
    try:
        # The last answer serves again while the checkpoint's files stay as they were.
        asked = run.id, name, tracks.history_of(run).rows[name][0]
        again = st.button("Measure again", icon=":material/timer:", key="measure-again")
        if again or services.is_unanswered(jobs.compare, str(run.directory), name, about=asked):
            found = _compared.put(_compare(run, name, asked), asked)
        else:
            found = _compared.get_or(asked, lambda: _compare(run, name, asked))
    except (CheckpointError, RunNotFound, JobFailed, TimeoutError) as error:
        st.warning(sentence(error), icon=":material/warning:")
    else:
        draw(found)


def _compare(run: Run, name: str, asked: Hashable) -> Comparison:
    with st.spinner(f"Restoring and loading {name}, {REPEATS} times each…"):
        return services.result_of(jobs.compare, str(run.directory), name, about=asked)
