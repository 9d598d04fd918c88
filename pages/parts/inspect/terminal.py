"""The command that tells the same as a view, to copy into a terminal."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import streamlit as st

from core import environment
from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.inspect.places import folders
from core.run.disk import UPLOADS
from core.words import printable

LOCAL = "localhost"  # the address that the server listens on when it is told of no other


def show(*words: str) -> None:
    """Show the command with these words, folded."""
    with st.expander("In a terminal", icon=":material/terminal:"):
        quoted = " ".join(shlex.quote(printable(word)) for word in words)
        st.code(f"checkpoint-explorer {quoted}", language="sh")


def path_of(folder: Folder, checkpoint: Checkpoint | str | None = None) -> str:
    """What a terminal calls a file of it.

    Where the server is for this machine alone, the real path, from the folder in which the server was
    started. Else a folder of the server is called by its name. The name of an upload's folder is secret.
    """
    below = checkpoint.path if isinstance(checkpoint, Checkpoint) else checkpoint
    own = next((each.title for each in folders() if each.root == folder.root), "")
    if _is_for_this_machine() and folder.root.parent.name != UPLOADS:
        here = Path.cwd()
        own = str(folder.root.relative_to(here) if folder.root.is_relative_to(here) else folder.root)
    return "/".join(filter(None, (own, below))) or "."


def _is_for_this_machine() -> bool:
    """Whether who looks at the page is at the machine that has the files."""
    return st.get_option("server.address") == LOCAL and not os.environ.get(environment.URL)
