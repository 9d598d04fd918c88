"""A checkpoint that is one file: opened and closed in one way, whatever its format."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from core.bundle.entries import Entry
from core.bundle.source import Source
from core.bundle.values import Array, Values
from core.checkpoint import CheckpointError


class OneFile(Values):
    """A file that is open for reading; a format says how its tensors are listed and read."""

    def __init__(self, path: Path) -> None:
        """List the tensors.

        Raises:
            CheckpointError: it is missing, damaged, or of another format.
        """
        self.damaged = {}
        self._source = Source(path)
        try:
            self._list(path.name)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._source.close()

    def read(self, entry: Entry) -> Array:
        if entry.name in self.damaged:
            raise CheckpointError(self.damaged[entry.name])
        return self._read(entry)

    @abstractmethod
    def _list(self, name: str) -> None:
        """Set `entries`, and in `damaged` what cannot be read.

        Args:
            name: of the file, for sentences.
        """

    @abstractmethod
    def _read(self, entry: Entry) -> Array:
        """The whole tensor, which is not known to be damaged."""
