"""What a PATH names: a file, a prefix such as model.ckpt-100, a folder, or one step of it as DIR@STEP."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from core.checkpoint import META, STATE_FILE, CheckpointError, Missing, Unreadable, Unsupported
from core.inspect.find import SHARDED, Checkpoint, Found, best_of
from core.inspect.folder import Folder
from core.words import listed

if TYPE_CHECKING:
    from command.remote import Mirror

NEWEST, BEST = ("newest", "latest"), "best"  # what STEP may also be
_SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt", "saved_model.cpb")


@dataclass(frozen=True)
class Named:
    """What a PATH names.

    Attributes:
        text: as it was written.
        folder: what is looked into.
        found: what lies there.
        one: the checkpoint that is meant; None for the whole folder.
        graph: the path, below the folder, of a `.meta` or `.json` file that was named; "" of others.
        mirror: what of another place is here; None for a place of this machine.
    """

    text: str
    folder: Folder
    found: Found
    one: Checkpoint | None = None
    graph: str = ""
    mirror: Mirror | None = None

    def need(self, checkpoints: Sequence[Checkpoint], keys: Sequence[str] | None = None) -> None:
        """Bring the values of these tensors here, of all where none is named, if they are at another place.

        Raises:
            CheckpointError: they are too large, or the place does not give them.
        """
        if self.mirror is not None:
            self.mirror.need(self.folder, checkpoints, keys)

    def chosen(self) -> Checkpoint:
        """The one that is meant: of a folder the newest with values.

        Raises:
            CheckpointError: there is none.
        """
        chosen = self.one or self.found.newest()
        if chosen is None:
            raise Missing(f"{self.text} has no checkpoint with values.")
        return chosen

    def only(self) -> Found:
        """What is meant alone, as if nothing lay beside it."""
        if self.one is None:
            return self.found
        return replace(self.found, checkpoints=(self.one,), state_files=(), graphs=(), oddities=(), unread=())

    def written(self, checkpoint: Checkpoint) -> str:
        """The checkpoint's path, from here where it lies below this folder."""
        if self.mirror is not None:
            return f"{self.text}: {checkpoint.path or checkpoint.name}"
        whole = self.folder.root / checkpoint.path
        here = Path.cwd()
        return str(whole.relative_to(here)) if whole.is_relative_to(here) and whole != here else str(whole)


def named(text: str) -> Named:
    """Look up a PATH.

    Raises:
        CheckpointError: there is nothing of that name; the message has the nearest.
    """
    if "://" in text:
        return _remote(text)
    path = expanded(text)
    try:
        return _looked_up(text, path)
    except OSError as error:
        raise Unreadable(f"{text} cannot be looked at: {error.strerror}.") from None


def expanded(text: str) -> Path:
    """A path on this machine, where `~` is somebody's home.

    Raises:
        CheckpointError: no user is called so.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise Missing(f"There is no {text}: no user of this machine is called so.") from None


def _looked_up(text: str, path: Path) -> Named:
    if path.is_dir():
        folder = Folder(path.resolve())
        return Named(text, folder, folder.find())
    place, at, step = text.rpartition("@")
    if at and not path.exists() and expanded(place).is_dir():
        return _step(text, expanded(place), step)
    if not path.parent.is_dir():
        raise Missing(f"There is no {text}{_nearest_of(path)}")
    folder = Folder(path.parent.resolve(), below=False)
    found = folder.find()
    if path.name in _SAVED_MODEL:
        return Named(text, folder, found, next(each for each in found.checkpoints if not each.path))
    if path.name == STATE_FILE and path.is_file():
        return Named(text, folder, found)
    one = next((each for each in found.checkpoints if _is(each, path.name)), None)
    described = path.name.endswith((META, ".json")) and not path.name.endswith(SHARDED)
    graph = path.name if path.is_file() and described else ""
    if one is None and not graph:
        if path.exists():
            raise Unsupported(f"{text} is no checkpoint that can be read here. {_what(found)}".rstrip())
        raise Missing(f"There is no {text}{_nearest(path.name, _names(path.parent, found))}")
    return Named(text, folder, found, one, graph)


def _remote(text: str) -> Named:
    from command.remote import mirrored

    url, at, step = text.rpartition("@")
    asked = step if at and "/" not in step else ""
    mirror, name = mirrored(url if asked else text)
    place = f"{mirror.root}@{asked}" if asked else str(mirror.root / name)
    return replace(named(place), text=text, mirror=mirror)


def _is(checkpoint: Checkpoint, name: str) -> bool:
    return name == checkpoint.path or name in [file for file, _, _ in checkpoint.files]


def _what(found: Found) -> str:
    """Formats beside it that are known and not read."""
    return f"It may be of {listed([each.what for each in found.unread])}." if found.unread else ""


def _step(text: str, place: Path, step: str) -> Named:
    folder = Folder(place.resolve())
    found = folder.find()
    if step in NEWEST:
        whole = Named(text, folder, found)
        return replace(whole, one=whole.chosen())
    if step == BEST:
        whole = Named(text, folder, found)
        one = best_of(found.groups()[whole.chosen().group])
        if one is None:
            raise Missing(f"{place} has no best step: its names have no metric, as val_loss.")
        return replace(whole, one=one)
    steps = [each for group in found.groups().values() for each in group if each.step is not None]
    one = next((each for each in steps if str(each.step) == step), None)
    if one is not None:
        return Named(text, folder, found, one)
    there = [str(each.step) for each in steps]
    if step.isdecimal() and there:
        nearest = sorted(dict.fromkeys(there), key=lambda each: abs(int(each) - int(step)))[:3]
        raise Missing(f"{place} has no step {step}. The nearest: {listed(nearest)}.")
    raise Missing(f"{step!r} is no step. Give a number, @newest or @best.")


def _names(place: Path, found: Found) -> list[str]:
    """What could have been meant in a folder."""
    names = [each.path for each in found.checkpoints]
    try:
        names += sorted(each.name for each in os.scandir(place))[:10_000]
    except OSError as error:
        raise CheckpointError(f"{place} cannot be read: {error.strerror}.") from None
    return list(dict.fromkeys(names))


def _nearest(name: str, names: Sequence[str]) -> str:
    """The end of a sentence that names what is most alike."""
    alike = get_close_matches(name, names, 3, 0.6)
    return f". Did you mean {listed(alike).replace(' and ', ' or ')}?" if alike else "."


def _nearest_of(path: Path) -> str:
    """The same, of the first folder on the way that is not there."""
    missing = path
    while not missing.parent.is_dir() and missing.parent != missing:
        missing = missing.parent
    names = sorted(each.name for each in missing.parent.iterdir()) if missing.parent.is_dir() else []
    alike = get_close_matches(missing.name, names, 3, 0.6)
    return f". Did you mean {listed([str(missing.parent / each) for each in alike])}?" if alike else "."


def nearest_tensor(name: str, names: Sequence[str]) -> Missing:
    """What to say of a tensor that is not there."""
    return Missing(f"There is no tensor {name}{_nearest(name, names)}")
