"""What a `.meta` file or a SavedModel says about itself; `core.tf.inspect` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """A variable that a graph would restore."""

    name: str
    dtype: str
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Signature:
    """How a SavedModel is called: names with type and shape."""

    key: str
    method: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """One graph of a `.meta` file or SavedModel.

    Attributes:
        path: of the file.
        tags: of a SavedModel.
        operations: name of an operation to how often it is there, functions included; most frequent first.
        restores: names that its own Saver asks a checkpoint for.
        notes: what a stranger should know before running it.
    """

    path: str
    version: str
    tags: tuple[str, ...]
    nodes: int
    functions: int
    operations: Mapping[str, int]
    signatures: tuple[Signature, ...]
    assets: tuple[str, ...]
    variables: tuple[Wanted, ...]
    restores: tuple[str, ...]
    notes: tuple[str, ...]
