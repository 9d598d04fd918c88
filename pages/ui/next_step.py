"""One sensible next step at the end of every page."""

from __future__ import annotations

import streamlit as st

from pages.ui.state import state

# The page, by the name of its file, that comes after each; and what the link says. The pages Start, Lessons,
# Data and Sweep end in a way of their own.
NEXT = {
    "train": ("history", "Next: drag through the checkpoints", ":material/history:"),
    "runs": ("history", "Next: look back through a run's checkpoints", ":material/history:"),
    "history": ("compare", "Next: a Saver's restore beside a SavedModel", ":material/compare_arrows:"),
    "compare": ("ways", "Next: the other ways to save the same model", ":material/save:"),
    "ways": ("take_home", "Next: take the run home", ":material/download:"),
    "take_home": ("files", "Next: open the files and find h and v in them", ":material/folder_open:"),
    "open": ("break_it", "Next: what goes wrong with such files, card by card", ":material/bolt:"),
    "files": ("retention", "Next: which files stay, and which are deleted", ":material/auto_delete:"),
    "retention": ("resume", "Next: interrupt a training and go on", ":material/fork_right:"),
    "resume": ("break_it", "Next: break it on purpose, and repair it", ":material/bolt:"),
    "break_it": ("lessons", "Next: learn it in order, in the lessons", ":material/school:"),
}
ALONE = ("open", "retention", "break_it")  # they need no run; without one, the others' own button comes next


def after(page: str) -> None:
    """A link to what comes after a page, by the name of its file."""
    if page in NEXT and (page in ALONE or state().run):
        name, label, icon = NEXT[page]
        st.divider()
        st.page_link(f"pages/{name}.py", label=label, icon=icon)
