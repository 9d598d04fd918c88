"""The `checkpoint` state file: what it lists, what of that is on disk, and what it forgets."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.checkpoint import DATA, INDEX, STATE_FILE, CheckpointError
from core.files.listing import in_order
from core.storage import read_own, write_atomically
from core.words import counted

LARGEST_TEXT = 1 << 20  # a state file of 20,000 entries is half of this


@dataclass(frozen=True)
class Listed:
    """One checkpoint that a state file names, as written there, and whether it is on disk."""

    path: str
    exists: bool

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class StateFile:
    """What the `checkpoint` file says, beside what is on disk.

    Attributes:
        text: the file as it is.
        latest: what `latest_checkpoint` would answer with; None when the file names none.
        listed: every entry, oldest first.
        unlisted: checkpoints on disk that it does not list, in order of their step.
    """

    text: str
    latest: Listed | None
    listed: tuple[Listed, ...]
    unlisted: tuple[str, ...]

    def conclusion(self) -> str:
        """What exists, what does not, and what was forgotten, in plain sentences."""
        count = counted(len(self.listed), "checkpoint")
        missing = sum(not each.exists for each in self.listed)
        if missing:
            sentence = f"It lists {count}, {missing} of which {_is(missing)} not on disk. "
        else:
            sentence = f"It lists {count}, {'which is' if len(self.listed) == 1 else 'all'} on disk. "
        if not self.unlisted:
            return sentence + "Every checkpoint on disk is listed."
        return (
            sentence + f"{counted(len(self.unlisted), 'more checkpoint')} on disk "
            f"{_is(len(self.unlisted))} not listed: readable, "
            "but no Saver remembers them."
        )


def read_state(directory: Path) -> StateFile:
    """The `checkpoint` file of a directory, beside what is on disk.

    Source of the format: `CheckpointState` in tensorflow/python/training/checkpoint_state.proto, as text.

    Raises:
        CheckpointError: there is none, or it is not text.
    """
    path = directory / STATE_FILE
    try:
        text = read_own(path, LARGEST_TEXT).decode()
    except FileNotFoundError:
        raise CheckpointError(
            "There is no file named checkpoint; no Saver has finished a save here."
        ) from None
    except UnicodeDecodeError:
        raise CheckpointError("The file checkpoint is not UTF-8 text.") from None
    except OSError as error:
        raise CheckpointError(f"The file checkpoint cannot be read: {error.strerror}.") from None
    present = on_disk(directory)
    there, here = set(present), directory.resolve()

    @cache  # thousands of entries share one folder
    def leads_here(folder: Path) -> bool:
        return (directory / folder).resolve() == here

    def listed(written: str) -> Listed:
        prefix = Path(written)
        return Listed(written, leads_here(prefix.parent) and prefix.name in there)

    latest: Listed | None = None
    entries: list[Listed] = []
    for field, quoted in re.findall(r'^(\w+): "((?:[^"\\]|\\.)*)"\s*$', text, re.MULTILINE):
        if field == "model_checkpoint_path":
            latest = listed(_unquoted(quoted))
        elif field == "all_model_checkpoint_paths":
            entries.append(listed(_unquoted(quoted)))
    names = {each.name for each in entries if each.exists}
    return StateFile(text, latest, tuple(entries), tuple(name for name in present if name not in names))


def write_state(directory: Path, names: list[str]) -> None:
    """Make the `checkpoint` file of a directory list these checkpoints, if its latest is another.

    Without any, there is no such file: one that names what is not there helps nobody.

    Raises:
        OSError: the disk does not take it.
    """
    path = directory / STATE_FILE
    if not names:
        path.unlink(missing_ok=True)
        return
    with contextlib.suppress(CheckpointError):
        latest = read_state(directory).latest
        if latest is not None and latest.exists and latest.name == names[-1]:
            return
    write_names(directory, names)


def write_names(directory: Path, names: list[str]) -> None:
    """Write the `checkpoint` file of a directory: these checkpoints, the latest last.

    Raises:
        OSError: the disk does not take it.
    """
    path = directory / STATE_FILE
    lines = [f'model_checkpoint_path: "{names[-1]}"\n']
    lines += [f'all_model_checkpoint_paths: "{name}"\n' for name in names]
    write_atomically(path, "".join(lines).encode())


def on_disk(directory: Path) -> tuple[str, ...]:
    """Names of the checkpoints with both an index and a data file, in order of their step."""
    with os.scandir(directory) as files:
        names = {file.name for file in files}
    complete = {n.removesuffix(INDEX) for n in names if n.endswith(INDEX)}
    return tuple(sorted((n for n in complete if n + DATA in names), key=in_order))


def _unquoted(text: str) -> str:
    """A string of the protocol buffers' text format: C escapes over UTF-8 bytes.

    Raises:
        CheckpointError: it has an escape that TensorFlow does not write, or a NUL, which no path has.
    """
    try:
        plain = text.encode().decode("unicode_escape").encode("latin-1").decode(errors="replace")
    except UnicodeError:
        plain = "\0"
    if "\0" in plain:
        raise CheckpointError(f"The checkpoint file names {text[:80]!r}, which is no path.")
    return plain


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
