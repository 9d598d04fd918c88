"""Training: one iteration, one checkpoint, one immutable Step, in that order; `core.tf.saving` saves."""

from __future__ import annotations

import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
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
from core.tf.model import Model, build, epoch_of, new_session, prepared
from core.tf.saving import CheckpointWriter, make_saver
from core.tf.starting import reason_of
from core.training.first_pass import batch_of, first_iteration
from core.training.step import Diverged, SaveFailed, Step

KEPT = 4  # graphs that stand in a process

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
    with _standing(settings.graph) as its, its.model.graph.as_default(), its.opened.as_default():
        saver = v1.train.Saver(saver_def=its.definition, save_relative_paths=True)
        writer = CheckpointWriter(run, its.model, settings, saver, its.write)
        start = writer.resume(its.opened, sample)
        run_epoch = its.run_epoch
        if watched is not None and start == first_iteration(run.manifest()):
            run_epoch = _watched(its.opened, run_epoch, writer, run, settings, watched)
        with closing(writer):
            yield from iterate(its.opened, run_epoch, writer, settings, sample, seed, start)


@dataclass(frozen=True, eq=False)
class _Standing:
    """What runs of one graph have in common.

    Attributes:
        definition: of their Savers. A Saver made from it adds no operation to the graph, so that `.meta` has
            the same bytes each time.
        run_epoch: (h, v) after one pass over the xs and ys that it is given.
        write: writes all variables to the prefix that it is given.
    """

    model: Model
    opened: Any
    definition: Any
    run_epoch: Callable[..., Any]
    write: Callable[..., Any]

    @staticmethod
    def of(settings: TrainSettings) -> _Standing:
        model = build(settings)
        with model.graph.as_default():
            names = make_saver(settings).saver_def
        opened = new_session(model.graph, chain=True)
        write = prepared(opened, [names.filename_tensor_name], [names.save_tensor_name])
        return _Standing(model, opened, names, epoch_of(opened, model), write)


_idle: OrderedDict[TrainSettings, _Standing] = OrderedDict()


@contextmanager
def _standing(settings: TrainSettings) -> Iterator[_Standing]:
    """What stands from run to run, for one at a time: making it takes a third of the recipe's time.

    Every run sets all variables to its start, or restores them.
    """
    found = _idle.pop(settings, None) or _Standing.of(settings)
    try:
        yield found
    finally:
        _idle[settings] = found
        while len(_idle) > KEPT:
            _idle.popitem(last=False)[1].opened.close()


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
                f"rate {settings.learning_rate:g} is too high for this data. Train again with a lower one."
            )
