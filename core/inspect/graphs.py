"""What a `.meta` file or a SavedModel says about itself; `core.tf.inspect` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.bundle.graph import Object


@dataclass(frozen=True)
class Wanted:
    """A variable of a SavedModel."""

    name: str
    dtype: str
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Model:
    """The objects of a SavedModel (tensorflow/core/protobuf/saved_object_graph.proto).

    Attributes:
        objects: the first is the root.
        variables: those of them that are variables.
    """

    objects: Sequence[Object]
    variables: Mapping[int, Wanted]


@dataclass(frozen=True)
class Restored:
    """One tensor that a graph's own Saver reads from a checkpoint.

    Attributes:
        key: its name in the checkpoint.
        dtype: what the graph expects.
        slice: which part of it is read, as `tf.train.Saver` writes it; "" for the whole.
        variable: what it is assigned to.
        shape: the variable's; None where the graph does not tell.
        checked: whether assigning another shape is an error; resource variables take any.
    """

    key: str
    dtype: str
    slice: str
    variable: str
    shape: tuple[int, ...] | None
    checked: bool


@dataclass(frozen=True)
class Signature:
    """How a SavedModel is called: names with type and shape."""

    key: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """One graph of a `.meta` file or SavedModel.

    Attributes:
        path: of the file.
        tags: of a SavedModel.
        operations: name of an operation to how often it is there, functions included; most frequent first.
        saver: what its own Saver reads, each with the variable that gets it; empty where there is no Saver.
        notes: what a stranger should know before running it.
        collections: names of its collections.
        outside: operations by which it reaches outside itself when it is run.
    """

    path: str
    version: str
    tags: tuple[str, ...]
    nodes: int
    functions: int
    operations: Mapping[str, int]
    signatures: tuple[Signature, ...]
    assets: tuple[str, ...]
    notes: tuple[str, ...]
    saver: tuple[Restored, ...] = ()
    collections: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
