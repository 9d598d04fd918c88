"""Training: one iteration, one checkpoint, one immutable Step, in that order.

The files are a real `tf.compat.v1.train.Saver`'s. Two things make a save cheap without changing a byte:
the `.meta` file, the same for every step of one graph, is written once and hard-linked; and paths
are given as `file://` URLs, because Saver measures what it wrote with Python's `glob`, which for a
plain path lists the whole directory at every save.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core import data
from core.bundle import read_index, read_values
from core.checkpoint import (
    DATA,
    FINAL,
    INDEX,
    ITER,
    META,
    CheckpointError,
    files_of,
    iteration_of,
)
from core.data import Sample
from core.digests import digest_of
from core.files import state_file
from core.history import read_history
from core.runs import CHECKPOINTS, START, Run
from core.settings import DataSettings, TrainSettings
from core.tf.model import Model, build, prepared, session
from core.training import Diverged, SaveFailed, Step, TrainingError

v1 = tf.compat.v1


def train(run: Run, settings: TrainSettings, sample: Sample, seed: int = 0) -> Generator[Step, None, None]:
    """Train in `run`, from its latest readable checkpoint or from the start; yield after each save.

    A fork starts from its copy of the parent's checkpoint, at the iteration after it.

    Stop by closing the iterator: the checkpoint of the last Step is on disk. When all iterations are
    done, `model_final` is saved.

    Args:
        run: its directory; the caller holds `run.exclusive()`.
        seed: of the order of samples, if shuffled.

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
        run_epoch = prepared(opened, [model.xs.name, model.ys.name], [each.name for each in model.epoch])
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


def make_saver(settings: TrainSettings) -> Any:
    """The Saver of a run, over all variables of this thread's default graph."""
    return v1.train.Saver(
        max_to_keep=settings.max_to_keep,
        keep_checkpoint_every_n_hours=settings.keep_checkpoint_every_n_hours,
        save_relative_paths=True,
    )


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


class CheckpointWriter:
    """A Saver on one run's `checkpoints/` directory, and the `.meta` file that all steps share."""

    def __init__(
        self,
        run: Run,
        model: Model,
        settings: TrainSettings,
        saver: Any = None,
        each_state: bool = True,
    ) -> None:
        """Make ready to save into `run`.

        Args:
            saver: that of another run in the same graph, in place of a new one.
            each_state: whether the state file is written at every save; else at `model_final` alone. A
                Saver that keeps every checkpoint ends with the same file.
        """
        self.directory = run.checkpoints.resolve()  # a file:// URL has no relative path
        self.saver = make_saver(settings) if saver is None else saver
        self._each_state = each_state
        self._model = model
        self._settings = settings
        self._run = run
        self._meta: Path | None = None
        self._meta_digest = ""

    def resume(self, opened: Any, sample: Sample) -> int:
        """Restore the latest readable checkpoint into the session; the first iteration to train.

        Left-overs of an interrupted save are removed first, so that no name is ever saved twice.

        Raises:
            TrainingError: a file cannot be read, though it may well be whole; nothing is removed then.
        """
        run = self._run
        history = read_history(run, sample)
        for lost in history.lost:
            if not lost.torn:
                raise TrainingError(f"{lost.reason} Nothing was changed; resume when it can be read.")
        names = self._recorded([str(name) for name in history.table["name"]])
        self._list_in_state_file(names)
        clean(self.directory, {*names})
        if not names:
            return begin(opened, run, self._model, self._settings)
        latest = names[-1]
        try:
            run.verify(latest)
        except CheckpointError as error:
            raise TrainingError(
                f"{error} Nothing was restored; fork the run from an earlier checkpoint."
            ) from None
        self.saver.restore(opened, str(self.directory / latest))
        self._take_over(run, names)
        iteration = iteration_of(latest)
        if iteration is None:  # model_final
            return self._settings.iterations
        self._meta = self.directory / (latest + META)
        self._meta_digest = digest_of(self._meta.read_bytes())
        return iteration + 1

    def _recorded(self, names: list[str]) -> list[str]:
        """Those checkpoints that the run has recorded, and the last one if a death came before its record.

        That one may be recorded still: its `.meta` has a recorded digest, and its values were read by our own
        reader, which found this model's variables and nothing else.
        """
        known = self._run.recorded()
        trusted = [name for name in names if all(f"{CHECKPOINTS}/{file}" in known for file in files_of(name))]
        if names and names[-1] not in trusted and self._is_of_this_model(names[-1], {*known.values()}):
            self._run.record(self._digests(names[-1]))
            trusted.append(names[-1])
        return trusted

    def _is_of_this_model(self, name: str, digests: set[str]) -> bool:
        """Whether a checkpoint holds exactly the model's variables, beside a `.meta` that is recorded."""
        try:
            self._meta_digest = digest_of((self.directory / (name + META)).read_bytes())
            values = read_values(self.directory / name)
        except (CheckpointError, OSError):
            return False
        wanted = {each.op.name for each in self._model.graph.get_collection(v1.GraphKeys.GLOBAL_VARIABLES)}
        scalars = all(value.dtype == np.float32 and value.shape == () for value in values.values())
        return self._meta_digest in digests and {*values} == wanted and scalars

    def _list_in_state_file(self, names: list[str]) -> None:
        """Make the state file name what is there, before anything is deleted.

        A process that dies between a save and the state file leaves one that names an older checkpoint;
        deleting that one then would make `latest_checkpoint` answer None.
        """
        keep = self._settings.max_to_keep
        # Without a limit a Saver remembers none but the latest.
        state_file.write_state(self.directory, names[-keep:] if keep else names[-1:])

    def _take_over(self, run: Run, names: list[str]) -> None:
        """Tell this Saver which of an earlier Saver's checkpoints are its own to delete in time.

        Those are the last `max_to_keep`. Older ones stayed for `keep_checkpoint_every_n_hours`, or
        because a process died before it could delete them: Saver deletes one a save, so such a
        surplus would stay, and grow from life to life. The hours decide which it was.
        """
        keep = self._settings.max_to_keep
        if keep is None:
            return
        hours = self._settings.keep_checkpoint_every_n_hours
        first_kept = run.manifest().created + 3600 * hours  # no Saver kept one for the hours before
        for name in names[:-keep]:
            if self._written(name) <= first_kept:
                for suffix in (INDEX, DATA, META):
                    (self.directory / (name + suffix)).unlink(missing_ok=True)
        self.saver.set_last_checkpoints_with_time(
            [(self._url(name), self._written(name)) for name in names[-keep:]]
        )

    def _written(self, name: str) -> float:
        return (self.directory / (name + INDEX)).stat().st_mtime

    def save(self, opened: Any, name: str, step: int | None = None) -> None:
        """Save every variable as `name-step`, its `.meta` first: what is readable is complete.

        Raises:
            SaveFailed: with TensorFlow's message.
        """
        full = name if step is None else f"{name}-{step}"
        meta = self.directory / (full + META)
        if step is None and (self.directory / (full + INDEX)).exists():
            return  # an interrupted run had finished already
        try:
            if self._meta is None or not self._meta.exists():
                self.saver.export_meta_graph(str(meta))
            else:
                os.link(self._meta, meta)
            if self._meta is None:
                # Before the values: a checkpoint whose record a death prevents is known by its graph.
                self._meta_digest = digest_of(meta.read_bytes())
                self._run.record({f"{CHECKPOINTS}/{meta.name}": self._meta_digest})
            self._meta = meta
            self.saver.save(
                opened,
                self._url(name),
                global_step=step,
                write_meta_graph=False,
                write_state=self._each_state or step is None,
            )
            self._run.record(self._digests(full))
        except (tf.errors.OpError, OSError, ValueError) as error:
            clean(self.directory, {path.name[: -len(INDEX)] for path in self._complete()} - {full})
            raise SaveFailed(
                f"Checkpoint {full} could not be written, so training stopped: {_reason(error)}. "
                "Everything saved before it is still readable; make room and resume."
            ) from error

    def _digests(self, name: str) -> dict[str, str]:
        """Path in the run's directory to SHA-256 of the three files of a checkpoint."""
        found = {f"{CHECKPOINTS}/{name}{META}": self._meta_digest}
        for suffix in (INDEX, DATA):
            found[f"{CHECKPOINTS}/{name}{suffix}"] = digest_of(
                (self.directory / (name + suffix)).read_bytes()
            )
        return found

    def _complete(self) -> Iterator[Path]:
        return self.directory.glob("*" + INDEX)

    def _url(self, name: str) -> str:
        return f"file://{self.directory / name}"


