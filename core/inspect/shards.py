"""Keras' weights in several files: `.weights.json` says which layer is in which `_00000.weights.h5`.

Source: keras/src/saving/saving_lib.py, ShardedH5IOStore.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from core.bundle.entries import Entry
from core.bundle.source import Source
from core.bundle.values import Array
from core.checkpoint import CheckpointError, Missing, TooLarge
from core.inspect.find import SHARDED
from core.inspect.keras import KerasFile

_LARGEST = 16 << 20
_MOST = 10_000  # files
ORDER = 40  # bits that a file's number is shifted by, so that arrays keep their order over all files


class ShardedKerasFile(KerasFile):
    """The files of one `.weights.json`, open for reading as one.

    Attributes:
        mapped: path of a layer to the files that its arrays are in, in order.
        missing: files that are named and not there, or cannot be opened: name and why.
        first: the file that Keras opens before any other.
    """

    mapped: dict[str, tuple[str, ...]]
    missing: dict[str, str]
    first: str

    def __init__(self, path: Path) -> None:
        """List the arrays in all files.

        Raises:
            CheckpointError: the list of files is missing or damaged, or no file can be opened.
        """
        self.damaged, self.config, self.layers, self.version, self.is_marked = {}, None, {}, "", True
        self._name = path.name
        self._files: dict[str, KerasFile] = {}
        self.missing = {}
        self.mapped = _mapped(path)
        self.first = f"{path.name.removesuffix(SHARDED).replace('.weights', '')}_00000.weights.h5"
        names = sorted({self.first, *(name for names in self.mapped.values() for name in names)})
        if len(names) > _MOST:
            raise TooLarge(f"{path.name} names more than {_MOST:,} files.")
        try:
            for name in names:
                self._open(path.with_name(name))
            self.entries = tuple(sorted(self._listed_everywhere(), key=lambda each: each.name))
        except BaseException:
            self.close()
            raise
        if not self._files:
            raise Missing(f"{path.name} is there without its files: {names[0]} is missing.")
        for name, reason in self.missing.items():
            inside = [owner or "the model" for owner, files in self.mapped.items() if name in files]
            self.damaged[name] = f"{reason[:-1]}; it has the arrays of {', '.join(inside[:3]) or 'nothing'}."

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def read(self, entry: Entry) -> Array:
        return self._file_of(entry).read(entry)

    def pieces(self, entry: Entry) -> Iterator[Array]:
        yield from self._file_of(entry).pieces(entry)

    def texts(self, path: str, name: str) -> tuple[str, ...]:
        if path:
            raise Missing(f"{self._name} has no list {name}: only Keras' older format has such lists.")
        return ()

    def lambdas(self) -> tuple[str, ...]:
        return ()

    def _open(self, path: Path) -> None:
        try:
            file = KerasFile(path)
        except CheckpointError as error:
            self.missing[path.name] = str(error)
            return
        self._files[path.name] = file
        self.damaged |= file.damaged
        self.layers = file.layers | self.layers

    def _listed_everywhere(self) -> Iterator[Entry]:
        places = list(self._files)
        for owner, names in self.mapped.items():
            start = f"{owner}/vars/".lstrip("/")
            seen = set()
            for name in names:
                for entry in self._files[name].entries if name in self._files else ():
                    if entry.name.startswith(start) and entry.name not in seen:
                        seen.add(entry.name)
                        at = places.index(name)
                        yield entry._replace(shard=at, offset=entry.offset + (at << ORDER))

    def _file_of(self, entry: Entry) -> KerasFile:
        return list(self._files.values())[entry.shard]


def _mapped(path: Path) -> dict[str, tuple[str, ...]]:
    """Path of a layer to its files; names that would lead out of the folder are refused."""
    with Source(path, _LARGEST) as source:
        content = bytes(source.read(0, source.size))
    try:
        listed = json.loads(content)["weight_map"]
        found = {}
        for key, value in listed.items():
            names = (value,) if isinstance(value, str) else tuple(value)
            if not all(isinstance(name, str) and name == Path(name).name for name in names) or not names:
                raise ValueError(key)
            found[key.removeprefix("/").removesuffix("vars").rstrip("/")] = names
        return found
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckpointError(f"{path.name} is damaged: it does not say which file has what.") from None
