"""The training job: what a worker does with one run, from its start or its latest checkpoint to the end.

TensorFlow is imported inside the functions, in the worker; whoever submits the job does not load it.
"""

from __future__ import annotations

import io
import itertools
import logging
import os
import platform
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from core.checkpoint import FINAL
from core.data import DataError
from core.run.disk import disk_limit
from core.run.manifest import (
    DIVERGED,
    FAILED,
    FINISHED,
    PAUSE,
    PAUSED,
    QUEUED,
    RUN,
    RUNNING,
    STOPPED,
    Control,
)
from core.run.reservation import ITERATION, NoRoom, Reservation, make_room, reserve
from core.run.runs import Run, Runs
from core.run.step_log import append, iterations_done, step_line
from core.storage import write_atomically
from core.training.earlier import of_an_earlier_version
from core.training.first_pass import first_iteration, is_watchable, updates_of
from core.training.step import Diverged, Step, TrainingError

AHEAD = 1000  # iterations for which there must be room on the disk before they are trained
FIRST = 4.0  # seconds of the first iteration in which its updates are seen; as long as
SPAN = 100  # iterations at the run's pace, where that is shorter
YIELD = "yield"  # the file that asks a training to give way to somebody else's


def train_run(directory: str) -> str:
    """Train the run in `directory` until it ends or the user wants otherwise; its last status.

    Every iteration appends one line to `steps.csv` after its checkpoint is on disk; a wish in
    `control.json` is followed after the iteration in which it arrives. A pause ends the job, so that a
    paused run holds no worker; resuming restores the latest checkpoint, bit for bit.

    A directory without `run.json` is none of ours to write into, and none to remove: it may hold somebody's
    checkpoints.

    Raises:
        RunNotFound: the run was deleted, or has lost its `run.json`.
        RunBusy: it is being trained already.
        OSError: how it ended cannot even be written into `run.json`, because the disk is full.
    """
    run = Run(Path(directory))
    if not os.path.lexists(run.directory / "run.json"):
        raise run.gone()
    status = _train_alone(run)
    _make_room(run)
    return status


def _make_room(run: Run) -> None:
    """Delete what is over the limit; that it cannot be done is no fault of this run's."""
    try:
        make_room(Runs(run.directory.parent), disk_limit())
    except OSError:
        logging.getLogger(__name__).exception("no room could be made")


def _train_alone(run: Run) -> str:
    """Train the run, which nobody else does meanwhile, and note how it ended."""
    with run.exclusive():
        _remove_half_written(run)
        began = time.perf_counter()
        manifest = run.update(status=RUNNING, note="", versions=versions())
        inherited = note = ""
        try:
            run.adopt()
            history = _mend_log(run)
            inherited = of_an_earlier_version(history)
            status = _train(run)
        except Diverged as error:
            status, note = DIVERGED, str(error)
        except NoRoom as error:
            status, note = STOPPED, f"{error} Every checkpoint saved before is readable."
        except (TrainingError, DataError) as error:
            status, note = FAILED, str(error)
        except OSError as error:  # the disk is full, and the log was the first to meet it
            status = FAILED
            note = (
                f"The run's log could not be written, so training stopped: {error.strerror}. "
                "Every checkpoint saved before is still readable; make room and resume."
            )
        note = " ".join(filter(None, (inherited, note)))
        seconds = manifest.seconds + time.perf_counter() - began
        outcome: dict[str, Any] = {"status": status, "note": note, "seconds": seconds}
        try:
            run.record_all()
            run.update(**outcome, bytes=run.count_bytes())
        except OSError as error:
            # The record of the files is most of it; without it the rest may fit on a full disk.
            try:
                run.update(**outcome)
            except OSError:
                # Not a TrainingError: it is no fault of the training's.
                raise OSError(error.errno, note or f"training is {status}, run.json cannot say so") from None
        return status


def versions() -> dict[str, str]:
    """What a run's bits depend on."""
    packages = {name: version(name) for name in ("tensorflow", "numpy")}
    return {"python": platform.python_version(), **packages}


def _train(run: Run) -> str:
    """Train and log; how it ended."""
    from core.tf.training import shuffle_seed, train

    manifest, sample = run.manifest(), run.sample()
    wishes = _Wishes(run)
    updates = updates_of(manifest.train, len(sample))
    pace = run.control().pace
    seen = updates if pace is not None and is_watchable(manifest.train, len(sample)) else 0
    watched = wishes.spread(updates, min(FIRST, SPAN / pace)) if pace is not None and seen else None
    steps = train(run, manifest.train, sample, shuffle_seed(manifest.data), watched)
    with reserve(Runs(run.directory.parent)) as room, closing(steps), _opened(run.steps_file) as log:
        space = _Space(run, room, seen)
        due = time.perf_counter()
        if ended := wishes.ended():
            return ended
        space.need(space.first)
        for step in steps:
            append(log, step)
            space.need(step.iteration + 1)
            due = wishes.wait(max(due, time.perf_counter() - step.seconds))
            if (ended := wishes.ended()) and step.iteration + 1 < manifest.train.iterations:
                return ended
    return FINISHED


