"""The frame around every page: navigation, the URL, and a last net under what nobody foresaw."""

from __future__ import annotations

import logging
import runpy
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from core.checkpoint import CheckpointError
from core.data import DataError
from core.pool.jobs import JobFailed
from core.pool.queue import QueueFull
from core.run import health
from core.run.reservation import NoRoom
from core.run.runs import RunNotFound
from core.storage import UNCHANGEABLE
from pages.ui import guards, links, look, moved, services, sidebar, visitor
from pages.ui.plain import sentence
from pages.ui.state import state

APP = Path(__file__).parents[2] / "app.py"
WITHOUT_TENSORFLOW = ("inspect", "runs", "export", "admin")  # pages that ask nothing of the workers

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
    administration = st.Page(APP.parent / "pages" / "admin.py", title="Administration", visibility="hidden")
    page = st.navigation({**pages, " ": [administration, *moved.pages()]}, expanded=True)
    if page.url_path in moved.MOVED:
        page.run()  # leads away
    if page.url_path not in WITHOUT_TENSORFLOW:
        services.pool().wake()  # they load while the visitor looks
    if state().page not in ("", page.url_path or links.PLAYGROUND):
        _forget_parts()
    links.restore(page.url_path)
    if not state().arrived:
        state().arrived = True
        st.rerun()
    with st.container(key="unseen"):
        look.apply()
        visitor.remember(page.title)
    with st.container(key="notices"):
        if said := health.trouble(services.runs()):
            st.warning(sentence(said), icon=":material/hard_drive:")
        _complain(page.title)
    _here.framed = True
    try:
        with guarded(page.title):
            page.run()
    finally:
        _here.framed = False
    with guarded("the menu"):
        sidebar.show()
    links.publish()


def _forget_parts() -> None:
    """Forget the parts of the page before, which run alone.

    What a component of that page says a moment after the menu was pressed would run its part after this page:
    the browser would empty the page for it, and nothing would be drawn. A part that is forgotten is refused.
    One that was asked for before this run came here waits already: it is taken back; Streamlit has no
    public call.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    context.fragment_storage.clear()
    if (requests := context.script_requests) is not None:
        with requests._lock:
            if requests._state == ScriptRequestType.RERUN and requests._rerun_data.fragment_id_queue:
                requests._state = ScriptRequestType.CONTINUE


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """The last net: a visitor never meets a traceback. Fragments, which run alone, need one of their own.

    Args:
        what: the page or the part of it that is inside.
    """
    try:
        yield
    except guards.PageEnds:
        pass
    except Exception as error:
        foreseen, icon, words = _told(what, error)
        (st.warning if foreseen else st.error)(sentence(words), icon=f":material/{icon}:")


def words_of(what: str, error: Exception) -> str:
    """What a visitor is told of an error: its own words where it was foreseen. Else the log has the rest.

    Args:
        what: the page or the part of it that failed.
    """
    return _told(what, error)[2]


def _told(what: str, error: Exception) -> tuple[bool, str, str]:
    """Whether the error was foreseen; the icon and the words for it."""
    if isinstance(error, RunNotFound):
        return True, "link_off", str(error)
    if isinstance(error, (CheckpointError, DataError, JobFailed, NoRoom, QueueFull, TimeoutError)):
        return True, "warning", str(error)
    said = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, OSError) and error.errno in UNCHANGEABLE:
        return False, "hard_drive", f"This could not be saved ({said}), so nothing has changed."
    logging.getLogger(__name__).error("%s failed", what, exc_info=error)
    reason = f" The system said: {said}." if said else ""
    return (
        False,
        "error",
        f"Something went wrong in {what}.{reason} Runs and settings are safe; reload the page, and if "
        "it happens again, look into the server's log.",
    )


def _complain(page: str) -> None:
    """Say what was wrong with the link, on the page that it led to; a rerun does not wipe it away."""
    current = state()
    if current.complaint:
        current.complained = current.complained or page
        if current.complained == page:
            st.warning(sentence(current.complaint), icon=":material/link_off:")
        else:
            current.complaint = current.complained = ""
