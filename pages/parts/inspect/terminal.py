"""The command that tells the same as a view, to copy into a terminal."""

from __future__ import annotations

import shlex

import streamlit as st

from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.inspect.places import folders
from pages.parts.inspect.scrubber import shown


def show(*words: str) -> None:
    """Show the command with these words, folded."""
    with st.expander("In a terminal", icon=":material/terminal:"):
        quoted = " ".join(shlex.quote(shown(word)) for word in words)
        st.code(f"checkpoint-explorer {quoted}", language="sh")


def path_of(folder: Folder, checkpoint: Checkpoint | str | None = None) -> str:
    """What a terminal beside the folder calls a file of it; the name of an upload is secret."""
    name = next((each.title for each in folders() if each.root == folder.root), "models")
    below = checkpoint.path if isinstance(checkpoint, Checkpoint) else checkpoint
    return f"{name}/{below}" if below else name
