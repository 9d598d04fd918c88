"""What a server does for its folder of runs once a minute, whether anybody visits or not."""

from __future__ import annotations

import logging

from core import clock
from core.inspect import uploads
from core.lessons import classroom
from core.run import reservation
from core.run.runs import Runs

PERIOD = 60.0  # seconds

_log = logging.getLogger(__name__)


def tidy(runs: Runs) -> None:
    """Let the folder's clock go on, and remove what is over: uploads, classes, trash, and halves of files."""
    clock.note(runs.root)
    try:
        reservation.clear(runs)
        runs.empty_trash()
        uploads.sweep(runs)
        classroom.clear(runs.root)
    except OSError as error:
        _log.warning("the folder of runs cannot be tidied: %s", error)
