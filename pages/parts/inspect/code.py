"""The code that loads what is shown, to be copied: with its path, classes and names."""

from __future__ import annotations

import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.words import printable
from pages.parts.inspect import terminal
from pages.parts.inspect.plain import plain


def show(folder: Folder, checkpoint: Checkpoint, key: str) -> None:
    """Offer it, folded; it is written when somebody opens it.

    Args:
        key: what tells this place on the page from another.
    """
    box = st.expander(
        f"Code that loads {plain(checkpoint.name)}",
        icon=":material/code:",
        key=f"open-code-{key}",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        try:
            blocks = folder.code(checkpoint, printable(terminal.path_of(folder, checkpoint)))
        except CheckpointError as error:
            st.warning(plain(str(error)), icon=":material/warning:")
            return
        for each in blocks:
            st.caption(f"**{each.title}**")
            if each.note:
                st.warning(plain(each.note), icon=":material/warning:")
            st.code("\n".join(map(printable, each.text.splitlines())), language=each.language)
