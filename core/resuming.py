"""Interrupting and going on, and forking: the records, the fork itself, and the words for both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.data import Floats, Sample
from core.figures import DATA as GREY
from core.figures import OPTIMUM as ORANGE
from core.history import H, History, V
from core.runs import FINAL, Manifest, Run, Runs
from core.settings import DataSettings, SettingsError, TrainSettings
from core.tensor_bundle import DATA, INDEX, META, CheckpointError, read_index, read_values

BLUE = "#0072b2"  # Okabe and Ito's, as in core.figures

MOST_ITERATIONS = TrainSettings.__dataclass_fields__["iterations"].metadata["high"]


@dataclass(frozen=True, eq=False)
class Resumed:
    """A training that was interrupted and went on, beside the same one that was not.

    Attributes:
        slots: whether all variables were restored, or only h and v.
        first: the first iteration after the interruption.
        h, v: float32, one value for each iteration from `first` on.
        departs: the first iteration in which h or v differ from the uninterrupted run's; None when
            every bit is the same.
        largest: the largest distance in h or v, from `first` on.
        at_end: the distance in (h, v) after the last iteration.
    """

    slots: bool
    first: int
    h: Floats
    v: Floats
    departs: int | None
    largest: float
    at_end: tuple[float, float]

    @staticmethod
    def beside(slots: bool, first: int, went_on: Floats, whole: Floats) -> Resumed:
        """Compare h and v of both trainings.

        Args:
            went_on: float32 [iterations - first, 2], h and v after each iteration.
            whole: float32 [iterations, 2], of the uninterrupted training.
        """
        tail = whole[first:]
        # By bits, so that 0.0 and -0.0 differ as their files do.
        other = (went_on.view(np.uint32) != tail.view(np.uint32)).any(axis=1)
        gaps = np.abs(went_on.astype(np.float64) - tail.astype(np.float64))
        return Resumed(
            slots=slots,
            first=first,
            h=went_on[:, 0],
            v=went_on[:, 1],
            departs=first + int(np.argmax(other)) if other.any() else None,
            largest=float(gaps.max(initial=0.0)),
            at_end=(float(gaps[-1, 0]), float(gaps[-1, 1])) if len(gaps) else (0.0, 0.0),
        )

    def verdict(self) -> str:
        """In a few words."""
        if self.departs is None:
            return "bit-identical"
        return f"departs at iteration {self.departs}"


@dataclass(frozen=True, eq=False)
class Interruption:
    """One optimizer, interrupted: the uninterrupted training, and going on in two ways.

    Attributes:
        optimizer: as in the settings.
        wished: the iteration after which it was to be interrupted.
        killed: whether its process was killed, and not asked to stop.
        latest: the checkpoint that was the latest readable one afterwards.
        left_over: files that the interruption left and that belong to no whole checkpoint.
        h, v: float32 [iterations], of the uninterrupted training.
        slots: names of the variables beside h and v that the checkpoint holds.
        with_slots, without_slots: going on with every variable, and with h and v alone.
    """

    optimizer: str
    wished: int
    killed: bool
    latest: str
    left_over: tuple[str, ...]
    h: Floats
    v: Floats
    slots: tuple[str, ...]
    with_slots: Resumed
    without_slots: Resumed

    def sentence(self) -> str:
        """What happened, for those who cannot see the chart too."""
        how = "Its process was killed" if self.killed else "It was stopped"
        sides = []
        for side in (self.with_slots, self.without_slots):
            brought = "every variable restored" if side.slots else "only h and v restored"
            if side.departs is None:
                sides.append(f"with {brought}, all {len(side.h)} iterations after it are bit-identical")
            else:
                sides.append(
                    f"with {brought}, it departs at iteration {side.departs}, by up to {side.largest:.3g}"
                )
        slots = f"{len(self.slots)} slot variables" if self.slots else "no slot variables"
        return (
            f"{self.optimizer[0].upper()}{self.optimizer[1:]} keeps {slots}. {how} after iteration "
            f"{self.wished}; the latest readable checkpoint was {self.latest}. Restored from it, "
            f"{sides[0]}; {sides[1]}."
        )


def interruption_figure(found: Interruption, name: str) -> go.Figure:
    """The uninterrupted training and both that went on, over the iterations; below, their distance from it.

    Args:
        name: "h" or "v".
    """
    whole: npt.NDArray[np.float32] = getattr(found, name)
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.08, row_heights=[0.6, 0.4])
    figure.add_scatter(
        y=whole,
        mode="lines",
        name="uninterrupted",
        line={"color": GREY, "width": 7},
        opacity=0.6,
        row=1,
        col=1,
    )
    for side, label, colour, dash in (
        (found.with_slots, "every variable restored", BLUE, "solid"),
        (found.without_slots, "only h and v restored", ORANGE, "dash"),
    ):
        line = {"color": colour, "width": 2, "dash": dash}
        x = np.arange(side.first, side.first + len(side.h))
        values = getattr(side, name)
        figure.add_scatter(x=x, y=values, mode="lines", name=label, line=line, row=1, col=1)
        gap = np.abs(values.astype(np.float64) - whole[side.first :])
        figure.add_scatter(
            x=x,
            y=np.where(gap > 0, gap, np.nan),  # a logarithmic axis has no place for 0
            mode="lines+markers",
            name=f"distance, {label}",
            line=line,
            marker={"size": 4},
            showlegend=False,
            row=2,
            col=1,
        )
    figure.add_vline(x=found.with_slots.first - 1, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(range=[0, len(whole) - 1])
    figure.update_xaxes(title_text="iteration (dotted: interrupted)", row=2, col=1)
    figure.update_yaxes(title_text=name, row=1, col=1)
    figure.update_yaxes(title_text="distance", type="log", exponentformat="power", row=2, col=1)
    if found.without_slots.departs is None:
        figure.add_annotation(
            text="no distance anywhere: every bit is the same",
            xref="x2 domain",
            yref="y2 domain",
            x=0.5,
            y=0.5,
            showarrow=False,
        )
        figure.update_yaxes(range=[-9, 0], row=2, col=1)
    figure.update_layout(
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        height=480,
    )
    return figure


class ResumingError(Exception):
    """The training to be interrupted cannot be done; the message is one sentence for the user."""


class ForkError(ValueError):
    """A fork cannot be made as asked; the message is one sentence for the user."""


def fork_settings(train: TrainSettings, step: int, more: int) -> TrainSettings:
    """The settings of a fork that trains `more` iterations after `step`.

    A fork's iterations keep counting where the parent's were, so that both lie on one slider and a
    fork with nothing changed repeats its parent bit for bit, shuffled order included.

    Raises:
        ForkError: it would end beyond the largest number of iterations.
    """
    end = step + 1 + more
    try:
        return TrainSettings.from_json({**train.to_json(), "iterations": end})
    except SettingsError:
        raise ForkError(
            f"The fork would end after iteration {end - 1}; a run counts {MOST_ITERATIONS:,} iterations "
            "at most. Train fewer, or fork from an earlier step."
        ) from None


def last_iteration(history: History, step: int) -> int:
    """The iteration whose values the checkpoint at this step of the history holds.

    `model_final` stands one step after the last iteration and holds that iteration's values.

    Raises:
        KeyError: no readable checkpoint has this step.
    """
    return step - 1 if history.row(step)["name"] == FINAL else step


def fork(
    runs: Runs,
    parent: Run,
    name: str,
    iteration: int,
    train: TrainSettings,
    sample: Sample,
    data: DataSettings | None,
    owner: str = "",
) -> Run:
    """A new run that starts from checkpoint `name` of `parent`; training it is the caller's.

    The checkpoint's three files are copied into the new run's `start/`, so that it can be resumed and
    reproduced even when the parent is gone.

    Args:
        iteration: the last one that the checkpoint has behind it; the fork goes on at the next.
        train: with `iterations` counted from the parent's first; see `fork_settings`.

    Raises:
        ForkError: there would be nothing to train.
        CheckpointError: the checkpoint is missing, torn, or not the one that the parent wrote.
        RunNotFound: the parent is gone.
    """
    if train.iterations <= iteration + 1:
        raise ForkError(
            f"The fork starts after iteration {iteration} and would end after {train.iterations - 1}, "
            "so there is nothing to train. Ask for more iterations."
        )
    files = _verified(parent, name)
    child = runs.create(sample, train, data, owner, parent=(parent.id, iteration))
    child.start.mkdir()
    for file, content in files.items():
        (child.start / file).write_bytes(content)
    return child


def _verified(run: Run, name: str) -> dict[str, bytes]:
    """The three files of a checkpoint, checked against `run.json` and their own checksums.

    Raises:
        CheckpointError: as `fork` says.
    """
    digests = run.manifest().sha256
    files = {}
    for suffix in (META, INDEX, DATA):
        path = run.checkpoints / (name + suffix)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise CheckpointError(f"{path.name} is missing, so nothing can start from {name}.") from None
        written = digests.get(path.relative_to(run.directory).as_posix())
        if digests and hashlib.sha256(content).hexdigest() != written:
            raise CheckpointError(
                f"{path.name} is not the file that run {run.id} wrote (its SHA-256 differs from run.json), "
                "so nothing can start from it."
            )
        files[path.name] = content
    read_values(run.checkpoints / name)
    return files


def what_is_restored(parent: Run, name: str, before: TrainSettings, after: TrainSettings) -> str:
    """Which variables a fork takes over, in words.

    Raises:
        CheckpointError: the checkpoint cannot be read.
    """
    held = [entry.name for entry in read_index(parent.checkpoints / name)]
    slots = [each for each in held if each not in (H, V)]
    if before.optimizer == after.optimizer:
        also = f", and {_listed(slots)} of {before.optimizer}" if slots else ""
        return f"Everything in {name} is restored: {H} and {V}{also}. Nothing starts fresh."
    left = f" {_listed(slots)} of {before.optimizer} stay behind." if slots else ""
    fresh = (
        f" What {after.optimizer} keeps for itself starts fresh."
        if after.optimizer != "gradient descent"
        else ""
    )
    return f"The optimizer changes, so only {H} and {V} are restored from {name}.{left}{fresh}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


@dataclass(frozen=True)
class Relative:
    """A run in its family tree: how many forks lie between it and the oldest known one."""

    manifest: Manifest
    depth: int


def family(manifests: Iterable[Manifest], run_id: str) -> tuple[Relative, ...]:
    """The run, those that it was forked from, and all their forks; parents before children.

    What was deleted is not among the manifests: its children are then the oldest that are known.
    """
    known = {each.id: each for each in manifests}
    if run_id not in known:
        return ()
    oldest = known[run_id]
    while oldest.parent is not None and oldest.parent[0] in known:
        oldest = known[oldest.parent[0]]
    found: list[Relative] = []

    def add(manifest: Manifest, depth: int) -> None:
        found.append(Relative(manifest, depth))
        children = [each for each in known.values() if each.parent and each.parent[0] == manifest.id]
        for child in sorted(children, key=lambda each: each.created):
            add(child, depth + 1)

    add(oldest, 0)
    return tuple(found)
