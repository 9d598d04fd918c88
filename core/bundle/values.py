"""What every kind of checkpoint can do: list its tensors, and give the values of one, whole or in pieces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from core.bundle.entries import RESOURCE, STRING, VARIANT, Entry, numpy_dtype
from core.checkpoint import Missing, Unsupported

Array = npt.NDArray[np.generic]

PIECE = 1 << 18  # bytes that are looked at together: they stay in the processor's cache


class Values(ABC):
    """A checkpoint that is open for reading; close it, or use it in `with`.

    Attributes:
        entries: its tensors, by name.
        damaged: what could not be listed or is better not read: name and sentence.
    """

    entries: tuple[Entry, ...]
    damaged: dict[str, str]
    _by_name: dict[str, Entry] | None = None

    @abstractmethod
    def read(self, entry: Entry) -> Array:
        """The whole tensor; strings as an array of `bytes` objects.

        Raises:
            CheckpointError: its bytes are missing, torn, or of a type that holds no plain values.
        """

    def pieces(self, entry: Entry) -> Iterator[Array]:
        """The tensor's elements in order, one dimension, a piece at a time; a piece is valid until the next.

        Raises:
            CheckpointError: as `read`; perhaps only after the last piece.
        """
        flat = self.read(entry).reshape(-1)
        step = max(1, PIECE // max(1, flat.itemsize))
        for start in range(0, len(flat), step):
            yield flat[start : start + step]

    def named(self, name: str) -> Entry:
        """The entry of this name.

        Raises:
            CheckpointError: there is none.
        """
        if self._by_name is None:
            self._by_name = {entry.name: entry for entry in self.entries}
        try:
            return self._by_name[name]
        except KeyError:
            raise Missing(f"No tensor is named {name}.") from None

    @abstractmethod
    def close(self) -> None:
        """Give files back; a second time does nothing."""

    def __enter__(self) -> Values:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def stored_dtype(entry: Entry) -> np.dtype:
    """How NumPy stores the elements of a tensor of numbers.

    Raises:
        CheckpointError: it has none.
    """
    found = numpy_dtype(entry.dtype)
    if found is not None:
        return found
    if entry.dtype in (RESOURCE, VARIANT):
        raise Unsupported(f"{entry.name} is a {entry.dtype}: it is listed, and its bytes are not decoded.")
    if entry.dtype == STRING:
        raise Unsupported(f"{entry.name} contains strings, not numbers.")
    raise Unsupported(f"{entry.name} is of an unknown kind ({entry.dtype}).")
