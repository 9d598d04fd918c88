"""What a worker process does when it is asked: each job is one function of plain arguments.

TensorFlow is imported inside the functions, in the worker; whoever submits a job does not load it.
"""

from __future__ import annotations

import logging
import os
import platform
import time
from collections.abc import Callable
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.runs import (
    DIVERGED,
    FAILED,
    FINAL,
    FINISHED,
    PAUSED,
    RUNNING,
    STOPPED,
    Control,
    Run,
    Runs,
    disk_bytes,
    disk_limit,
)
from core.step_log import Step, append, step_line

if TYPE_CHECKING:
    from core.comparison import Comparison, Restored


T = TypeVar("T")


class JobFailed(RuntimeError):
    """A short job could not be done; the message is one sentence for the user."""


ABANDONED = 10.0  # seconds after which a temporary file, written in milliseconds, is nobody's any more


def warm_up() -> str:
    """Import TensorFlow and take one step, so that the first real job need not wait; its version."""
    import tensorflow as tf

    from core.data import make_sample
    from core.settings import DataSettings, TrainSettings
    from core.tf.model import build, session

    sample = make_sample(DataSettings())
    model = build(TrainSettings())
    with session(model.graph, chain=True) as opened:
        opened.run(model.init)
        opened.run(model.epoch, {model.xs: sample.x, model.ys: sample.y})
    return str(tf.__version__)


def train_run(directory: str) -> str:
    """Train the run in `directory` until it ends or the user wants otherwise; its last status.

    Every iteration appends one line to `steps.csv` after its checkpoint is on disk; a wish in
    `control.json` is followed after the iteration in which it arrives. A pause ends the job, so that a
    paused run holds no worker; resuming restores the latest checkpoint, bit for bit.

    Raises:
        RunNotFound: the run was deleted.
        RunBusy: it is being trained already.
        OSError: how it ended cannot even be written into `run.json`, because the disk is full.
    """
    from core.tf.training import Diverged, TrainingError

    run = Run(Path(directory))
    with run.exclusive():
        _sweep(run)
        began = time.perf_counter()
        # What is recorded of the last life no longer holds.
        manifest = run.update(status=RUNNING, note="", versions=versions(), sha256={})
        note = ""
        try:
            status = _train(run)
        except Diverged as error:
            status, note = DIVERGED, str(error)
        except TrainingError as error:
            status, note = FAILED, str(error)
        except OSError as error:  # the disk is full, and the log was the first to meet it
            status, note = (
                FAILED,
                (
                    f"The run's log could not be written, so training stopped: {error.strerror}. "
                    "Every checkpoint saved before is still readable; make room and resume."
                ),
            )
        seconds = manifest.seconds + time.perf_counter() - began
        outcome: dict[str, Any] = {"status": status, "note": note, "seconds": seconds}
        try:
            run.update(**outcome, bytes=disk_bytes(run.directory), sha256=run.digests())
        except OSError as error:
            # The digests are most of it; without them it may fit on a full disk.
            try:
                run.update(**outcome)
            except OSError:
                # Not a TrainingError, which whoever waits for this could only read by importing TensorFlow.
                raise OSError(error.errno, note or f"training is {status}, run.json cannot say so") from None
    try:
        Runs(run.directory.parent).make_room(disk_limit())
    except OSError:  # somebody else's files; this run has ended well
        logging.getLogger(__name__).exception("no room could be made")
    return status


def told(job: Callable[..., T], *arguments: Any) -> T:
    """Do a short job; what goes wrong comes back as an error that is understood without TensorFlow.

    Raises:
        JobFailed: TensorFlow or the system refused; its own words are in it.
        Exception: an error of core's own, as it is.
    """
    try:
        return job(*arguments)
    except Exception as error:
        home = type(error).__module__
        if home.startswith("core.") and not home.startswith("core.tf"):
            answer: Exception = error
        else:
            reason = (str(error).strip() or "no reason given").splitlines()[0]
            answer = JobFailed(f"This could not be done: {type(error).__name__}: {reason[:300]}")
    raise answer.with_traceback(None)


def restore(directory: str, name: str) -> Restored:
    """Restore one checkpoint of a run with a real Saver, as `core.tf.restoring` does."""
    from core.tf.restoring import restore_checkpoint

    return restore_checkpoint(Run(Path(directory)), name)


def compare(directory: str, name: str) -> Comparison:
    """Saver restore beside SavedModel load of one checkpoint, as `core.tf.comparing` does."""
    from core.tf.comparing import compare_checkpoint

    return compare_checkpoint(Run(Path(directory)), name)


def versions() -> dict[str, str]:
    """What a run's bits depend on."""
    packages = {name: version(name) for name in ("tensorflow", "numpy")}
    return {"python": platform.python_version(), **packages}


def _train(run: Run) -> str:
    """Train and log; how it ended."""
    from core.tf.training import shuffle_seed, train

    manifest, sample = run.manifest(), run.sample()
    _mend_log(run)
    wishes = _Wishes(run)
    steps = train(run, manifest.train, sample, shuffle_seed(manifest.data))
    # Unbuffered: a page may read each line as soon as its iteration is done.
    with closing(steps), run.steps_file.open("ab", buffering=0) as log:
        due = time.perf_counter()
        if wishes.now().wish != "run":
            return PAUSED if wishes.now().wish == "pause" else STOPPED
        for step in steps:
            append(log, step)
            due = wishes.wait(max(due, time.perf_counter() - step.seconds))
            if wishes.now().wish != "run" and step.iteration + 1 < manifest.train.iterations:
                return PAUSED if wishes.now().wish == "pause" else STOPPED
    return FINISHED


class _Wishes:
    """Follows `control.json`, reading it only when it has changed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._path = str(run.directory / "control.json")
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

    def wait(self, due: float) -> float:
        """Sleep until an iteration that was due at `due` has had its time; when the next is due.

        Wakes at least ten times a second, so that a pause or a faster pace is felt at once.
        """
        while (control := self.now()).pace is not None and control.wish == "run":
            left = due + 1.0 / control.pace - time.perf_counter()
            if left <= 0:
                return due + 1.0 / control.pace
            time.sleep(min(left, 0.1))
        return time.perf_counter()


def _sweep(run: Run) -> None:
    """Remove what died half written beside `run.json`; a page may be writing a young one right now."""
    for path in run.directory.glob(".*.json.*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()


def _mend_log(run: Run) -> None:
    """Make `steps.csv` end where the latest readable checkpoint does.

    A process may have died between a checkpoint and its line, or in the middle of a line.
    """
    from core.history import read_history

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
    temporary = run.steps_file.with_suffix(".mended")
    temporary.write_bytes(text)
    temporary.replace(run.steps_file)
