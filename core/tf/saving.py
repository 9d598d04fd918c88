"""Saving a run's checkpoints, and finding the one to go on from.

The files are a real `tf.compat.v1.train.Saver`'s. Three things make a save cheap without changing a byte:
the `.meta` file, the same for every step of one graph, is written once and hard-linked; paths are given as
`file://` URLs, because Saver measures what it wrote with Python's `glob`, which for a plain path lists the
whole directory at every save; and where every checkpoint stays, the save operation is run alone. The state
file, which then names the latest checkpoint only, follows within a quarter of a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import DATA, INDEX, META, CheckpointError, files_of, iteration_of
from core.data import Sample
from core.files import state_file
from core.history.history import read_history
from core.run.digests import digest_of
from core.run.runs import CHECKPOINTS, Run
from core.settings import TrainSettings
from core.tf.model import Model
from core.tf.starting import begin, reason_of
from core.training.step import SaveFailed, TrainingError

STATE = 0.25  # seconds within which the state file names the latest checkpoint

v1 = tf.compat.v1


def make_saver(settings: TrainSettings) -> Any:
    """The Saver of a run, over all variables of this thread's default graph."""
    return v1.train.Saver(
        max_to_keep=settings.max_to_keep,
        keep_checkpoint_every_n_hours=settings.keep_checkpoint_every_n_hours,
        save_relative_paths=True,
    )


class CheckpointWriter:
    """A Saver on one run's `checkpoints/` directory, and the `.meta` file that all steps share."""

    def __init__(
        self,
        run: Run,
        model: Model,
        settings: TrainSettings,
        saver: Any = None,
        write: Callable[..., Any] | None = None,
    ) -> None:
        """Make ready to save into `run`.

        Args:
            saver: made from another one's definition, in place of a new one.
            write: its save operation alone, a function of the prefix.
        """
        self.directory = run.checkpoints.resolve()  # a file:// URL has no relative path
        self.saver = make_saver(settings) if saver is None else saver
        self._model = model
        self._settings = settings
        # A Saver that deletes remembers what it saved, and its own state file decides what that is.
        self._write = write if settings.max_to_keep is None else None
        self._unsaid = ""  # the checkpoint that the state file should name
        self._said = -STATE
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
            if self._write is None or step is None:
                self.saver.save(opened, self._url(name), global_step=step, write_meta_graph=False)
                self._unsaid = ""
            else:
                self._write(np.array(self._url(full), object))
                self._unsaid = full
                if time.monotonic() - self._said >= STATE:
                    self._say()
            self._run.record(self._digests(full))
        except (tf.errors.OpError, OSError, ValueError) as error:
            clean(self.directory, {path.name[: -len(INDEX)] for path in self._complete()} - {full})
            raise SaveFailed(
                f"Checkpoint {full} could not be written, so training stopped: {reason_of(error)}. "
                "Everything saved before it is still readable; make room and resume."
            ) from error

    def close(self) -> None:
        """Make the state file name the last checkpoint; on a full disk, going on does that."""
        with suppress(OSError):
            self._say()

    def _say(self) -> None:
        if self._unsaid:
            state_file.write_names(self.directory, [self._unsaid])
            self._unsaid, self._said = "", time.monotonic()

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
