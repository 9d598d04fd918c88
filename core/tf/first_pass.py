"""Trains the first iteration of a run again, from its recorded settings, and saves after every update.

Not while the run trains at full speed: its 201 saves would nearly double the recipe's time. The last update
has to leave the bits of the run's own checkpoint; else nothing is kept.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import Any

import numpy as np
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import DATA, INDEX, UPDATE, CheckpointError, H, V, name_of
from core.data import Sample
from core.run import digests
from core.run.reservation import ITERATION, reserve
from core.run.runs import FIRST_PASS, Run, Runs
from core.tf.exporting import published
from core.tf.model import build, epoch_of, session
from core.tf.starting import begin
from core.tf.training import sample_order, save_every_update, shuffle_seed
from core.training.first_pass import MOST, batch_of, first_iteration, updates_of
from core.training.step import TrainingError

v1 = tf.compat.v1


def save_first_pass(run: Run) -> int:
    """Have a checkpoint of every update of the first pass in the run's `first_pass/`; how many there are.

    Raises:
        TrainingError: it has too many updates, is not done yet, or did not come out the same.
        NoRoom: the server has no room for it.
        RunNotFound: the run is gone.
    """
    manifest, sample = run.manifest(), run.sample()
    train, first = manifest.train, first_iteration(manifest)
    updates = updates_of(train, len(sample))
    if updates > MOST:
        raise TrainingError(
            f"A pass of this run makes {updates:,} updates, and at most {MOST:,} are saved one by one. "
            "Train with a larger batch or fewer points."
        )
    if not run.recorded():  # of version 1.0, and interrupted
        raise TrainingError("This run has no record of its files yet. Resume it first.")
    expected = _after_the_pass(run, first)
    model = build(train)
    order = sample_order(train, len(sample), first, shuffle_seed(manifest.data))
    paths = [f"{FIRST_PASS}/{UPDATE}-{n}{end}" for n in range(1, updates + 1) for end in (INDEX, DATA)]
    with run.making():
        with suppress(CheckpointError):
            run.contents(paths)
            return updates  # somebody else has asked for it at the same time
        shutil.rmtree(run.first_pass, ignore_errors=True)  # what was there could not be read
        with reserve(Runs(run.directory.parent)) as room, published(run.first_pass) as folder:
            room.hold(updates * ITERATION)
            with session(model.graph, chain=True) as opened:
                folder.mkdir()
                begin(opened, run, model, train)
                run_epoch = epoch_of(opened, model)
                taken = Sample(sample.x[order], sample.y[order])
                saver = v1.train.Saver(save_relative_paths=True)
                for _ in save_every_update(
                    opened, run_epoch, saver, taken, batch_of(train, len(sample)), folder
                ):
                    pass
            found = read_values(folder / f"{UPDATE}-{updates}")
            if any(found[name].tobytes() != value.tobytes() for name, value in expected.items()):
                raise TrainingError(
                    f"The first pass was trained again, but its last update does not equal {name_of(first)} "
                    "bit for bit, so nothing was kept. Another processor, TensorFlow or version of this "
                    "application rounds differently. Train a new run here."
                )
        run.record(digests.digests_of(run.directory, [FIRST_PASS]))
    run.count_bytes()
    return updates


def _after_the_pass(run: Run, first: int) -> dict[str, Any]:
    """What stood when the run's own first pass was done: every variable, from its checkpoint.

    Where retention deleted that one, h and v from the log.

    Raises:
        TrainingError: it is not done yet.
    """
    prefix = run.checkpoints / name_of(first)
    if prefix.with_name(prefix.name + INDEX).exists():
        return read_values(prefix)
    steps = run.steps()
    row = steps[steps["iteration"] == first]
    if row.empty:
        raise TrainingError("This run has not done its first pass yet. Look again when it has.")
    return {H: np.float32(row["h"].iloc[0]), V: np.float32(row["v"].iloc[0])}
