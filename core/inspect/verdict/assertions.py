"""What the status of `tf.train.Checkpoint.restore` says when it is asked whether all has come.

Source: tensorflow/python/checkpoint/checkpoint.py (CheckpointLoadStatus, ObjectGraphProtoPrettyPrinter).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from core.bundle.graph import Object
from core.inspect.verdict.object_graph import Walk
from core.inspect.verdict.verdict import GAP, Assertion

NAMES = ("assert_existing_objects_matched", "assert_consumed")


def asserted(walk: Walk) -> tuple[Assertion, ...]:
    """What the status says when it is asked whether all has come."""
    target = walk.target
    reached = [at for at in target.reached() if target.nodes[at].values]
    unbound = sum(at not in walk.reverse for at in reached)
    shown = min(10, unbound)
    message = (
        f"Found {unbound} Python objects that were not bound to checkpointed values, likely due to changes "
        "in the "
        f"Python program. Showing {shown} of {unbound} unmatched objects: "
    )
    existing = Assertion("assert_existing_objects_matched", not unbound, message if unbound else "")
    if unbound:
        return existing, Assertion("assert_consumed", False, message)
    names = _pretty(walk.stored)
    for at, node in enumerate(walk.stored):
        if node.keys and at not in walk.bound:
            told = f"Unresolved object in checkpoint {names.get(at, GAP)}: "
            return existing, Assertion("assert_consumed", False, told)
    if walk.unused:
        told = (
            "Unused attributes in these objects (the attributes exist in the checkpoint but were not "
            "restored):"
        )
        return existing, Assertion("assert_consumed", False, told)
    return existing, Assertion("assert_consumed", True)


def _pretty(stored: Sequence[Object]) -> dict[int, str]:
    """What TensorFlow calls stored objects: the shortest way from the root, with dots."""
    found = {0: "(root)"} if stored else {}
    queue = deque([0] if stored else [])
    while queue:
        at = queue.popleft()
        for name, child in stored[at].children:
            if child not in found and 0 <= child < len(stored):
                found[child] = f"{found[at]}.{name}"
                queue.append(child)
    for at, node in enumerate(stored):
        for variable, name, slot in node.slots:
            if at in found and variable in found:
                found[slot] = f"{found[at]}'s state '{name}' for {found[variable]}"
    return found
