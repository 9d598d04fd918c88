"""What a checkpoint holds, whatever its format: a model's layers with their weights, and what is beside them.

Every format fills these records; `core.inspect.tensors` says how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What a tensor is for. Only weights are parameters of the model.
WEIGHT = "weight"
SLOT = "slot"  # what an optimizer keeps for one weight, such as its momentum, or its moving average
COUNTER = "counter"  # what counts or steers: a step, a learning rate, a beta power, a loss scale
METRIC = "metric"
ITERATOR = "iterator state"
RANDOM = "random state"
REPLAY = "replay buffer"
COPY = "copy"  # the same weight once more, as Keras' exports keep it
TABLE = "lookup table"
TEXT = "text"
CONSTANT = "constant"  # of a graph that keeps its weights as constants: what is none, such as a shape
ROLES = (WEIGHT, SLOT, COUNTER, METRIC, ITERATOR, RANDOM, REPLAY, COPY, TABLE, TEXT, CONSTANT)


@dataclass(frozen=True)
class Tensor:
    """One tensor of a checkpoint.

    Attributes:
        key: its name in the file.
        name: what it is called, such as body/kernel; of a slot, its weight's name and the slot's.
        layer: the path of its layer; "" when it has none.
        role: one of ROLES.
        slot: what the optimizer calls a slot, such as momentum; "" for what is none.
        owner: the key of the weight that a slot or a copy belongs to; "" where that is not known.
    """

    key: str
    name: str
    layer: str
    role: str
    slot: str
    owner: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int
    elements: int

    @property
    def counter(self) -> bool:
        """Whether a model neither computes with it nor trains it."""
        return self.role not in (WEIGHT, SLOT, COPY)


# What a note is about: code in the file, names that are not known, what a model takes, how it is quantized.
CODE, NAMES, SIGNATURE, QUANTIZED = "code", "names", "signature", "quantized"


@dataclass(frozen=True)
class Note:
    """What else is worth a sentence.

    Attributes:
        kind: CODE, NAMES, SIGNATURE or QUANTIZED.
    """

    kind: str
    sentence: str


@dataclass(frozen=True)
class Layer:
    """A layer, with all that is inside it.

    Attributes:
        path: the names of the layers that lead to it, such as encoder/body; "" for the whole model.
        kind: its class, such as Dense; "" where no file says it.
        weights: its own, in the order of the file.
        layers: those inside it.
    """

    path: str
    kind: str
    weights: tuple[Tensor, ...]
    layers: tuple[Layer, ...]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def parameters(self) -> int:
        """Numbers in its weights and in those of the layers inside it."""
        return sum(each.elements for each in self.weights) + sum(each.parameters for each in self.layers)


@dataclass(frozen=True)
class Listing:
    """What one checkpoint holds.

    Attributes:
        path, kind: as `core.inspect.find` has them.
        tensors: in the order of the model where it is known, else by name.
        damaged: key to why it cannot be read.
        notes: what else is worth a sentence.
        kinds: a layer's path to its class, as far as a file says it.
        writer: who wrote it, such as Keras 3.15.1 and TensorFlow 2.21.0, as far as a file says it.
        unsure: why the number of parameters may not be the model's own, in a sentence; "" when it is.
    """

    path: str
    kind: str
    tensors: tuple[Tensor, ...]
    damaged: Mapping[str, str]
    notes: tuple[Note, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    writer: tuple[str, ...] = ()
    unsure: str = ""

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.tensors)

    @property
    def slot_bytes(self) -> int:
        return sum(each.bytes for each in self.tensors if each.role == SLOT)

    @property
    def parameters(self) -> int:
        """Numbers in the model's weights, as Keras' `count_params` counts them."""
        return sum(each.elements for each in self.weights())

    def weights(self) -> tuple[Tensor, ...]:
        """What a model computes with."""
        return self.of(WEIGHT)

    def of(self, role: str) -> tuple[Tensor, ...]:
        """The tensors of one role."""
        return tuple(each for each in self.tensors if each.role == role)

    def beside(self) -> dict[str, tuple[Tensor, ...]]:
        """What is not the model's, by role."""
        found = {role: self.of(role) for role in ROLES if role != WEIGHT}
        return {role: tensors for role, tensors in found.items() if tensors}

    def tree(self) -> Layer:
        """The model's layers, each inside the one that its path says."""
        return _grown("", self.weights(), self.kinds)


def _grown(path: str, weights: Sequence[Tensor], kinds: Mapping[str, str]) -> Layer:
    inside: dict[str, list[Tensor]] = {}
    own = []
    start = f"{path}/" if path else ""
    for each in weights:
        if each.layer == path:
            own.append(each)
        else:
            inside.setdefault(start + each.layer[len(start) :].partition("/")[0], []).append(each)
    layers = tuple(_grown(below, some, kinds) for below, some in inside.items())
    return Layer(path, kinds.get(path, ""), tuple(own), layers)
