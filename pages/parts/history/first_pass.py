"""What happens inside an iteration: why a run settles where it does, and the updates of the first one."""

from __future__ import annotations

import streamlit as st

from core.checkpoint import CheckpointError
from core.data import optimum
from core.history.convergence import where_it_rests
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.manifest import Manifest
from core.run.runs import FIRST_PASS, Run, RunNotFound
from core.training.first_pass import MOST, first_iteration, updates_of
from core.training.step import TrainingError
from core.words import counted
from pages.ui import code_shown, services, tracks
from pages.ui.plain import sentence


def show(run: Run, manifest: Manifest) -> None:
    """Where the run settles, in words; then its first iteration, or how to get it."""
    history, sample = tracks.just_read(run), tracks.sample_of(run)
    if not history.steps:
        return
    st.subheader("Inside an iteration")
    if words := where_it_rests(history.table, manifest.train, len(sample), optimum(sample)):
        st.markdown(words)
    updates = updates_of(manifest.train, len(sample))
    if updates == 1:
        st.caption("Every iteration is one update here, so the slider has them all.")
        return
    try:
        found = tracks.first_pass_of(run)
        there = found is not None and len(found.h) == updates
    except CheckpointError as error:
        there = False
        st.warning(
            f"The first iteration cannot be shown: {sentence(error)} Save its updates again.",
            icon=":material/warning:",
        )
    if there:
        st.markdown(
            f"Press **First iteration, update by update** at the slider. Each of the {updates:,} stops is a "
            f"checkpoint in `{FIRST_PASS}`."
        )
    else:
        offer(run, updates, first_iteration(manifest))
    code_shown.saving_updates()


def offer(run: Run, updates: int, first: int) -> None:
    """How to get the updates of the first iteration, whose number is `first`."""
    st.markdown(f"The first iteration has {updates:,} updates. Only the last is saved.")
    if updates > MOST:
        st.caption(f"At most {MOST:,} can be saved one by one. Train with a larger batch or fewer points.")
        return
    pressed = st.button(
        "Save every update of the first iteration",
        icon=":material/zoom_in:",
        key="save-first-pass",
        help=f"Trains it again. The result is kept if it ends with the h and v of model_iter-{first}.",
    )
    if pressed or services.is_unanswered(jobs.save_first_pass, str(run.directory)):
        try:
            with st.spinner(f"Training the first iteration again, with {counted(updates, 'checkpoint')}…"):
                services.result_of(jobs.save_first_pass, str(run.directory), heavy=True)
        except (TrainingError, JobFailed, TimeoutError, RunNotFound) as error:
            st.warning(sentence(error), icon=":material/warning:")
        else:
            st.rerun()
