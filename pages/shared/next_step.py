"""One sensible next step at the end of every page."""

from __future__ import annotations

import streamlit as st

STEPS = {
    "train": ("Train on these points", ":material/play_circle:"),
    "history": ("Look back through the checkpoints", ":material/history:"),
    "compare": ("See what a Saver restores beside what a SavedModel loads", ":material/compare_arrows:"),
    "ways": ("Try the other ways to save the same model", ":material/grid_view:"),
    "files": ("Open the files and find h and v in them", ":material/folder_open:"),
    "retention": ("See which files stay, and which are deleted", ":material/auto_delete:"),
    "resume": ("Interrupt a training and go on", ":material/fork_right:"),
    "break_it": ("Break it on purpose, and repair it", ":material/bolt:"),
    "take_home": ("Take the run home: files, history, script", ":material/download:"),
    "sweep": ("Train a whole grid of runs", ":material/apps:"),
    "lessons": ("Learn it in order: the lessons", ":material/school:"),
    "runs": ("All your runs in one table", ":material/table_rows:"),
}


def show(page: str) -> None:
    """A link to a page, by the name of its file."""
    label, icon = STEPS[page]
    st.divider()
    st.page_link(f"pages/{page}.py", label=f"Next: {label}", icon=icon)
