"""What the keys of a TF2 checkpoint are: the object graph says whose each value is.

A weight may be kept under a key that runs through the optimizer, and an optimizer's value under one that does
not say whose it is: only the graph tells them apart (tensorflow/python/checkpoint/graph_view.py,
keras/src/backend/tensorflow/optimizer.py).
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.bundle.entries import RESOURCE, STRING, VARIANT, Entry
from core.bundle.graph import ATTRIBUTE, KEY, Object, paths
from core.inspect.model import (
    COPY,
    COUNTER,
    ITERATOR,
    METRIC,
    RANDOM,
    REPLAY,
    SLOT,
    TABLE,
    TEXT,
    WEIGHT,
)

_STEPS = {"_iterations", "iterations", "iter"}
_RATES = {"_learning_rate", "learning_rate", "_variables", "_trainable_variables"}
_TRAINED = "_trainable_variables"
_METRICS = re.compile(r"(^|/)(keras_api/metrics|_?(compiled?|train|test|eval)?_?metrics|_loss_tracker)(/|$)")
_REPLAY = re.compile(r"replay_?buffer", re.IGNORECASE)
_RANDOM = re.compile(
    r"(^|/)(_state_var|StateVar|seed_generator|seed_generator_state|_random_generator)(/|:|$)"
)
_COUNTS = re.compile(
    r"(.*/)?_?(beta_?[12](_power)?|global_step|(train_)?step(_counter|s)?|save_counter|epochs?|counter|count"
    r"|iterations?|iter|learning_rate|lr|decay|loss_scale|current_loss_scale|good_steps)(:0)?"
)
_AUTOMATIC = re.compile(r"(sequential|functional|model)(_\d+)?/")
_LISTS = {"_model_variables_moving_average": "average", "_accumulated_gradients": "gradient_accumulator"}
_TABLE = re.compile(r"-(keys|values)$")


@dataclass(frozen=True)
class Meaning:
    """What a key of a file is.

    Attributes:
        name, layer, role, slot, owner: as in `core.inspect.model.Tensor`.
    """

    name: str
    layer: str
    role: str
    slot: str = ""
    owner: str = ""


def meanings(nodes: Sequence[Object], entries: Sequence[Entry]) -> dict[str, Meaning]:
    """Key to what it is, of the values that the objects have."""
    graph = _Graph(nodes, {entry.name: entry for entry in entries})
    return dict(graph.meanings())


class _Graph:
    def __init__(self, nodes: Sequence[Object], entries: Mapping[str, Entry]) -> None:
        self.nodes, self.entries = nodes, entries
        self.ways = paths(nodes)
        self.children = [dict(node.children) for node in nodes]
        self.optimizers = [at for at in range(len(nodes)) if self._is_optimizer(at)]
        model = self._reached([0], set(self.optimizers))
        self.trained = {at: [*self._list(at, _TRAINED)] for at in self.optimizers}
        trained = {each for some in self.trained.values() for each in some}
        self.state = self._reached(self.optimizers, set()) - model - trained
        self.slots = self._slots()
        self.metrics = {at for at in range(len(nodes)) if {"total", "count"} <= self.children[at].keys()}
        self.parent: dict[int, int] = {}
        for at in sorted(self.ways, key=lambda at: self.ways[at].count("/")):
            for child in self.children[at].values():
                if self.ways.get(child, "").rpartition("/")[0] == self.ways[at]:
                    self.parent.setdefault(child, at)

    def meanings(self) -> Iterator[tuple[str, Meaning]]:
        """Weights first: slots are called after them."""
        own = [(at, full, key) for at, node in enumerate(self.nodes) for full, key in node.keys]
        own = [(at, full.removesuffix(":0"), key) for at, full, key in own if key in self.entries]
        roles = {key: self._role(at, full, key) for at, full, key in own}
        copies = self._copies([each for each in own if roles[each[2]] == WEIGHT])
        roles.update(dict.fromkeys(copies, COPY))
        weights = [each for each in own if roles[each[2]] in (WEIGHT, COPY)]
        names = self._names(weights)
        self.weights = {at: (full, key) for at, full, key in weights}
        self.called: dict[str, list[str]] = {}
        for _, full, key in weights:
            self.called.setdefault(full, []).append(key)
        for at, full, key in own:
            role = roles[key]
            if role in (WEIGHT, COPY):
                owner = copies.get(key, "")
                name = names[owner or key]
                yield key, Meaning(name, _layer(name), role, owner=owner)
            elif role == SLOT:
                owner, slot = self._slot(at, full)
                if owner:
                    name = f"{names[owner]}/{slot}"
                    yield key, Meaning(name, _layer(names[owner]), role, slot, owner)
                else:
                    yield key, Meaning(full or _shown(self.ways.get(at, key)), "", role, slot)
            else:
                yield key, Meaning(_shown(self.ways.get(at) or key.partition(ATTRIBUTE)[0]), "", role)

    def _is_optimizer(self, at: int) -> bool:
        names = self.children[at].keys()
        return bool(self.nodes[at].slots) or (bool(names & _STEPS) and bool(names & _RATES))

    def _reached(self, starts: Sequence[int], shut: set[int]) -> set[int]:
        seen = {at for at in starts if at < len(self.nodes)}
        waiting = deque(seen)
        while waiting:
            at = waiting.popleft()
            slots = [slot for _, _, slot in self.nodes[at].slots] if at in self.optimizers else []
            for child in (*self.children[at].values(), *slots):
                if 0 <= child < len(self.nodes) and child not in seen and child not in shut:
                    seen.add(child)
                    waiting.append(child)
        return seen

    def _list(self, at: int, name: str) -> Iterator[int]:
        held = self.children[at].get(name, -1)
        if 0 <= held < len(self.nodes):
            yield from (child for child in self.children[held].values() if 0 <= child < len(self.nodes))

    def _role(self, at: int, full: str, key: str) -> str:
        entry, way = self.entries[key], self.ways.get(at, "")
        if "ITERATOR_STATE" in key or entry.dtype in (VARIANT, RESOURCE):
            return ITERATOR
        if _TABLE.search(key):
            return TABLE
        if entry.dtype == STRING:
            return TEXT
        if at in self.state:
            return SLOT if entry.shape or at in self.slots else COUNTER
        if _METRICS.search(way) or self.parent.get(at) in self.metrics:
            return METRIC
        if _REPLAY.search(way) or _REPLAY.search(full):
            return REPLAY
        whole = entry.dtype.startswith(("int", "uint"))
        if whole and (_RANDOM.search(way) or _RANDOM.search(full)):
            return RANDOM
        top = "/" not in way
        if not entry.shape and ((whole and top) or (top and _COUNTS.fullmatch(way or full))):
            return COUNTER
        return WEIGHT

    def _slots(self) -> dict[int, tuple[str, int]]:
        """Objects that are slots: the slot's name and the object of its variable."""
        found: dict[int, tuple[str, int]] = {}
        for at in self.optimizers:
            for variable, name, slot in self.nodes[at].slots:
                found[slot] = name, variable
            trained = self.children[self.children[at][_TRAINED]] if self.trained[at] else {}
            for name, held in self.children[at].items():
                if name in (_TRAINED, "_variables") or not 0 <= held < len(self.nodes):
                    continue
                for place, slot in self.children[held].items():
                    if place in trained and slot in self.state:
                        found.setdefault(slot, (_LISTS.get(name, _one(name)), trained[place]))
        return found

    def _slot(self, at: int, full: str) -> tuple[str, str]:
        """Key of the weight that a slot belongs to, and the slot's name; "" for what is not known."""
        slot, variable = self.slots.get(at, ("", -1))
        if variable in self.weights:
            called, key = self.weights[variable]
            # Keras 3 names them optimizer/weight_slot, such as adam/dense_kernel_momentum.
            said, own = full.rpartition("/")[2], f"{called.replace('/', '_')}_"
            return key, said.removeprefix(own) if said.startswith(own) else slot
        # Keras 2.11 to 2.15 name them optimizer/slot/weight, such as Adam/m/dense/kernel.
        parts = full.split("/", 2)
        if len(parts) == 3:
            owners = self.called.get(parts[2], [])
            return owners[0] if len(owners) == 1 else "", parts[1]
        return "", slot

    def _copies(self, weights: Sequence[tuple[int, str, str]]) -> dict[str, str]:
        """Keras' exports keep each weight twice, once for the functions: the second's key and the first's."""
        root = self.children[0] if self.children else {}
        second, first = set(self._list(0, "_all_variables")), set(self._list(0, "variables"))
        if "_all_variables" not in root or not first:
            return {}
        left: dict[tuple[object, ...], list[str]] = {}
        for at, full, key in weights:
            if at in first:
                left.setdefault((full, *self._facts(key)), []).append(key)
        found = {}
        for at, full, key in weights:
            if at in second and at not in first and (same := left.get((full, *self._facts(key)))):
                found[key] = same.pop(0)
        return found

    def _facts(self, key: str) -> tuple[object, ...]:
        entry = self.entries[key]
        return entry.dtype, entry.shape, entry.crc32c

    def _names(self, weights: Sequence[tuple[int, str, str]]) -> dict[str, str]:
        """A weight's own name where it tells one layer from another, else the way to it."""
        homes: dict[str, set[str]] = {}
        for at, full, _ in weights:
            way = self.ways.get(at, "")
            if at in self.parent and not self._through_optimizer(at) and not self._is_second(at):
                homes.setdefault(_layer(full), set()).add(_layer(way))
        counts = Counter(full for at, full, _ in weights if not self._is_second(at))
        found = {}
        for at, full, key in weights:
            layer = _layer(full)
            good = layer and counts[full] <= 1 and len(homes.get(layer, ())) <= 1
            way = self.ways.get(at, "")
            if good:
                found[key] = full
            elif self._through_optimizer(at):
                last = full.rpartition("/")[2]
                found[key] = f"{_TRAINED[1:]}/{way.rpartition('/')[2]}/{last}".rstrip("/")
            else:
                found[key] = _shown(way.removeprefix("model/")) or full or key.partition(ATTRIBUTE)[0]
        start = _AUTOMATIC.match(next(iter(found.values()), ""))
        if start and all(name.startswith(start[0]) for name in found.values()):
            found = {key: name.removeprefix(start[0]) for key, name in found.items()}
        return found

    def _is_second(self, at: int) -> bool:
        return self.ways.get(at, "").startswith("_all_variables/")

    def _through_optimizer(self, at: int) -> bool:
        return f"/{_TRAINED}/" in f"/{self.ways.get(at, '')}"


