"""From a run's files to what the time machine draws."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.checkpoint import CheckpointError
from core.data import Sample
from core.history.history import History, read_history
from core.history.view import InnerTrack, Shown, TimeMachineData, start_of, view_of
from core.run.runs import FIRST_PASS, Run
from core.training.first_pass import FirstPass, read_first_pass
from pages.ui.links import PARTS
from pages.ui.state import state


class _Reader:
    """One run's history, read again only where files have changed."""

    def __init__(self, run: Run) -> None:
        self.sample = run.sample()
        self.start = start_of(run)
        self.history: History | None = None
        self.first_pass: tuple[int, FirstPass | None] = (0, None)  # when it was written, and what it holds
        self.lock = threading.Lock()


@st.cache_resource(max_entries=64, show_spinner=False)
def _reader(directory: str, _run: Run) -> _Reader:
    return _Reader(_run)


def sample_of(run: Run) -> Sample:
    """The points that the run trained on."""
    return _reader(str(run.directory), run).sample


def history_of(run: Run) -> History:
    """The run's history as its files are now.

    Raises:
        RunNotFound: the run is gone.
    """
    reader = _reader(str(run.directory), run)
    with reader.lock:
        reader.history = read_history(run, reader.sample, reader.history)
        return reader.history


def just_read(run: Run) -> History:
    """The run's history as a view on this page has read it a moment ago, without another look at the files.

    Raises:
        RunNotFound: the run is gone.
    """
    return _reader(str(run.directory), run).history or history_of(run)


def first_pass_of(run: Run) -> FirstPass | None:
    """The updates inside the run's first pass; None where none were saved.

    Raises:
        CheckpointError: one cannot be read.
    """
    reader = _reader(str(run.directory), run)
    try:
        written = run.first_pass.stat().st_mtime_ns
    except OSError:
        return None
    with reader.lock:
        if reader.first_pass[0] != written:
            reader.first_pass = written, read_first_pass(run, reader.sample)
        return reader.first_pass[1]


def just_read_inner(run: Run) -> FirstPass | None:
    """The first pass as a view on this page has read it a moment ago."""
    return _reader(str(run.directory), run).first_pass[1]


def history_view(
    run: Run,
    others: Sequence[Run] = (),
    *,
    names: Mapping[str, str] | None = None,
    sample: Sample | None = None,
    step: int | None,
    revision: int,
    live: bool,
) -> TimeMachineData:
    """What History draws: the run, and others on the same axes, all judged by the same points.

    Args:
        names: run id to what the run is called.
        sample: the points; the run's own by default.
    """
    called = names or {}
    shown = [
        Shown(
            sample_of(each),
            history_of(each),
            called.get(each.id, each.id[:6]),
            each.manifest().colour,
            _reader(str(each.directory), each).start,
        )
        for each in (run, *others)
    ]
    shown[0] = replace(shown[0], inner=_inner(run))
    return view_of(
        shown,
        sample or sample_of(run),
        step=step,
        revision=revision,
        live=live,
        follow=live and step is None,
        projector=state().projector,
        address="step" in PARTS.get(state().page, ()),
    )


def live_view(run: Run, *, live: bool) -> TimeMachineData:
    """The run without a slider: always its newest checkpoint."""
    return replace(history_view(run, step=None, revision=0, live=live), follow=True, controls=False)


def _inner(run: Run) -> InnerTrack | None:
    """The updates inside the first pass, where they were saved and can be read."""
    with contextlib.suppress(CheckpointError):
        if found := first_pass_of(run):
            source = f"Read from {FIRST_PASS}: a Saver saved a checkpoint after each of these updates."
            return InnerTrack(found.h, found.v, found.cost, source)
    return None
