"""The calls that a page is about, from the source that runs."""

from __future__ import annotations

import streamlit as st

from core.sources import source_of


def restoring() -> None:
    """How a checkpoint comes back."""
    _show(
        "The calls that restore: `import_meta_graph(…)` and `saver.restore(…)`",
        "First the graph from `.meta`, then the values.",
        source_of("core.tf.restoring", "import_graph", "restore_values"),
    )


def saving_updates() -> None:
    """How the updates of the first iteration are saved."""
    _show(
        "The calls that save every update",
        "Automatic at Slow, Watch and Fast.",
        source_of("core.tf.training", "save_every_update"),
    )


def going_on() -> None:
    """How an interrupted training resumes."""
    _show(
        "The calls that resume: `saver.restore(…)`, with and without the slots",
        "`resume` restores every variable. The other function restores h and v alone.",
        source_of("core.tf.saving", "CheckpointWriter.resume"),
        source_of("core.tf.resume", "go_on_without_slots"),
    )


def forking() -> None:
    """How a fork starts."""
    _show(
        "The calls that start a fork: `Saver([…])` and `saver.restore(…)`",
        "A Saver restores the variables that both have. The others start fresh.",
        source_of("core.tf.starting", "begin", "restore_shared"),
    )


def _show(label: str, words: str, *code: str) -> None:
    with st.expander(label):
        st.caption(words)
        st.code("\n\n".join(code), language="python", wrap_lines=True)
