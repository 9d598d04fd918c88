"""The frame around every page: navigation, the URL, and a last net under what nobody foresaw."""

from __future__ import annotations

import logging
import runpy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import services, sidebar, visitor
from pages.shared.state import publish, restore, state

APP = Path(__file__).parents[2] / "app.py"

_here = threading.local()  # a script run is one thread


def require() -> None:
    """Every page's first line: draw the page inside the frame, however it was reached.

    The first script run of a fresh server does not know `st.navigation` yet: when it is for a link
    to a page, Streamlit runs that file of `pages/` by itself. Then the application runs here instead; as
    soon as Streamlit knows the navigation, the script starts again, since fragments of this run would
    not be found.
    """
    context = get_script_run_ctx()
    framed = getattr(_here, "framed", False)
    if not framed and context is not None and Path(context.main_script_path).resolve() == APP:
        runpy.run_path(str(APP))
        st.stop()


def run(pages: dict[str, Sequence[Any]]) -> None:
    """Run the chosen page inside the frame."""
    restore()
    services.pool()  # the workers warm up while the first page is read
    page = st.navigation(pages)
    if not state().arrived:
        state().arrived = True
        st.rerun()
    visitor.remember()
    if state().complaint:
        st.warning(state().complaint, icon=":material/link_off:")
        state().complaint = ""
    _here.framed = True
    try:
        page.run()
    except Exception:  # the last net: a visitor never meets a traceback
        logging.getLogger(__name__).exception("page %s failed", page.title)
        st.error(
            f"Something went wrong on the page {page.title}. Runs and settings are safe; reload "
            "the page, and if it happens again, look into the server's log.",
            icon=":material/error:",
        )
    finally:
        _here.framed = False
        sidebar.show()
        publish()
