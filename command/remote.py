"""Checkpoints at other places, such as gs://, s3:// or https://: read only, by fsspec, where it is installed.

A folder here mirrors the one there. Indexes and other small files come at once. Of a data file its size
comes, and then those bytes that a question needs. What is here is read as any file is: in a process of its
own, which reaches no network.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.bundle import Entry
from core.bundle.graph import KEY
from core.checkpoint import CheckpointError, Missing, TooLarge, Unreadable, Unsupported
from core.inspect.find import SAVED_MODEL, V2, Checkpoint
from core.inspect.folder import Folder
from core.words import in_bytes

MOST = 2_000_000_000  # bytes that one question may bring
MOST_FILES = 10_000
_PIECE = 4 << 20
_GAP = 64 << 10  # bytes between two ranges that are brought along with them
_DATA = ".data-"
_ALONE = ("", ".index", ".meta", ".data-00000-of-00001")  # what a prefix may have where nothing can be listed


@dataclass
class Mirror:
    """What of a remote folder is here.

    Attributes:
        root: the folder here.
        store: fsspec's, which gives bytes.
        sizes: of each file, by its name below the folder.
        paths: its path there, likewise.
        most: bytes that may come in all.
        taken: bytes that came.
    """

    root: Path
    store: Any
    sizes: dict[str, int]
    paths: dict[str, str]
    most: int = MOST
    taken: int = 0
    _there: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def lay(self) -> None:
        """Bring small files, and lay the others as long as they are and empty.

        Raises:
            CheckpointError: too large, or the place does not give them.
        """
        for name, size in self.sizes.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as file:
                file.truncate(size)
            if _DATA not in name:
                self.bring(name, [(0, size)])
            os.utime(place, (0, 0))

    def bring(self, name: str, ranges: Iterable[tuple[int, int]]) -> None:
        """Bring bytes of a file, each range as start and end.

        Raises:
            CheckpointError: too large, or the place does not give them.
        """
        known = self._there.setdefault(name, [])
        wanted = [
            each for each in _joined(ranges) if not any(a <= each[0] and each[1] <= b for a, b in known)
        ]
        size = sum(end - start for start, end in wanted)
        if self.taken + size > self.most:
            raise TooLarge(f"{name} takes {in_bytes(size)}; one question may bring {in_bytes(self.most)}.")
        self.taken += size
        try:
            with (self.root / name).open("r+b") as file:
                for start, end in wanted:
                    for at in range(start, end, _PIECE):
                        file.seek(at)
                        file.write(self._part(name, at, min(at + _PIECE, end)))
        except Exception as error:  # each store has errors of its own
            raise _refused(name, error) from None
        os.utime(self.root / name, (0, 0))
        known += wanted

    def _part(self, name: str, start: int, end: int) -> bytes:
        """Some bytes of a file there; a web server without ranges sends all of it.

        Raises:
            Unreadable: others came than were asked for.
        """
        found: bytes = self.store.cat_file(self.paths[name], start, end)
        if len(found) == self.sizes[name] != end - start:
            found = found[start:end]
        if len(found) != end - start:
            raise Unreadable(f"{end - start:,} bytes were asked for and {len(found):,} came")
        return found

    def need(self, folder: Folder, checkpoints: Sequence[Checkpoint], keys: Sequence[str] | None) -> None:
        """Bring what reading these tensors needs; None for all.

        Raises:
            CheckpointError: too large, or the place does not give them.
        """
        for each in checkpoints:
            data = [path for path, _, _ in each.files if _DATA in path]
            if keys is None or each.kind not in (V2, SAVED_MODEL):
                for path in data:
                    self.bring(path, [(0, self.sizes[path])])
                continue
            try:
                rows = [Entry(*row) for row in folder.entries(each)]
            except CheckpointError:
                continue  # whoever lists it says so
            chosen = [row for row in rows if row.name in keys]
            if any(row.slices for row in chosen):
                self.need(folder, [each], None)
                continue
            for path in data:
                shard = int(path.rpartition(_DATA)[2][:5])
                ranges = [(row.offset, row.offset + row.size) for row in chosen if row.shard == shard]
                self.bring(path, ranges)


def mirrored(url: str) -> tuple[Mirror, str]:
    """A folder here for a place there, and the path in it that was named; "" for the folder itself.

    Raises:
        CheckpointError: fsspec or a store's client is not installed, or nothing is there.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise Unsupported(
            f"{url} is at another place. Install what reads it: pip install 'checkpoint-explorer[remote]'."
        ) from None
    try:
        store, path = url_to_fs(url)
        named, sizes = _listed(store, path)
    except ImportError as error:
        raise Unsupported(f"{url} needs one more package: {error}.") from None
    except CheckpointError:
        raise
    except Exception as error:
        raise _refused(url, error) from None
    if not sizes:
        raise Missing(f"There is nothing at {url}.")
    if len(sizes) > MOST_FILES:
        raise TooLarge(f"{url} has {len(sizes):,} files; at most {MOST_FILES:,} are looked at.")
    home = tempfile.mkdtemp(prefix="checkpoint-explorer-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    root = Path(home) / (path.rstrip("/").rpartition("/")[2] if not named else "files")
    root.mkdir(exist_ok=True)
    mirror = Mirror(
        root, store, {name: size for name, (_, size) in sizes.items()}, {n: p for n, (p, _) in sizes.items()}
    )
    mirror.lay()
    folder = Folder(root)
    mirror.need(folder, folder.find().checkpoints, [KEY])
    return mirror, named


def _listed(store: Any, path: str) -> tuple[str, dict[str, tuple[str, int]]]:
    """What is named below the folder that it lies in, and each file's name to its path and size there."""
    path = path.rstrip("/")
    above, _, last = path.rpartition("/")
    if store.isdir(path):
        return "", below(path, _sized(store, store.find(path, detail=True)))
    try:
        beside = {each["name"]: each for each in store.ls(above, detail=True) if each["type"] == "file"}
    except Exception:  # a web server that lists nothing
        beside = {}
    some = {each: facts for each, facts in beside.items() if _belongs(each, path)}
    for ending in _ALONE if not some else ():
        if store.exists(path + ending):
            some[path + ending] = store.info(path + ending)
    return last, below(above, _sized(store, some))


def _sized(store: Any, found: dict[str, Any]) -> dict[str, Any]:
    """The files with their sizes, which a web server's list does not have."""
    return {
        path: facts if facts.get("size") is not None else store.info(path) for path, facts in found.items()
    }


def _belongs(each: str, path: str) -> bool:
    return each == path or each.startswith(f"{path}.")


def below(folder: str, found: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """The name below a folder of each file that a store lists, with its path there and its bytes.

    Raises:
        Unsupported: a name leads out of the folder.
    """
    names = {}
    for path, facts in found.items():
        name = path.removeprefix(folder).lstrip("/")
        if ".." in name.split("/") or not name or "\0" in name:
            raise Unsupported(f"{name!r} is no name of a file.")
        names[name] = (path, int(facts.get("size") or 0))
    return names


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in order, those together that nearly touch."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(each for each in ranges if each[0] < each[1]):
        if found and start - found[-1][1] <= _GAP:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _refused(what: str, error: Exception) -> Unreadable:
    said = (str(error).splitlines() or [""])[0][:200]
    return Unreadable(f"{what} cannot be read: {said or type(error).__name__}.")
