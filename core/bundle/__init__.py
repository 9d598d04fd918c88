"""Checkpoints, read without TensorFlow: their names, their values, every checksum verified.

`open_values` opens any kind, V2 bundles and V1 tables, those of strangers too; the `read_…` are the short way
to a small checkpoint of our own.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.bundle.bundle import Bundle, Index
from core.bundle.entries import Entry
from core.bundle.values import Values
from core.bundle.wire import masked_crc32c
from core.checkpoint import INDEX, CheckpointError

__all__ = [
    "Bundle",
    "Entry",
    "Values",
    "masked_crc32c",
    "open_values",
    "read_index",
    "read_values",
    "read_with_contents",
]

LARGEST_FILE = 1 << 20  # the model has a handful of scalars: a megabyte is not its checkpoint


def read_index(prefix: Path) -> tuple[Entry, ...]:
    """The tensors that `prefix.index` lists, in its order (by name); of a small checkpoint.

    Raises:
        CheckpointError: missing, torn, or not an index.
    """
    index = Index(f"{prefix}{INDEX}", LARGEST_FILE)
    for reason in index.damaged.values():
        raise CheckpointError(f"{prefix.name}{INDEX} is damaged: {reason}")
    return tuple(index.entries)


def read_values(prefix: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Every tensor of a small checkpoint by name, its bytes' checksum verified.

    Raises:
        CheckpointError: a file is missing or torn, or a checksum does not match.
    """
    return read_with_contents(prefix)[0]


def read_with_contents(prefix: Path) -> tuple[dict[str, npt.NDArray[np.generic]], dict[str, memoryview]]:
    """As `read_values`, and the content of each file that they were read from, by its name.

    Raises:
        CheckpointError: a file is missing or torn, or a checksum does not match.
    """
    with closing(Bundle(prefix, LARGEST_FILE)) as bundle:
        for reason in bundle.damaged.values():
            raise CheckpointError(f"{prefix.name}{INDEX} is damaged: {reason}")
        return {entry.name: bundle.read(entry) for entry in bundle.entries}, bundle.contents()


def open_values(prefix: Path) -> Values:
    """Any checkpoint of this prefix: a V2 bundle, or a V1 table, in shards or not.

    Raises:
        CheckpointError: there is none, or its index is damaged.
    """
    from core.bundle.v1 import TableV1, v1_files  # rare by now

    if not prefix.with_name(prefix.name + INDEX).exists():
        files = v1_files(prefix)
        if files:
            return TableV1(files)
    return Bundle(prefix)
