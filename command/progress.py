"""How far long work has come: a bar in a terminal, after a second, and nothing in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.inspect.over_time import Measured

_SILENT = 1.0  # seconds


def measured(folder: Folder, series: Sequence[Checkpoint]) -> tuple[Measured, ...]:
    """The whole series, measured."""
    with bar("Reading every tensor", len(series)) as show:
        while True:
            done, left = folder.measure(series)
            show(len(done))
            if not left:
                return done


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Call what it gives with how many are done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    start = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, disable=False) as progress:
        task = progress.add_task(what, total=total, visible=False)

        def show(done: int) -> None:
            progress.update(task, completed=done, visible=time.monotonic() - start > _SILENT)

        yield show
