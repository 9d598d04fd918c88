"""From a run's files to what the time machine draws."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import streamlit as st

from core import data, palette
from core.bundle import read_values
from core.checkpoint import FINAL, CheckpointError, H, V
from core.data import Sample
from core.history.history import History, read_history
from core.history.surface import Surface, loss_surface
from core.run.runs import FIRST_PASS, Run
from core.training.first_pass import FirstPass, read_first_pass
from pages.ui.links import PARTS
from pages.ui.state import state
from pages.ui.timemachine import InnerTrack, RunTrack, TimeMachineData

START = (0.0, 0.0)  # h and v of a model whose variables were just initialized


class _Reader:
    """One run's history, read again only where files have changed."""

    def __init__(self, run: Run) -> None:
        self.sample = run.sample()
        self.start = _start(run)
        self.history: History | None = None
        self.first_pass: tuple[int, FirstPass | None] = (0, None)  # when it was written, and what it holds
        self.lock = threading.Lock()


def _start(run: Run) -> tuple[float, float] | None:
    """h and v before the first iteration; a fork's stand in the checkpoint that it was given."""
    if not run.start.is_dir():
        return START
    try:
        values = next(read_values(path.with_suffix("")) for path in run.start.glob("*.index"))
        return float(values[H]), float(values[V])
    except (CheckpointError, StopIteration, KeyError, TypeError):
        return None  # nothing there can be read, so no start is drawn


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
    sample = sample or sample_of(run)
    shown = (run, *others)
    colours = _colours([each.manifest().colour for each in shown])
    tracks = tuple(
        _track(each, history_of(each), sample, (names or {}).get(each.id, each.id[:6]), colour)
        for each, colour in zip(shown, colours, strict=True)
    )
    tracks = (replace(tracks[0], inner=_inner(run)), *tracks[1:])
    best = data.optimum(sample)
    return TimeMachineData(
        x=sample.x,
        y=sample.y,
        truth=sample.truth,
        optimum=(best.h, best.v, best.cost),
        runs=tracks,
        surface=_surface(sample, tracks),
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


def _track(run: Run, history: History, shown: Sample, label: str, colour: int | None) -> RunTrack:
    """The run's checkpoints, with their cost over the points that are shown."""
    table = history.table
    own = sample_of(run)
    other_points = not (np.array_equal(own.x, shown.x) and np.array_equal(own.y, shown.y))
    final = table.loc[table["name"] == FINAL, "step"]
    return RunTrack(
        label=label,
        steps=table["step"].to_numpy(np.int32),
        h=table["h"].to_numpy(np.float32),
        v=table["v"].to_numpy(np.float32),
        cost=data.cost(shown, table["h"], table["v"]) if other_points else table["cost"].to_numpy(np.float64),
        final_step=None if final.empty else int(final.iloc[0]),
        start=_reader(str(run.directory), run).start,
        gone=tuple(_stretches(history.gone)),
        torn=tuple((each.step, each.reason) for each in history.lost),
        colour=colour,
        other_points=other_points,
    )


def _inner(run: Run) -> InnerTrack | None:
    """The updates inside the first pass, where they were saved and can be read."""
    with contextlib.suppress(CheckpointError):
        if found := first_pass_of(run):
            source = f"Read from {FIRST_PASS}: a Saver saved a checkpoint after each of these updates."
            return InnerTrack(found.h, found.v, found.cost, source)
    return None


def _colours(wanted: list[int]) -> list[int]:
    """A colour for each run: its own, unless one before it has it already."""
    found: list[int] = []
    for colour in wanted:
        free = [each for each in range(len(palette.RUNS)) if each not in found]
        found.append(colour if colour in free else free[0])
    return found


def _stretches(steps: tuple[int, ...]) -> list[tuple[int, int]]:
    """Consecutive steps as (first, last)."""
    found = []
    for _, group in groupby(enumerate(steps), key=lambda pair: pair[1] - pair[0]):
        members = [step for _, step in group]
        found.append((members[0], members[-1]))
    return found


def _surface(sample: Sample, tracks: tuple[RunTrack, ...]) -> Surface:
    """The loss surface around every checkpoint, every update, and the start, where all variables are 0."""
    starts = [track.start or START for track in tracks]
    inner = [track.inner for track in tracks if track.inner]
    paths: list[RunTrack | InnerTrack] = [*tracks, *inner]
    h = np.concatenate([[start[0] for start in starts], *(path.h for path in paths)])
    v = np.concatenate([[start[1] for start in starts], *(path.v for path in paths)])
    return loss_surface(sample, h, v)
