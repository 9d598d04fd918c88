"""The bytes of a data file, and which of them are which variable; a Saver's beside a SavedModel's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.bundle import Entry, masked_crc32c, read_index
from core.checkpoint import DATA, INDEX, content_of
from core.run.runs import Run
from core.words import counted


@dataclass(frozen=True)
class Region:
    """The bytes of one tensor in a data file.

    Attributes:
        entry: what the index says about it.
        raw: the bytes; fewer than `entry.size` when the file is too short.
        intact: whether their checksum is the index's.
    """

    entry: Entry
    raw: bytes
    intact: bool

    @property
    def value(self) -> str:
        """The bytes as numbers, the shortest digits that give the same bits back."""
        try:
            numbers = np.frombuffer(self.raw, np.dtype(self.entry.dtype).newbyteorder("<"))
        except ValueError:
            return "cannot be decoded"
        return ", ".join(str(number) for number in numbers)


@dataclass(frozen=True)
class DataFile:
    """A data file: all its bytes, and which of them are which tensor (in order of their offset)."""

    content: bytes
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class SharedBytes:
    """One variable in the Saver's data file and in the SavedModel's.

    Attributes:
        saver, saved: its bytes there; `saved` is None for a slot, which a SavedModel leaves out.
    """

    saver: Region
    saved: Region | None

    @property
    def equal(self) -> bool:
        return self.saved is not None and self.saver.raw == self.saved.raw


@dataclass(frozen=True)
class SameBytes:
    """The Saver's `.data` file beside the SavedModel's `variables.data` file.

    Attributes:
        variables: every variable of the Saver's file.
        saver_bytes, saved_bytes: sizes of the two files.
        identical: whether the two data files are the same, byte for byte.
        index_identical: the same question for the two index files, in which the names stand.
    """

    variables: tuple[SharedBytes, ...]
    saver_bytes: int
    saved_bytes: int
    identical: bool
    index_identical: bool

    def conclusion(self) -> str:
        """Which bytes are equal, in plain sentences."""
        shared = [each for each in self.variables if each.saved is not None]
        slots = len(self.variables) - len(shared)
        if self.identical:
            sentence = f"The two data files are the same {self.saver_bytes} bytes."
        elif all(each.equal for each in shared):
            sentence = (
                f"h and v are the same bytes in both. The Saver's file has {self.saver_bytes} bytes, the "
                f"SavedModel's {self.saved_bytes}: the Saver also kept {counted(slots, 'variable')} of the "
                "optimizer, which serving does not need."
            )
        else:
            sentence = "The two files have different values."
        if not self.index_identical:
            sentence += (
                " The index files differ, because they contain the names of the variables: the export "
                "named its own h and v with a 2 at the end."
            )
        return sentence


def read_data(prefix: Path) -> DataFile:
    """All bytes of `prefix.data-…`, and which tensor each of them belongs to.

    Raises:
        CheckpointError: a file is missing, or the index is damaged. Damaged values are no error here:
            they are what the page is for, and their region says so.
    """
    entries = read_index(prefix)
    content = content_of(prefix.parent, prefix.name + DATA)
    regions = []
    for entry in sorted(entries, key=lambda each: each.offset):
        raw = content[entry.offset : entry.offset + entry.size]
        intact = len(raw) == entry.size and masked_crc32c(raw) == entry.crc32c
        regions.append(Region(entry, raw, intact))
    return DataFile(content, tuple(regions))


def same_bytes(run: Run, name: str) -> SameBytes:
    """Compare the data of checkpoint `name` with the variables of its SavedModel.

    Raises:
        CheckpointError: one of the two is missing or damaged.
    """
    saver, saved = run.checkpoints / name, run.saved_model / name / "variables" / "variables"
    ours, theirs = read_data(saver), read_data(saved)
    # The export names its variables after the Saver's, with a 2 at the end, as the recipe does.
    exported = {region.entry.name.removesuffix("2"): region for region in theirs.regions}
    indexes = [content_of(path.parent, path.name + INDEX) for path in (saver, saved)]
    return SameBytes(
        variables=tuple(SharedBytes(region, exported.get(region.entry.name)) for region in ours.regions),
        saver_bytes=len(ours.content),
        saved_bytes=len(theirs.content),
        identical=ours.content == theirs.content,
        index_identical=indexes[0] == indexes[1],
    )
