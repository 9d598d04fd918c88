"""The objects of a file and of a program, and which comes to which.

Source: tensorflow/python/checkpoint/restore.py: a stored object goes to the first object that is reached by
the same names of attributes; what hangs below it follows, the shortest ways first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.bundle import Entry
from core.bundle.graph import ATTRIBUTE, Object, paths
from core.inspect.graphs import Model
from core.inspect.verdict.verdict import Shape

VALUE = "VARIABLE_VALUE"
COUNTER = "save_counter"
LIST = "_trainable_variables"  # what an optimizer of Keras calls its list of the model's weights
OPTIMIZERS = ("optimizer", "_optimizer")


@dataclass(frozen=True)
class Value:
    """A value that an object of the target has.

    Attributes:
        key: its name in the file that describes the target.
        name: the variable's own name.
        dtype, shape: "" and None where they are not known.
    """

    key: str
    name: str
    dtype: str
    shape: Shape | None


@dataclass
class Node:
    """An object of the target: its children by name, its values by attribute, and slots that it keeps."""

    children: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    slots: dict[tuple[int, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The objects of the program.

    Attributes:
        nodes: the first is the root.
        unreached: values of the model that no attribute of it leads to.
        labels: path of every node.
    """

    nodes: Sequence[Node]
    unreached: tuple[Value, ...] = ()
    labels: Mapping[int, str] = field(default_factory=dict)

    def reached(self, besides: str = "") -> list[int]:
        """The nodes in the order in which TensorFlow lists them.

        Args:
            besides: children of this name are not followed.
        """
        order, waiting = [0] if self.nodes else [], deque([0] if self.nodes else [])
        seen = set(order)
        while waiting:
            for name, child in self.nodes[waiting.popleft()].children.items():
                if name != besides and child not in seen and 0 <= child < len(self.nodes):
                    seen.add(child)
                    order.append(child)
                    waiting.append(child)
        for at in [*order]:
            for slot in self.nodes[at].slots.values():
                if slot not in seen and 0 <= slot < len(self.nodes):
                    seen.add(slot)
                    order.append(slot)
        return order


def target_of(stored: Sequence[Object], entries: Mapping[str, Entry], *, optimizer: bool = True) -> Target:
    """The program that a checkpoint was saved from.

    Args:
        optimizer: False takes its optimizer away, and what hangs on it alone.
    """
    nodes = [_node(each, entries) for each in stored]
    labels = paths(stored)
    if optimizer:
        return Target(nodes, (), labels)
    lost = [child for node in nodes[:1] for name, child in _tops(node, nodes) if name in OPTIMIZERS]
    trained = {each for at in lost if at < len(nodes) for each in _trained(nodes[at], nodes)}
    for node in nodes:
        for name in OPTIMIZERS:
            if node.children.get(name) in lost:
                del node.children[name]
    rest = Target(nodes, (), labels)
    there = set(rest.reached())
    unreached = tuple(value for at in sorted(trained - there) for value in nodes[at].values.values())
    return Target(nodes, unreached, labels)


def target_of_model(model: Model) -> Target:
    """The program that a SavedModel becomes when it is loaded."""
    nodes = [Node(dict(each.children)) for each in model.objects]
    labels = paths(model.objects)
    for at, wanted in model.variables.items():
        nodes[at].values[VALUE] = Value(labels.get(at, ""), wanted.name, wanted.dtype, wanted.shape)
    return Target(nodes, (), labels)


def _node(stored: Object, entries: Mapping[str, Entry]) -> Node:
    node = Node(dict(stored.children), {}, {(variable, name): at for variable, name, at in stored.slots})
    for name, key in stored.keys:
        entry = entries.get(key)
        if entry is not None:
            node.values[key.rpartition(ATTRIBUTE)[2]] = Value(key, name, entry.dtype, entry.shape)
    return node


def _tops(node: Node, nodes: Sequence[Node]) -> Iterator[tuple[str, int]]:
    """Children of the root, and children of those."""
    for name, child in node.children.items():
        yield name, child
        if 0 <= child < len(nodes):
            yield from nodes[child].children.items()


def _trained(optimizer: Node, nodes: Sequence[Node]) -> Iterator[int]:
    """The variables that an optimizer lists as the model's."""
    at = optimizer.children.get(LIST, -1)
    if 0 <= at < len(nodes):
        yield from nodes[at].children.values()


@dataclass
class Walk:
    """What is bound to what: objects of the file to objects of the program.

    Attributes:
        bound: stored object to the program's.
        reverse: the other way round; of several, the first.
        unused: keys of values that come to an object without such a value.
    """

    stored: Sequence[Object]
    target: Target
    bound: dict[int, int] = field(default_factory=dict)
    reverse: dict[int, int] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def bind(self, at: int, there: int) -> bool:
        if at in self.bound:
            return False
        self.bound[at] = there
        self.reverse.setdefault(there, at)
        return True


def best_start(stored: Sequence[Object], target: Target) -> int:
    """The stored object that fits the program's root best: the root, or one of its children."""
    starts = [0, *(child for _, child in stored[0].children if 0 <= child < len(stored))] if stored else [0]
    return max(starts, key=lambda at: (_fit(stored, target, at), at == 0))


def _fit(stored: Sequence[Object], target: Target, start: int) -> int:
    walk = follow(stored, target, start)
    return sum(bool(target.nodes[there].values) for there in walk.reverse if stored[walk.reverse[there]].keys)


def follow(stored: Sequence[Object], target: Target, start: int) -> Walk:
    """The walk through both graphs, shortest ways first."""
    walk = Walk(stored, target)
    if not stored or not target.nodes:
        return walk
    slots: dict[int, list[tuple[int, str, int]]] = {}  # of a stored variable: its optimizer, name, slot
    for at, node in enumerate(stored):
        for variable, name, slot in node.slots:
            slots.setdefault(variable, []).append((at, name, slot))
    waiting_slots: dict[int, list[tuple[int, str, int]]] = {}  # of an optimizer that is not bound yet
    walk.bind(start, 0)
    queue = deque([start])
    while queue:
        at = queue.popleft()
        there = walk.bound[at]
        for name, child in stored[at].children:
            if child in walk.bound or not 0 <= child < len(stored):
                continue
            local = target.nodes[there].children.get(name)
            if local is None or not 0 <= local < len(target.nodes):
                continue  # it waits until such an object is made
            elif walk.bind(child, local):
                queue.append(child)
        for variable, name, slot in waiting_slots.pop(at, []):
            _bind_slot(walk, there, variable, name, slot, queue)
        for optimizer, name, slot in slots.pop(at, []):
            if optimizer in walk.bound:
                _bind_slot(walk, walk.bound[optimizer], there, name, slot, queue)
            else:
                waiting_slots.setdefault(optimizer, []).append((there, name, slot))
    return walk


def _bind_slot(walk: Walk, optimizer: int, variable: int, name: str, slot: int, queue: deque[int]) -> None:
    local = walk.target.nodes[optimizer].slots.get((variable, name))
    if local is not None and 0 <= slot < len(walk.stored) and walk.bind(slot, local):
        queue.append(slot)


def pairs(walk: Walk, entries: Mapping[str, Entry]) -> Iterator[tuple[str, Value]]:
    """Stored key and the value that takes it; an object that is reached twice takes the first."""
    for there, at in walk.reverse.items():
        values = walk.target.nodes[there].values
        for _, key in walk.stored[at].keys:
            value = values.get(key.rpartition(ATTRIBUTE)[2])
            if value is None:
                walk.unused.append(key)
            elif key in entries:
                yield key, value
