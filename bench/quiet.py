"""Keeps TensorFlow's log lines, and those of the servers and workers, out of the tables."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

TAIL = 4_000  # characters of the log that are shown when something fails


@contextmanager
def quiet() -> Iterator[TextIO]:
    """Let this process and its children write their errors into a file; yields the terminal, for progress.

    The descriptor itself is turned, because TensorFlow's C++ and every child write to it and know nothing of
    Python's `sys.stderr`. When the body fails, the end of the file is shown.
    """
    sys.stderr.flush()
    with (
        os.fdopen(os.dup(2), "w", buffering=1) as terminal,
        tempfile.TemporaryFile("w+", errors="replace") as log,
    ):
        os.dup2(log.fileno(), 2)
        try:
            yield terminal
        except BaseException:
            log.seek(0)
            terminal.write(log.read()[-TAIL:])
            raise
        finally:
            os.dup2(terminal.fileno(), 2)
