"""Where Inspect may look: folders that the server allows, uploads by unguessable links, our own runs.

Nothing else can be named: a link holds a word for a place, never a path.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from core import clock, environment
from core.checkpoint import CheckpointError
from core.run.disk import UPLOADS
from core.run.runs import RunNotFound, Runs

KEPT_HOURS = 24
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Place:
    """A directory that may be looked into.

    Attributes:
        word: what a link calls it.
        title: what the page calls it.
        until: when it will be deleted, in words; "" for what stays.
    """

    word: str
    title: str
    root: Path
    until: str = ""


def folders() -> tuple[Place, ...]:
    """The folders that CHECKPOINT_EXPLORER_OPEN names."""
    named = [each for each in os.environ.get(environment.OPEN, "").split(os.pathsep) if each.strip()]
    return tuple(
        Place(f"folder-{n}", Path(each).name or each, Path(each).resolve()) for n, each in enumerate(named)
    )


def place_of(word: str, runs: Runs) -> Place:
    """The place that a link names.

    Raises:
        CheckpointError: there is none of that name, or it is gone.
    """
    kind, _, rest = word.partition("-")
    if kind == "folder":
        for each in folders():
            if each.word == word:
                return each
    elif kind == "run":
        with suppress(RunNotFound):
            run = runs.open(rest)
            return Place(word, f"run {rest[:6]}", run.directory)
    elif kind == "upload" and _TOKEN.fullmatch(rest):
        root = runs.root / UPLOADS / rest
        if root.is_dir() and not root.is_symlink():
            # When it was moved here is the time of its last change: `st_mtime` is on the folder's own clock.
            made, left = root.stat().st_ctime, KEPT_HOURS * 3600 - age_of(root, runs)
            return Place(word, f"your upload of {_at(made)}", root, _at(time.time() + left))
        raise CheckpointError(
            f"This upload is gone: uploads are kept for {KEPT_HOURS} hours, or less when the disk is full. "
            "Upload it again."
        )
    raise CheckpointError("The link names no folder that this server opens. Choose one below.")


def age_of(upload: Path, runs: Runs) -> float:
    """Seconds since an upload came, in which a server ran."""
    return max(0.0, clock.now(runs.root) - upload.lstat().st_mtime)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%d %b %H:%M UTC")