def _opened(path: Path) -> io.FileIO:
    """The log, unbuffered: a page may read each line as soon as its iteration is done."""
    return path.open("ab", buffering=0)


class _Space:
    """Room on the disk for the iterations to come, reserved before they are trained.

    Attributes:
        first: the iteration that is trained next; a fork counts on from its parent's.
    """

    def __init__(self, run: Run, room: Reservation, updates: int) -> None:
        """Args: updates: of the first iteration, whose checkpoints are saved too."""
        manifest = run.manifest()
        self._run, self._room = run, room
        self._iterations = manifest.train.iterations
        self._kept = manifest.train.max_to_keep or self._iterations
        done = iterations_done(run.steps_file)
        self.first = max(done, first_iteration(manifest))
        # The record of a run that was killed does not have what it had written since its last end.
        self._bytes = max(manifest.bytes, min(self.first - first_iteration(manifest), self._kept) * ITERATION)
        self._until = 0
        self._updates = 0 if done else updates * ITERATION

    def need(self, iteration: int) -> None:
        """Have room for this iteration and some more.

        Raises:
            NoRoom: there is none.
        """
        if iteration < self._until or iteration >= self._iterations:
            return
        done = iteration - self.first
        self._run.count_bytes(self._bytes + min(done, self._kept) * ITERATION)
        ahead = min(AHEAD, self._iterations - iteration, max(1, self._kept - done))
        self._room.hold(ahead * ITERATION + self._updates)
        self._bytes += self._updates
        self._updates = 0
        self._until = iteration + AHEAD


class _Wishes:
    """Follows `control.json`, reading it only when it has changed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._path = str(run.directory / "control.json")
        self._record = str(run.directory / "run.json")
        self._yield = str(run.directory / YIELD)
        self._stamp = 0
        self._control = Control()

    def now(self) -> Control:
        try:
            stamp = os.stat(self._path).st_mtime_ns
        except FileNotFoundError:
            return self._control
        if stamp != self._stamp:
            self._stamp, self._control = stamp, self._run.control()
        return self._control

    def ended(self) -> str | None:
        """The status in which training is to end now; None to go on.

        Raises:
            RunNotFound: somebody removed the run; what is saved meanwhile keeps its directory from going.
        """
        if not os.path.lexists(self._record):
            raise self._run.gone()
        wish = self.now().wish
        if wish != RUN:
            return PAUSED if wish == PAUSE else STOPPED
        return QUEUED if self.gives_way() else None

    def gives_way(self) -> bool:
        """Whether somebody else's turn has come; the run goes on later, bit for bit."""
        return os.path.exists(self._yield)

    def wait(self, due: float) -> float:
        """Sleep until an iteration that was due at `due` has had its time; when the next is due.

        Wakes at least ten times a second, so that a pause or a faster pace is felt at once.
        """
        while (pace := self._pace()) is not None:
            left = due + 1.0 / pace - time.perf_counter()
            if left <= 0:
                return due + 1.0 / pace
            time.sleep(min(left, 0.1))
        return time.perf_counter()

    def spread(self, updates: int, seconds: float) -> Callable[[], None]:
        """A function that sleeps, so that so many calls of it are spread evenly over the seconds."""
        calls = itertools.count(1)
        began = 0.0

        def rest() -> None:
            nonlocal began
            began = began or time.perf_counter()
            due = began + seconds * next(calls) / updates
            while self._pace() is not None and (left := due - time.perf_counter()) > 0:
                time.sleep(min(left, 0.1))

        return rest

    def _pace(self) -> float | None:
        """Iterations per second; None at full speed, and where the training is to end."""
        control = self.now()
        return control.pace if control.wish == RUN and not self.gives_way() else None


def _remove_half_written(run: Run) -> None:
    """Remove what died half written beside `run.json`, by a process that held the run before this one."""
    for path in run.directory.glob(".*"):
        path.unlink(missing_ok=True)


def _mend_log(run: Run) -> pd.DataFrame:
    """Make `steps.csv` end where the latest readable checkpoint does; the table of checkpoints.

    A process may have died between a checkpoint and its line, or in the middle of a line.
    """
    from core.history.history import read_history

    steps = run.steps()
    rows = read_history(run, run.sample()).table
    last = -1 if rows.empty else int(rows["step"].iloc[-1])
    if (rows["name"] == FINAL).any():  # saved after the last iteration
        last = run.manifest().train.iterations - 1
    done = [Step(*row) for row in steps.to_numpy(object).tolist() if row[0] <= last]
    if last >= 0 and (not done or done[-1].iteration < last):
        row = rows.iloc[-1]
        done.append(Step(last, float(row["h"]), float(row["v"]), float(row["cost"]), 0.0))
    text = b"".join(
        step_line(Step(int(s.iteration), float(s.h), float(s.v), s.cost, s.seconds)) for s in done
    )
    write_atomically(run.steps_file, text)
    return rows
