"""What a picture of runs is drawn from: records that pack themselves for the browser, made of histories.

The time machine on a page and the one in an exported file draw the same records, with the same modules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from core import data, palette
from core.bundle import read_values
from core.checkpoint import DATA, FINAL, INDEX, ITER, META, CheckpointError, H, V
from core.data import Sample
from core.history.history import History
from core.history.surface import LEAST, Surface, loss_surface
from core.packing import packed
from core.run.runs import Run

START = (0.0, 0.0)  # h and v of a model whose variables were just initialized


@dataclass(frozen=True, eq=False)
class InnerTrack:
    """The updates inside the first pass of a run, each by one batch of samples.

    ``h``, ``v`` and ``cost`` have shape ``[m]``; place ``k`` is what stood after ``k + 1`` updates.
    ``source`` says in one sentence where they were read.

    Raises:
        ValueError: if the lengths differ.
    """

    h: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    cost: npt.NDArray[np.float64]
    source: str = ""

    def __post_init__(self) -> None:
        lengths = [len(self.h), len(self.v), len(self.cost)]
        if len(set(lengths)) != 1:
            raise ValueError(f"inside the first pass: h, v and cost need one length, found {lengths}")

    def to_json(self) -> dict[str, Any]:
        """These updates for `decode.js`."""
        return {**_values(self), "source": self.source}


@dataclass(frozen=True, eq=False)
class RunTrack:
    """The checkpoints of one run, in the order of their steps.

    ``steps``, ``h``, ``v`` and ``cost`` have shape ``[n]``; ``cost`` is the mean squared error over the
    points that are shown. A step is the number of an iteration, counted from 0. The checkpoint at
    ``final_step``, one after the last iteration, is the one that was saved under the name of the end: a stop
    of the slider, but no iteration and no point of the curves.

    ``colour`` is a place in ``core.palette.RUNS``; None is the colour of the fit. ``other_points`` says that
    the run was trained on other points than those shown. ``start`` is ``(h, v)`` before the first iteration.
    ``gone`` holds the first and last step of each stretch that retention deleted; ``torn`` holds steps
    whose files cannot be restored, with the reason (they need no place in ``steps``).

    Raises:
        ValueError: if the lengths differ, the steps do not increase, or there is no such colour.
    """

    label: str
    steps: npt.NDArray[np.int32]
    h: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    cost: npt.NDArray[np.float64]
    final_step: int | None = None
    start: tuple[float, float] | None = None
    gone: tuple[tuple[int, int], ...] = ()
    torn: tuple[tuple[int, str], ...] = ()
    colour: int | None = None
    other_points: bool = False
    inner: InnerTrack | None = None

    def __post_init__(self) -> None:
        lengths = [len(self.steps), len(self.h), len(self.v), len(self.cost)]
        if len(set(lengths)) != 1:
            raise ValueError(f"run {self.label!r}: steps, h, v and cost need one length, found {lengths}")
        if np.any(np.diff(np.asarray(self.steps, dtype=np.int64)) <= 0):
            raise ValueError(f"run {self.label!r}: steps must strictly increase")
        if self.colour is not None and self.colour not in range(len(palette.RUNS)):
            last = len(palette.RUNS) - 1
            raise ValueError(f"run {self.label!r}: colour {self.colour}; runs have the colours 0 to {last}")

    def to_json(self) -> dict[str, Any]:
        """This run for `decode.js`."""
        return {
            **_values(self),
            "label": self.label,
            "steps": packed(self.steps, "<i4"),
            "finalStep": None if self.final_step is None else int(self.final_step),
            "start": _finite(self.start),
            "gone": [[int(first), int(last)] for first, last in self.gone],
            "torn": [[int(step), reason] for step, reason in self.torn],
            "colour": self.colour,
            "otherPoints": self.other_points,
            "inner": None if self.inner is None or not len(self.inner.h) else self.inner.to_json(),
        }


@dataclass(frozen=True, eq=False)
class TimeMachineData:
    """All that the browser draws from.

    ``x`` and ``y`` are the samples, float32 of one shape. ``truth`` is ``(h, v)``, None for uploaded data;
    ``optimum`` is ``(h, v, mean squared error, how far above it is as good)`` of the least-squares fit.
    ``runs`` holds the run that the slider moves over and, after it, those that are laid over it.

    ``step`` is the position that the page asks for. The browser obeys it when it starts, and later only when
    ``revision`` grows: otherwise a rerun would pull the slider out of the user's hand. ``live`` says that
    checkpoints are still joining, ``follow`` that the newest is shown from the start. Without ``controls``
    the newest checkpoint is shown always.

    ``projector`` draws type, lines and marks half as large again. ``compact`` gives the panels the room that
    one screen has, and names their axes inside. ``address`` says that the page's address holds the step.
    ``words`` is the language that the charts speak, as `words.js` takes it; empty for English.

    Raises:
        ValueError: if samples differ in length, or there are more runs than colours for them.
    """

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    truth: tuple[float, float] | None
    optimum: tuple[float, float, float, float] | None
    runs: tuple[RunTrack, ...] = ()
    surface: Surface | None = None
    step: int | None = None
    revision: int = 0
    live: bool = False
    follow: bool = False
    controls: bool = True
    projector: bool = False
    compact: bool = False
    address: bool = False
    words: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError(f"samples: {len(self.x)} x but {len(self.y)} y")
        if len(self.runs) > len(palette.RUNS):
            raise ValueError(f"expected at most {len(palette.RUNS)} runs, found {len(self.runs)}")

    def to_json(self) -> dict[str, Any]:
        """What `decode.js` unpacks: plain JSON values, arrays as base64 of little-endian numbers."""
        return {
            "x": packed(self.x, "<f4"),
            "y": packed(self.y, "<f4"),
            "truth": _finite(self.truth),
            "optimum": _finite(self.optimum),
            "runs": [run.to_json() for run in self.runs],
            "surface": None if self.surface is None else packed_surface(self.surface),
            "step": None if self.step is None else int(self.step),
            "revision": int(self.revision),
            "live": bool(self.live),
            "follow": bool(self.follow),
            "controls": bool(self.controls),
            "projector": bool(self.projector),
            "compact": bool(self.compact),
            "address": bool(self.address),
            "words": dict(self.words),
            "iterName": ITER,
            "finalName": FINAL,
            "files": [DATA, INDEX, META],
        }


def _values(track: InnerTrack | RunTrack) -> dict[str, Any]:
    return {
        "h": packed(track.h, "<f4"),
        "v": packed(track.v, "<f4"),
        "cost": packed(track.cost, "<f8"),
    }


def packed_surface(surface: Surface) -> dict[str, Any]:
    """The surface for `decodeSurface` in `decode.js`, which makes the grid of it."""
    parts = ("h", "v", "floor", "bed")
    return {**{name: packed(getattr(surface, name), "<f8") for name in parts}, "least": LEAST}


def _finite(numbers: tuple[float, ...] | None) -> list[float] | None:
    """The numbers as a list, or None if one is not finite: JSON knows neither NaN nor infinity."""
    if numbers is None or not all(math.isfinite(number) for number in numbers):
        return None
    return [float(number) for number in numbers]


@dataclass(frozen=True, eq=False)
class Shown:
    """One run as it is to be drawn.

    Attributes:
        sample: the points that it trained on.
        history: its checkpoints.
        label: what it is called.
        colour: its place in `core.palette.RUNS`.
        start: h and v before its first iteration, None where that cannot be read.
        inner: the updates inside its first iteration, None where they were not saved.
    """

    sample: Sample
    history: History
    label: str
    colour: int
    start: tuple[float, float] | None = START
    inner: InnerTrack | None = None


def view_of(shown: Sequence[Shown], points: Sample, **more: Any) -> TimeMachineData:
    """The runs over these points, by which the cost of all of them is judged.

    Args:
        more: the other fields of `TimeMachineData`.
    """
    colours = _colours([each.colour for each in shown])
    tracks = tuple(_track(each, points, colour) for each, colour in zip(shown, colours, strict=True))
    best = data.optimum(points)
    return TimeMachineData(
        x=points.x,
        y=points.y,
        truth=points.truth,
        optimum=(best.h, best.v, best.cost, best.near),
        runs=tracks,
        surface=_surface(points, tracks),
        **more,
    )


def start_of(run: Run) -> tuple[float, float] | None:
    """h and v before the first iteration; a fork's are in the checkpoint that it was given."""
    if not run.start.is_dir():
        return START
    try:
        values = next(read_values(path.with_suffix("")) for path in run.start.glob("*.index"))
        return float(values[H]), float(values[V])
    except (CheckpointError, StopIteration, KeyError, TypeError):
        return None  # nothing there can be read, so no start is drawn


def _track(shown: Shown, points: Sample, colour: int) -> RunTrack:
    """The run's checkpoints, with their cost over the points that are shown."""
    table, own = shown.history.table, shown.sample
    other_points = not own.same_points(points)
    cost = data.cost(points, table["h"], table["v"]) if other_points else table["cost"].to_numpy(np.float64)
    return RunTrack(
        label=shown.label,
        steps=table["step"].to_numpy(np.int32),
        h=table["h"].to_numpy(np.float32),
        v=table["v"].to_numpy(np.float32),
        cost=cost,
        final_step=shown.history.trained if FINAL in shown.history.rows else None,
        start=shown.start,
        gone=tuple(_stretches(shown.history.gone)),
        torn=tuple((each.step, each.reason) for each in shown.history.lost),
        colour=colour,
        other_points=other_points,
        inner=shown.inner,
    )


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
