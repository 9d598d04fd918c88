"""The objects of a SavedModel, and which of them are variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.bundle.graph import Object
from core.inspect.graphs import Wanted


@dataclass(frozen=True)
class Model:
    """The objects of a SavedModel (tensorflow/core/protobuf/saved_object_graph.proto).

    Attributes:
        objects: the first is the root.
        variables: those of them that are variables.
    """

    objects: Sequence[Object]
    variables: Mapping[int, Wanted]
