"""How a training ended that could not say it itself, noted in its run's `run.json`."""

from __future__ import annotations

import logging
from contextlib import suppress

from distributed.scheduler import KilledWorker

from core.run.manifest import FAILED, QUEUED, RUNNING, STOPPED
from core.run.runs import Run, RunNotFound
from core.run.step_log import iterations_done

_log = logging.getLogger(__name__)


def status_of(run: Run) -> str:
    """The run's status; empty when it is gone."""
    try:
        return run.manifest().status
    except RunNotFound:
        return ""


def _after(run: Run) -> str:
    done = iterations_done(run.steps_file)
    return f"after iteration {done - 1}" if done else "as it began"


def note_end(run: Run) -> None:
    """Note that the server's end ended a training; the workers are dead, so the log is whole."""
    with suppress(Exception):
        if run.manifest().status in (QUEUED, RUNNING):
            note = (
                f"The server was ended {_after(run)}. Every checkpoint saved before is readable; "
                "press Resume to continue."
            )
            run.update(status=STOPPED, note=note)


def note_failure(run: Run, error: BaseException) -> None:
    """Write into `run.json` why its training ended, in one sentence.

    Raises nothing: what cannot be noted, as on a disk that stays full, must not keep others from training.
    """
    if isinstance(error, RunNotFound):
        return  # there is nothing to note it on
    if isinstance(error, KilledWorker) and status_of(run) != RUNNING:
        return  # the worker died after it had noted how the training ended
    try:
        if isinstance(error, KilledWorker):
            what = f"The worker process that trained this run died {_after(run)}"
        else:
            what = f"Training ended {_after(run)} with {type(error).__name__}: {str(error).rstrip('.')}"
        _log.warning("run %s: %s", run.id, what)
        run.update(
            status=FAILED,
            note=f"{what}. Every checkpoint saved before is readable; press Resume to continue.",
        )
    except OSError as error:  # the disk is still full
        _log.error("why run %s ended could not be noted: %s", run.id, error)
    except Exception:
        _log.exception("why run %s ended could not be noted", run.id)
