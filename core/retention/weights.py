"""What a checkpoint holds beside a weight with more than one number: TensorFlow-free records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """One value of a checkpoint: its name, its shape, and how many bytes it takes."""

    name: str
    shape: tuple[int, ...]
    bytes: int


@dataclass(frozen=True)
class Weight:
    """A weight alone, saved after one update by an optimizer.

    Attributes:
        optimizer: its name in the settings.
        alone: the data file's bytes when the weight is saved alone.
        stored: each value of the checkpoint, in the index's order.
        code: the source that ran.
    """

    optimizer: str
    alone: int
    stored: tuple[Stored, ...]
    code: str

    @property
    def bytes(self) -> int:
        """Of the data file."""
        return sum(each.bytes for each in self.stored)
