"""The traps of retention: a button each, and what happened then. `core.retention.retention` has the words."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.pool import jobs
from core.pool.jobs import JobFailed
from core.retention.retention import TRAPS, Trap, Variant
from pages.ui import services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered


def show() -> None:
    """One button a trap; what it shows is what happened."""
    for key, words in TRAPS.items():
        with st.container(border=True):
            st.subheader(words.title, anchor=False)
            st.write(words.about)
            found: Remembered[Trap] = Remembered(f"trap-{key}")
            pressed = st.button("Try it", icon=":material/play_arrow:", key=f"try-{key}")
            if pressed or services.is_unanswered(jobs.spring, key):
                try:
                    with st.spinner("A Saver writes the files…"):
                        found.put(services.result_of(jobs.spring, key))
                except (JobFailed, TimeoutError) as error:
                    st.warning(sentence(error), icon=":material/warning:")
            if trap := found.get():
                sprung(trap)
                st.caption("Each h is its step ÷ 100.")


def sprung(trap: Trap) -> None:
    """What became of each variant, side by side."""
    for column, variant in zip(st.columns(len(trap.variants)), trap.variants, strict=True):
        with column:
            st.markdown(f"`{variant.title}`")
            show = st.success if variant.worked and not variant.forgotten else st.warning
            show(variant.conclusion())
            if not variant.worked:
                st.code(variant.restored, language=None, wrap_lines=True)
            st.dataframe(_entries(variant), hide_index=True)
            with st.expander("The code that ran"):
                st.code(variant.code, language="python", wrap_lines=True)


def _entries(variant: Variant) -> pd.DataFrame:
    """Every checkpoint that is on disk or listed, and where."""
    listed = {each.name: each for each in variant.listed}
    names = list(dict.fromkeys([*variant.on_disk, *listed]))
    return pd.DataFrame(
        {
            "checkpoint": names,
            "values on disk": ["yes" if name in variant.on_disk else "no" for name in names],
            "in the checkpoint file": [
                f"as {listed[name].path}" if name in listed else "no" for name in names
            ],
        }
    )
