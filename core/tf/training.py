"""Training: one iteration, one checkpoint, one immutable Step, in that order; `core.tf.saving` saves."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core import data
from core.checkpoint import FINAL, ITER, UPDATE
from core.data import Sample
from core.run import digests
from core.run.runs import FIRST_PASS, Run
from core.settings import DataSettings, TrainSettings
from core.tf.model import Model, build, epoch_of, session
from core.tf.saving import CheckpointWriter, make_saver
from core.tf.starting import reason_of
from core.training.first_pass import batch_of, first_iteration
from core.training.step import Diverged, SaveFailed, Step

v1 = tf.compat.v1


def train(
    run: Run,
    settings: TrainSettings,
    sample: Sample,
    seed: int = 0,
    watched: Callable[[], None] | None = None,
) -> Generator[Step, None, None]:
    """Train in `run`, from its latest readable checkpoint or from the start; yield after each save.

    A fork starts from its copy of the parent's checkpoint, at the iteration after it.

    Stop by closing the iterator: the checkpoint of the last Step is on disk. When all iterations are
    done, `model_final` is saved.

    Args:
        run: its directory; the caller holds `run.exclusive()`.
        seed: of the order of samples, if shuffled.
        watched: called after each update of the first iteration, which is then saved update by update.

    Raises:
        Diverged: h, v or the cost stopped being finite; that iteration is not saved.
        SaveFailed: a save failed; TensorFlow's message is in it. Earlier checkpoints are readable.
        TrainingError: the checkpoint that a fork starts from is missing or damaged, or one to go on from
            cannot be read.
    """
    model, definition = _standing(settings.graph)
    with session(model.graph, chain=True) as opened:
        saver = v1.train.Saver(saver_def=definition, save_relative_paths=True)
        writer = CheckpointWriter(run, model, settings, saver)
        start = writer.resume(opened, sample)
        run_epoch = epoch_of(opened, model)
        if watched is not None and start == first_iteration(run.manifest()):
            run_epoch = _watched(opened, run_epoch, writer, run, settings, watched)
        yield from iterate(opened, run_epoch, writer, settings, sample, seed, start)


@lru_cache(maxsize=4)
def _standing(settings: TrainSettings) -> tuple[Model, Any]:
    """The graph of all runs with these settings, and the definition of their Savers, made once a process.

    Building them takes a quarter of the recipe's time. Each run has a session and a Saver of its own: from
    the definition, which adds no operation to the graph, so that `.meta` has the same bytes each time.
    """
    model = build(settings)
    with model.graph.as_default():
        return model, make_saver(settings).saver_def


def iterate(
    opened: Any,
    run_epoch: Callable[..., Any],
    writer: CheckpointWriter,
    settings: TrainSettings,
    sample: Sample,
    seed: int,
    start: int,
) -> Generator[Step, None, None]:
    """Every iteration from `start` in a session whose variables are set; as `train` says.

    Args:
        run_epoch: (h, v) after one pass over the xs and ys that it is given.
    """
    for iteration in range(start, settings.iterations):
        began = time.perf_counter()
        order = sample_order(settings, len(sample), iteration, seed)
        h, v = run_epoch(sample.x[order], sample.y[order])
        with np.errstate(over="ignore", invalid="ignore"):
            cost = float(data.cost(sample, h, v))
        _check_finite(iteration, settings, h=float(h), v=float(v), cost=cost)
        writer.save(opened, ITER, iteration)
        yield Step(iteration, float(h), float(v), cost, time.perf_counter() - began)
    writer.save(opened, FINAL)


def _watched(
    opened: Any,
    run_epoch: Callable[..., Any],
    writer: CheckpointWriter,
    run: Run,
    settings: TrainSettings,
    watched: Callable[[], None],
) -> Callable[..., Any]:
    """`run_epoch`, whose first call saves after each update, beside the run's own checkpoints."""
    begun = False

    def first_then_all(x: Any, y: Any) -> Any:
        nonlocal begun
        if begun:
            return run_epoch(x, y)
        begun = True
        folder = run.first_pass
        batch = batch_of(settings, len(x))
        found: Any = None
        try:
            shutil.rmtree(folder.parent, ignore_errors=True)  # of a training that ended in the middle of it
            folder.mkdir(parents=True)
            for values in save_every_update(opened, run_epoch, writer.saver, Sample(x, y), batch, folder):
                found = values
                watched()
            run.record(digests.digests_of(run.directory, [FIRST_PASS]))
        except (tf.errors.OpError, OSError) as error:
            raise SaveFailed(
                f"An update of the first iteration could not be saved, so training stopped: "
                f"{reason_of(error)}. Make room and resume."
            ) from error
        return found

    return first_then_all


def save_every_update(
    opened: Any, run_epoch: Callable[..., Any], saver: Any, sample: Sample, batch: int, folder: Path
) -> Iterator[Any]:
    """One batch, one update, one checkpoint, then (h, v); the graph is written with the first."""
    for update, start in enumerate(range(0, len(sample), batch), 1):
        taken = slice(start, start + batch)
        values = run_epoch(sample.x[taken], sample.y[taken])
        saver.save(
            opened,
            f"file://{folder / UPDATE}",
            global_step=update,
            write_meta_graph=update == 1,
            write_state=False,
        )
        yield values


def sample_order(
    settings: TrainSettings, samples: int, iteration: int, seed: int
) -> slice | np.ndarray[Any, np.dtype[np.int64]]:
    """The order in which this iteration takes the samples.

    A shuffled order depends on seed and iteration alone, so a resumed training needs no generator
    state to go on bit for bit.
    """
    if settings.order == "shuffled":
        return np.random.default_rng([seed, iteration]).permutation(samples)
    return slice(None)


def shuffle_seed(settings: DataSettings | None) -> int:
    """The seed of the shuffled order: the data's own, 0 for the user's own points."""
    return 0 if settings is None else settings.seed


def _check_finite(iteration: int, settings: TrainSettings, **values: float) -> None:
    """Raise Diverged when a value is not finite."""
    for name, value in values.items():
        if not np.isfinite(value):
            raise Diverged(
                f"In iteration {iteration} {name} stopped being finite ({value}): the learning "
                f"rate {settings.learning_rate:g} is too high for this data. "
                + (
                    f"The checkpoints up to iteration {iteration - 1} are kept; "
                    if iteration
                    else "No checkpoint was written; "
                )
                + "train again with a lower one."
            )