def begin(opened: Any, run: Run, model: Model, settings: TrainSettings) -> int:
    """Set every variable to its start; the first iteration to train.

    A fork's variables start from the parent's checkpoint as far as it has them; slots of another
    optimizer start fresh.

    Raises:
        TrainingError: the parent's checkpoint is missing or damaged.
    """
    opened.run(model.init)
    parent = run.manifest().parent
    if parent is None:
        return 0
    prefixes = [path.with_suffix("") for path in run.start.glob("*" + INDEX)]
    try:
        if not prefixes:
            raise CheckpointError("its folder start/ has no checkpoint.")
        run.contents([f"{START}/{file}" for file in files_of(prefixes[0].name)])
        values = restore_shared(prefixes[0], settings)
    except (CheckpointError, tf.errors.OpError) as error:
        raise TrainingError(
            f"This run is a fork of run {parent.run}, and what it starts from cannot be read: "
            f"{_reason(error)}."
        ) from error
    for variable in v1.global_variables():
        if variable.op.name in values:
            variable.load(values[variable.op.name], opened)
    return parent.iteration + 1


def restore_shared(prefix: Path, settings: TrainSettings) -> dict[str, np.float32]:
    """Restore those variables of the model that checkpoint `prefix` holds, with a Saver of their own.

    In a graph of its own, so that this Saver's operations do not end up in the run's `.meta`.

    Raises:
        CheckpointError: the index cannot be read.
        tf.errors.OpError: TensorFlow cannot restore it.
    """
    held = {entry.name for entry in read_index(prefix)}
    model = build(settings)
    with session(model.graph, chain=True) as opened:
        shared = {each.op.name: each for each in v1.global_variables() if each.op.name in held}
        v1.train.Saver([*shared.values()]).restore(opened, str(prefix))
        return opened.run(shared)


def clean(directory: Path, readable: set[str]) -> list[str]:
    """Remove what an interrupted save left: temporary files, and sets that are not `readable`.

    Returns:
        The names of the removed files.
    """
    removed = []
    for path in directory.iterdir():
        name = path.name
        temporary = ".tempstate" in name or ".tmp" in name
        prefix = next((name.removesuffix(s) for s in (INDEX, DATA, META) if name.endswith(s)), None)
        if (temporary or (prefix is not None and prefix not in readable)) and not path.is_dir():
            path.unlink(missing_ok=True)
            removed.append(name)
    return removed


def _reason(error: Exception) -> str:
    """What an exception says, in a few words: TensorFlow puts a heading before it, and the path."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith("Graph execution error")]
    return (telling or [type(error).__name__])[0].rpartition("; ")[2].rstrip(".")


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