def by_keys(entries: Sequence[Entry]) -> dict[str, Meaning]:
    """What the keys alone say, where the object graph cannot be read."""
    values = {entry.name.partition(ATTRIBUTE)[0]: entry.name for entry in entries}
    found = {}
    for entry in entries:
        if entry.name == KEY:
            found[KEY] = Meaning(KEY, "", TEXT)
            continue
        way = entry.name.partition(ATTRIBUTE)[0]
        owner, mark, rest = way.partition("/.OPTIMIZER_SLOT/")
        name = _shown(owner)
        if mark:
            slot = rest.rpartition("/")[2]
            found[entry.name] = Meaning(f"{name}/{slot}", _layer(name), SLOT, slot, values.get(owner, ""))
            continue
        role = WEIGHT
        through = re.search(r"(^|/)_?\w*optimizer/", way) and _TRAINED not in way
        if "ITERATOR_STATE" in entry.name or entry.dtype in (VARIANT, RESOURCE):
            role = ITERATOR
        elif _TABLE.search(entry.name):
            role = TABLE
        elif entry.dtype == STRING:
            role = TEXT
        elif through:
            role = SLOT if entry.shape else COUNTER
        elif _METRICS.search(way):
            role = METRIC
        elif _REPLAY.search(way):
            role = REPLAY
        elif _RANDOM.search(way):
            role = RANDOM
        elif not entry.shape and "/" not in way and (entry.dtype.startswith("int") or _COUNTS.fullmatch(way)):
            role = COUNTER
        found[entry.name] = Meaning(name, _layer(name) if role == WEIGHT else "", role)
    return found


def is_object_based(entries: Sequence[Entry]) -> bool:
    """Whether `tf.train.Checkpoint` wrote these, by their keys."""
    return any(entry.name == KEY or ATTRIBUTE in entry.name for entry in entries)


def _layer(name: str) -> str:
    return name.rpartition("/")[0]


def _one(name: str) -> str:
    """The name of a list as the name of one: _velocities is velocity."""
    plain = name.strip("_")
    if plain.endswith("ies"):
        return f"{plain[:-3]}y"
    return plain.removesuffix("s") if len(plain) > 2 else plain


def _shown(way: str) -> str:
    return "/".join(part.removeprefix("_") or part for part in way.split("/"))
