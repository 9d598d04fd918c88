"""Which checkpoints a Saver keeps: choose, press, see which files live and die, on a scaled clock."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import jobs
from core.figures.retention import retention_figure
from core.jobs import JobFailed
from core.retention import MOST_KEPT, MOST_SAVES, USUAL_HOURS, Retention, RetentionError, RetentionSettings
from pages.shared import services
from pages.shared.remembered import Remembered

_FIRST = RetentionSettings(max_to_keep=3, every_hours=5.0)
_RECIPE = RetentionSettings(saves=100)

_found: Remembered[Retention] = Remembered("retention")


def show() -> None:
    """Choose, press, see which files live and die."""
    left, right = st.columns(2)
    # A number_input can be emptied only when its own default is empty, so the first value comes from here.
    st.session_state.setdefault("retention-keep", _FIRST.max_to_keep)
    keep = left.number_input(
        "max_to_keep",
        1,
        MOST_KEPT,
        value=None,
        placeholder="none: keep all",
        help="The newest so many checkpoints stay. Empty is None: all stay.",
        key="retention-keep",
    )
    every = right.number_input(
        "keep_checkpoint_every_n_hours (hours)",
        0.01,
        1e6,
        value=_FIRST.every_hours,
        step=1.0,
        format="%.6g",
        help=f"One checkpoint in so many hours is spared. TensorFlow's default is {USUAL_HOURS:,.0f}.",
        key="retention-every",
    )
    saves = left.number_input(
        "Number of saves",
        1,
        MOST_SAVES,
        value=_FIRST.saves,
        help="model_iter-0, model_iter-1 and so on, then model_final.",
        key="retention-saves",
    )
    between = right.number_input(
        "Hours that pass before each save",
        0.0,
        1e4,
        value=_FIRST.hours_between,
        step=0.5,
        format="%.6g",
        help="On the scaled clock.",
        key="retention-between",
    )
    buttons = st.container(horizontal=True)
    wanted = buttons.button("Save for real", type="primary", icon=":material/save:", key="retention-go")
    recipe = buttons.button(
        "The recipe's own Saver",
        key="retention-recipe",
        help="100 saves and model_final with TensorFlow's defaults: max_to_keep 5, 10,000 hours.",
    )
    st.caption(
        "Only the clock is scaled: after each save the Saver is told, by its own "
        "set_last_checkpoints_with_time, that so many hours have passed. The Saver, its decisions and the "
        "files are real; the files lie in a temporary directory and are gone afterwards."
    )
    if wanted or recipe:
        try:
            settings = _RECIPE if recipe else RetentionSettings(keep, every, saves, between)
            with st.spinner(f"A Saver saves {settings.saves} times and once more…"):
                _found.put(services.result_of(jobs.keep, settings))
        except (RetentionError, JobFailed, TimeoutError) as error:
            st.warning(str(error), icon=":material/warning:")
    if found := _found.get():
        outcome(found)


def outcome(found: Retention) -> None:
    """The timeline, its words, the state file and the code."""
    asked = found.settings
    st.markdown(
        f"**max_to_keep {asked.max_to_keep or 'None'}, one spared in {asked.every_hours:g} h, "
        f"{asked.saves} saves, {asked.hours_between:g} h before each**"
    )
    st.plotly_chart(retention_figure(found), key="retention-chart", config={"displaylogo": False})
    st.caption(
        f"{found.conclusion()} Each bar reaches from a checkpoint's save to its deletion. All saves took "
        f"{found.milliseconds:,.0f} ms."
    )
    left, right = st.columns(2)
    with left:
        st.markdown(f"**The `checkpoint` file at the end** ({len(found.files)} files in the directory)")
        st.code(found.state, language=None, wrap_lines=True)
    with right:
        st.markdown("**From save to deletion**")
        st.dataframe(_lives(found), hide_index=True, height=300)
    with st.expander("The code that ran"):
        st.code(found.code, language="python", wrap_lines=True)


def _lives(found: Retention) -> pd.DataFrame:
    """The timeline as a table, for those who cannot see it."""
    return pd.DataFrame(
        {
            "checkpoint": [life.name for life in found.lives],
            "saved at hour": [life.hour for life in found.lives],
            "what became of it": [
                f"deleted by save {life.deleted}"
                if life.deleted is not None
                else "on disk, listed"
                if life.listed
                else "on disk, not listed"
                for life in found.lives
            ],
        }
    )
