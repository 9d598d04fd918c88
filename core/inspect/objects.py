"""A checkpoint's objects beside a SavedModel's: which value each variable of the model would get.

`tf.train.Checkpoint` follows both graphs from their roots at once, by the names of attributes
(tensorflow/python/checkpoint/restore.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.bundle.graph import Object, paths
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

    def wanted(self) -> dict[int, str]:
        """The variables that can be reached, each with its path."""
        return {at: path for at, path in paths(self.objects).items() if at in self.variables}


def matched(stored: Sequence[Object], model: Model) -> dict[int, str]:
    """The variables of the model that would get a value, each with its key in the checkpoint.

    A checkpoint of Checkpoint(model=…) keeps the model as a child of its root: where most fits is taken.
    """
    starts = [0, *(child for _, child in stored[0].children)] if stored else []
    return max((_followed(stored, start, model) for start in starts), key=len, default={})


def _followed(stored: Sequence[Object], start: int, model: Model) -> dict[int, str]:
    found: dict[int, str] = {}
    waiting, seen = deque([(0, start)]), {0}
    while waiting:
        at, there = waiting.popleft()
        if not (at < len(model.objects) and 0 <= there < len(stored)):
            continue
        if at in model.variables and stored[there].keys:
            found[at] = stored[there].keys[0][1]
        below = dict(stored[there].children)
        for name, child in model.objects[at].children:
            if child not in seen and child >= 0 and name in below:
                seen.add(child)
                waiting.append((child, below[name]))
    return found
