"""A sweep's results, kept for all visitors while its logs do not change."""

from __future__ import annotations

import threading

import streamlit as st

from core.sweep.folder import Sweep
from core.sweep.results import Results, read_results


class _Reader:
    """One sweep's results, read again only where logs have changed."""

    def __init__(self) -> None:
        self.results: Results | None = None
        self.lock = threading.Lock()


@st.cache_resource(max_entries=16, show_spinner=False)
def _reader(directory: str) -> _Reader:
    return _Reader()


def results_of(sweep: Sweep) -> Results:
    """The sweep as it is now.

    Raises:
        SweepNotFound: the sweep is gone.
    """
    reader = _reader(str(sweep.directory))
    with reader.lock:
        reader.results = read_results(sweep, known=reader.results)
        return reader.results
