"""Object graphs: which layer each key of a TF2 checkpoint belongs to.

`tf.train.Checkpoint` and Keras store, beside the values, the string `_CHECKPOINTABLE_OBJECT_GRAPH`, a
`TrackableObjectGraph` (tensorflow/core/protobuf/trackable_object_graph.proto): objects, their children by
name, and for each value the key under which the checkpoint keeps it. A key can run through the optimizer
though its variable is a layer's; only the graph tells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.bundle.entries import text
from core.bundle.wire import fields, inner, number
from core.checkpoint import CheckpointError, TooLarge

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
ATTRIBUTE = "/.ATTRIBUTES/"
LARGEST = 64 << 20  # bytes
_MOST = 500_000  # objects
_LAST = (
    "optimizer",
    "_optimizer",
    "_trainable_variables",
    "_non_trainable_variables",
    "keras_api",
    "signatures",
)


@dataclass
class Object:
    """One object of a graph; others are known by their place in it.

    Attributes:
        children: the name of the attribute, and the object that it holds.
        keys: of each value, the variable's own name, and the key in the checkpoint.
        slots: the variable's object, the slot's name, and the slot's own object.
    """

    children: list[tuple[str, int]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    slots: list[tuple[int, str, int]] = field(default_factory=list)


def objects(content: bytes) -> list[Object]:
    """The objects of a checkpoint; the first is the root.

    Raises:
        CheckpointError: this is no object graph.
    """
    if len(content) > LARGEST:
        raise TooLarge(f"The object graph has more than {LARGEST:,} bytes.")
    try:
        return _parsed(content)
    except (CheckpointError, IndexError, UnicodeDecodeError):
        raise CheckpointError("The object graph is damaged: it cannot be followed.") from None


def _parsed(content: bytes) -> list[Object]:
    nodes: list[Object] = []
    for tag, value in fields(content):
        if tag != 1:
            continue
        if len(nodes) == _MOST:
            raise CheckpointError("too many objects")
        node = Object()
        for inside, given in fields(inner(value)):
            if inside == 1:  # children: node_id 1, local_name 2
                parts = dict(fields(inner(given)))
                node.children.append((text(inner(parts.get(2, b""))), number(parts.get(1, 0))))
            elif inside == 2:  # attributes: full_name 2, checkpoint_key 3
                parts = dict(fields(inner(given)))
                node.keys.append((text(inner(parts.get(2, b""))), text(inner(parts.get(3, b"")))))
            elif (
                inside == 3
            ):  # slot_variables: original_variable_node_id 1, slot_name 2, slot_variable_node_id 3
                parts = dict(fields(inner(given)))
                node.slots.append(
                    (number(parts.get(1, 0)), text(inner(parts.get(2, b""))), number(parts.get(3, 0)))
                )
        nodes.append(node)
    return nodes


def paths(nodes: Sequence[Object]) -> dict[int, str]:
    """The shortest way to every object; ways through an optimizer only where there is no other."""
    found: dict[int, str] = {0: ""} if nodes else {}
    length = 0
    for detours in (False, True):
        waiting = deque(sorted(found))
        while waiting:
            at = waiting.popleft()
            for name, child in nodes[at].children:
                if child in found or not 0 <= child < len(nodes) or (name in _LAST and not detours):
                    continue
                path = f"{found[at]}/{name}" if found[at] else name
                length += len(path)
                if len(path) > 4096 or length > LARGEST:
                    continue  # a chain of thousands of objects has no name that anybody could read
                found[child] = path
                waiting.append(child)
    return found
