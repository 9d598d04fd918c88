"""The tensors of a checkpoint by names that people know: which layer each belongs to, and which are slots."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.bundle import Entry, Values, open_values
from core.bundle.bundle import Bundle
from core.bundle.graph import KEY, Name, Object, names, objects
from core.checkpoint import CheckpointError
from core.inspect.find import KERAS, SAVED_MODEL, Checkpoint

# What the optimizers of TensorFlow 1 append to a variable's name, and two that became common beside them.
_SLOT = re.compile(
    r"(Adam|AdamW|AdaMax|Nadam|Momentum|RMSProp|Adagrad|Adadelta|Ftrl|ProximalAdagrad|LARSOptimizer|LAMB"
    r"|LazyAdam|adam_[mv]|ExponentialMovingAverage)(_\d+)?"
)
_COUNTER = re.compile(
    r"(.*/)?(beta[12]_power(_\d+)?|global_step|save_counter|_iterations|iterations?|iter"
    r"|_?learning_rate|decay|_CHECKPOINTABLE_OBJECT_GRAPH|current_learning_rate)"
)


@dataclass(frozen=True)
class Tensor:
    """One tensor of a checkpoint.

    Attributes:
        key: its name in the file.
        name: what it is called: the key, or what the object graph or the Keras file says.
        layer: the name without its last part; "" when it has only one.
        slot: the optimizer's name of it, when it is a slot; "" otherwise.
        counter: whether it only counts or steers: a step, a learning rate, the object graph.
    """

    key: str
    name: str
    layer: str
    slot: str
    counter: bool
    dtype: str
    shape: tuple[int, ...]
    bytes: int
    elements: int


@dataclass(frozen=True)
class Listing:
    """What one checkpoint holds.

    Attributes:
        path, kind: as `core.inspect.find` has them.
        tensors: by name.
        damaged: name to why it cannot be read.
        notes: what else is worth a sentence.
    """

    path: str
    kind: str
    tensors: tuple[Tensor, ...]
    damaged: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.tensors)

    @property
    def slot_bytes(self) -> int:
        return sum(each.bytes for each in self.tensors if each.slot)

    @property
    def parameters(self) -> int:
        """Numbers in what is neither a slot nor a counter nor text."""
        return sum(each.elements for each in self.weights())

    def weights(self) -> tuple[Tensor, ...]:
        """What a model computes with."""
        return tuple(
            each for each in self.tensors if not each.slot and not each.counter and each.dtype != "string"
        )

    def by_layer(self) -> dict[str, dict[str, int]]:
        """Layer to bytes of its weights, its slots and what counts."""
        found: dict[str, Counter[str]] = {}
        for each in self.tensors:
            kind = "slots" if each.slot else "counters" if each.counter else "weights"
            found.setdefault(each.layer or each.name, Counter())[kind] += each.bytes
        return {layer: dict(kinds) for layer, kinds in found.items()}


def opened(root: Path, checkpoint: Checkpoint) -> Values:
    """The checkpoint's values, open for reading.

    Raises:
        CheckpointError: there are none, or they are damaged.
    """
    if checkpoint.kind == KERAS:
        from core.inspect.keras import KerasFile  # most directories have none

        return KerasFile(root / checkpoint.path)
    if checkpoint.kind == SAVED_MODEL:
        if not checkpoint.has_values:
            raise CheckpointError(f"{checkpoint.path or checkpoint.name} keeps no variables.")
        return Bundle(root / checkpoint.path / "variables" / "variables")
    return open_values(root / checkpoint.path)


def listing(checkpoint: Checkpoint, values: Values) -> Listing:
    """What it holds, by the names that people know."""
    known, notes = _names(values)
    if known is None and isinstance(values, Bundle) and not values.parts:
        # A thousand steps of one model differ in checksums only: their tensors are named once.
        named = _by_their_own_names(tuple((e.name, e.dtype, e.shape, e.size) for e in values.entries))
    else:
        named = _marked([_tensor(entry, (known or {}).get(entry.name), values) for entry in values.entries])
    lambdas: tuple[str, ...] = getattr(values, "lambdas", tuple)()
    if lambdas:
        notes.append(
            f"It has Lambda layers ({', '.join(filter(None, lambdas))}), whose Python code is stored in the "
            "file. Keras runs it on loading; here it was not."
        )
    return Listing(checkpoint.path, checkpoint.kind, named, dict(values.damaged), tuple(notes))


def objects_of(values: Values) -> list[Object]:
    """The objects that a checkpoint keeps; none of a Saver's.

    Raises:
        CheckpointError: they are damaged.
    """
    entry = next((each for each in values.entries if each.name == KEY), None)
    return objects(bytes(values.read(entry).item())) if entry else []


@lru_cache(maxsize=64)
def _by_their_own_names(entries: tuple[tuple[str, str, tuple[int, ...], int], ...]) -> tuple[Tensor, ...]:
    return _marked(
        [_tensor(Entry(name, dtype, shape, 0, size, 0), None) for name, dtype, shape, size in entries]
    )


def _marked(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The tensors by name, slots of TensorFlow 1 marked.

    In its files a slot is only known by the variable that has its name without the ending.
    """
    by_key = {each.key: each for each in tensors}
    marked = []
    for each in tensors:
        owner, _, ending = each.key.rpartition("/")
        if not each.slot and owner in by_key and _SLOT.fullmatch(ending):
            each = _as_slot(each, ending, by_key[owner])
        marked.append(each)
    return tuple(sorted(marked, key=lambda each: each.name))


def _names(values: Values) -> tuple[dict[str, Name] | None, list[str]]:
    """What the object graph or the Keras file says, if it says anything."""
    for entry in values.entries:
        if entry.name == KEY:
            try:
                return names(bytes(values.read(entry).item())), []
            except (CheckpointError, ValueError, TypeError) as error:
                return {}, [f"The names of layers are not known: {error}"]
    layers = getattr(values, "layers", None)
    if layers is None:
        return None, []
    known = {}
    for entry in values.entries:
        owner, _, last = entry.name.rpartition("/")
        slot = "optimizer" if owner.startswith("optimizer") and entry.shape else ""
        known[entry.name] = Name(entry.name, f"{owner.removesuffix('/vars')}/{last}", slot)
    return known, []


def _tensor(entry: Entry, known: Name | None, values: Values | None = None) -> Tensor:
    name = entry.name if known is None else known.full_name or known.path
    if known is not None and known.slot and known.owner:
        name = f"{known.owner}/{known.slot}"
    counter = bool(_COUNTER.fullmatch(name) or _COUNTER.fullmatch(entry.name.partition("/.ATTRIBUTES/")[0]))
    return Tensor(
        key=entry.name,
        name=name,
        layer=_layer(known.owner if known is not None and known.slot else name),
        slot=known.slot if known is not None else "",
        counter=counter,
        dtype=entry.dtype,
        shape=entry.shape,
        bytes=entry.size or sum(part.size for part in _parts(entry, values)),
        elements=entry.elements,
    )


def _parts(entry: Entry, values: Values | None) -> list[Entry]:
    """The rows of a partitioned variable's slices, as many as there are."""
    found = []
    if isinstance(values, Bundle):
        for slice_ in entry.slices:
            with suppress(CheckpointError):
                found.append(values.part(entry, slice_))
    return found


def _as_slot(tensor: Tensor, slot: str, owner: Tensor) -> Tensor:
    return Tensor(
        **{**vars(tensor), "slot": slot, "layer": owner.layer or owner.name, "counter": False},
    )


def _layer(name: str) -> str:
    return name.rpartition("/")[0]
