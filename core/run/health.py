"""Whether the folder of runs takes what is written to it, and what to do when it does not."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from core.run.index import FILE
from core.run.runs import Runs
from core.storage import FULL, is_full

REMEMBERED = 2.0  # seconds for which an answer counts

_answers: dict[Path, tuple[float, str]] = {}


def trouble(runs: Runs) -> str:
    """What is the matter with the folder of runs, why it matters and what to do; empty when all is well."""
    at, answer = _answers.get(runs.root, (-REMEMBERED, ""))
    if time.monotonic() - at >= REMEMBERED:
        answer = _of_the_folder(runs.root)
        _answers[runs.root] = time.monotonic(), answer
    return answer or _of_the_index(runs)


def is_writable(runs: Runs) -> bool:
    """Whether something can be written into the folder of runs."""
    return not _of_the_folder(runs.root)


def _of_the_folder(root: Path) -> str:
    try:
        # Not made again where it is gone: a volume may be missing there, and come back with all runs.
        with tempfile.TemporaryFile(dir=root) as trial:
            trial.write(os.urandom(4096))  # no file system stores this in nothing
            trial.flush()
        full, words = is_full(root), ""
    except OSError as error:
        full, words = error.errno in FULL, error.strerror or str(error)
    if not full and not words:
        return ""
    if full:
        return (
            "The server's disk is full, so nothing can be trained or uploaded. What was saved can be seen. "
            "Delete runs to make room."
        )
    return (
        f"The server cannot write to its folder of runs ({words}), so nothing can be trained, changed or "
        "deleted. What was saved can be seen. An administrator can mend the folder."
    )


def _of_the_index(runs: Runs) -> str:
    if not (why := runs.index.trouble):
        return ""
    return (
        f"The index of the runs cannot be used ({why}), so lists may be slow. No run is lost. "
        f"An administrator can remove {FILE} from the folder of runs: it is made again."
    )
