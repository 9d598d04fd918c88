"""State files of strangers: what the file `checkpoint` lists, as text; no path in it is followed.

Source: tensorflow/python/training/checkpoint_state.proto, as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.bundle.source import Source
from core.checkpoint import CheckpointError

LARGEST = 4 << 20
_LINE = re.compile(
    r'^\s*(model_checkpoint_path|all_model_checkpoint_paths)\s*:\s*"((?:[^"\\\n]|\\.)*)"', re.MULTILINE
)
_GLOB = re.compile(r"-\?{5}-of-\d{5}$")


@dataclass(frozen=True)
class State:
    """What a state file lists, as it is written there; "" when it names no latest checkpoint."""

    latest: str
    listed: tuple[str, ...]


def read_state(path: Path) -> State:
    """Read a state file.

    Raises:
        CheckpointError: it is missing, too large or no text.
    """
    with Source(path, LARGEST) as source:
        content = bytes(source.read(0, source.size))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise CheckpointError(f"{path.name} is not text.") from None
    latest, listed = "", []
    for field, quoted in _LINE.findall(text):
        written = quoted.encode().decode("unicode_escape", errors="replace")
        written = written.encode("latin-1", errors="replace").decode(errors="replace")
        if field == "model_checkpoint_path":
            latest = written
        else:
            listed.append(written)
    if not latest and not listed:
        raise CheckpointError(f"{path.name} lists no checkpoint.")
    return State(latest, tuple(listed))


def is_absolute(written: str) -> bool:
    """Whether a path in a state file starts at a root, of whatever system."""
    return written.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", written)) or "://" in written


def named(written: str) -> str:
    """The prefix's own name: V1 checkpoints in shards are listed as a pattern."""
    return _GLOB.sub("", re.split(r"[\\/]", written)[-1])
