"""Forking: a new run that starts from a checkpoint of another one, and the family that runs make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.bundle import read_index, read_values
from core.checkpoint import FINAL, H, V, files_of
from core.data import Sample
from core.history.history import History
from core.run import digests
from core.run.manifest import Manifest, Parent
from core.run.runs import CHECKPOINTS, START, Run, Runs
from core.settings import DataSettings, SettingsError, TrainSettings
from core.training.optimizers import optimizer
from core.words import listed

_MOST = TrainSettings.settings()["iterations"].high


class ForkError(ValueError):
    """A fork cannot be made as asked; the message is one sentence for the user."""


def fork_settings(train: TrainSettings, iteration: int, more: int) -> TrainSettings:
    """The settings of a fork that trains `more` iterations after `iteration`.

    A fork's iterations keep counting where the parent's were, so that both lie on one slider and a
    fork with nothing changed repeats its parent bit for bit, shuffled order included.

    Raises:
        ForkError: it would end beyond the largest number of iterations.
    """
    end = iteration + 1 + more
    try:
        return replace(train, iterations=end)
    except SettingsError:
        raise ForkError(
            f"The fork would end after iteration {end - 1}; a run counts {_MOST:,} iterations "
            "at most. Train fewer, or fork from an earlier checkpoint."
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
    files = parent.contents([f"{CHECKPOINTS}/{file}" for file in files_of(name)])
    read_values(parent.checkpoints / name)  # its own checksums too
    child = runs.create(sample, train, data, owner, parent=Parent(parent.id, iteration))
    child.start.mkdir()
    for path, content in files.items():
        (child.directory / path.replace(CHECKPOINTS, START, 1)).write_bytes(content)
    digests.record(child.directory, digests.digests_of(child.directory, [START]))
    child.count_bytes()
    return child


def what_is_restored(parent: Run, name: str, before: TrainSettings, after: TrainSettings) -> str:
    """Which variables a fork takes over, in words.

    Raises:
        CheckpointError: the checkpoint cannot be read.
    """
    held = [entry.name for entry in read_index(parent.checkpoints / name)]
    slots = [each for each in held if each not in (H, V)]
    if set(slots) == optimizer(after.optimizer).kept((H, V)):  # Momentum and its Nesterov kind keep the same
        also = f", and {listed(slots)} of {before.optimizer}" if slots else ""
        return f"Everything in {name} is restored: {H} and {V}{also}. Nothing starts fresh."
    left = f" {listed(slots)} of {before.optimizer} stay behind." if slots else ""
    fresh = (
        f" What {after.optimizer} keeps for itself starts fresh." if optimizer(after.optimizer).slots else ""
    )
    return f"The optimizer changes, so only {H} and {V} are restored from {name}.{left}{fresh}"


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
    while oldest.parent is not None and oldest.parent.run in known:
        oldest = known[oldest.parent.run]
    found: list[Relative] = []

    def add(manifest: Manifest, depth: int) -> None:
        found.append(Relative(manifest, depth))
        children = [each for each in known.values() if each.parent and each.parent.run == manifest.id]
        for child in sorted(children, key=lambda each: each.created):
            add(child, depth + 1)

    add(oldest, 0)
    return tuple(found)
