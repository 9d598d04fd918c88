"""One sensible next step at the end of every page."""

from __future__ import annotations

import streamlit as st

# The page, by the name of its file, that comes after each; and what the link says.
NEXT = {
    "data": ("train", "Next: train on these points", ":material/play_circle:"),
    "runs": ("history", "Next: look back through a run's checkpoints", ":material/history:"),
    "history": ("compare", "Next: a Saver's restore beside a SavedModel", ":material/compare_arrows:"),
    "compare": ("ways", "Next: the other ways to save the same model", ":material/grid_view:"),
    "ways": ("take_home", "Next: take the run home", ":material/download:"),
    "take_home": ("files", "Next: open the files and find h and v in them", ":material/folder_open:"),
    "files": ("retention", "Next: which files stay, and which are deleted", ":material/auto_delete:"),
    "retention": ("resume", "Next: interrupt a training and go on", ":material/fork_right:"),
    "resume": ("break_it", "Next: break it on purpose, and repair it", ":material/bolt:"),
    "break_it": ("lessons", "Next: learn it in order, in the lessons", ":material/school:"),
}


def after(page: str) -> None:
    """A link to what comes after a page, by the name of its file; pages that end in links of "
    "their own have none."""
    if page in NEXT:
        name, label, icon = NEXT[page]
        st.divider()
        st.page_link(f"pages/{name}.py", label=label, icon=icon)
