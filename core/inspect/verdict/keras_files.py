"""What a Keras file stores, as Keras' loaders look at it: by path, or by the order of layers.

Sources: keras/src/saving/saving_lib.py (H5IOStore), keras/src/legacy/saving/legacy_h5_format.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.bundle import Entry, Values
from core.checkpoint import CheckpointError
from core.inspect.keras import KerasFile
from core.inspect.shards import ShardedKerasFile
from core.inspect.verdict.verdict import Shape

VARS = "vars"
LEGACY = "model_weights"
TOP = "top_level_model_weights"
_OLD = "_layer_checkpoint_dependencies"  # what TensorFlow 2.13 calls `layers`


@dataclass(frozen=True)
class Store:
    """The newer format: a group of numbered arrays for every layer, by the path of its attributes.

    Attributes:
        groups: path to the arrays in it by number; "" is the model itself.
        names: path to the name that the layer has.
        paths: every group that there is, those on the way too.
        files: of weights in several files, path to those that its arrays are in.
        missing: those that are not there.
        first: the one that Keras opens before any other; "" where there is one file.
    """

    groups: Mapping[str, Mapping[str, Entry]]
    names: Mapping[str, str]
    paths: frozenset[str]
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    first: str = ""

    def elsewhere(self, wanted: Mapping[str, Sequence[Shape | None]]) -> dict[str, str]:
        """Where the file may have the arrays of layers that have none at their own path: path to path.

        Only where the groups that nobody asks for have the same shapes in the same order.

        Args:
            wanted: path of each layer with weights to their shapes.
        """
        lacking = {path: [*shapes] for path, shapes in wanted.items() if not self.get(path)}
        free = {
            path: [entry.shape for entry in arrays_of(group)]
            for path, group in self.groups.items()
            if group and path not in wanted and path.partition("/")[0] != "optimizer"
        }
        same = [*lacking.values()] == [*free.values()]
        return dict(zip(lacking, free, strict=True)) if same else {}

    def get(self, path: str) -> Mapping[str, Entry]:
        """The arrays that Keras finds for a layer; none where the group is missing."""
        if path in self.groups or _OLD not in self.paths:
            return self.groups.get(path, {})
        return self.groups.get(path.replace("layers", _OLD), {})


@dataclass(frozen=True)
class LegacyLayer:
    """A layer in the older format: its name, and its arrays in order; None for one that is missing."""

    name: str
    weights: tuple[Entry | None, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Legacy:
    """The older format: layers in order.

    Attributes:
        layers: all that are listed, those without weights too.
        top: arrays of the model itself; None when the file has no place for them.
        missing: the first layer that is listed and has no group.
        optimizer: its arrays, in order.
        others: arrays that no list names.
    """

    layers: tuple[LegacyLayer, ...]
    top: LegacyLayer | None
    missing: str = ""
    optimizer: tuple[Entry, ...] = ()
    others: tuple[Entry, ...] = field(default_factory=tuple)


def arrays_of(group: Mapping[str, Entry]) -> list[Entry]:
    """A layer's arrays by their numbers."""
    return [group[key] for key in sorted(group, key=lambda key: (not key.isdecimal(), len(key), key))]


def store_of(values: Values) -> Store:
    """The file as the newer format has it; no group where it is of another format."""
    groups: dict[str, dict[str, Entry]] = {}
    paths: set[str] = set()
    names: dict[str, str] = {}
    for entry in values.entries:
        path, _, number = entry.name.rpartition("/")
        _add(path, paths)
        owner, _, last = path.rpartition("/")
        if last == VARS or path == VARS:
            groups.setdefault(owner, {})[number] = entry
    for path, name in getattr(values, "layers", {}).items():
        _add(path, paths)
        owner, _, last = path.rpartition("/")
        if last == VARS or path == VARS:
            groups.setdefault(owner, {})
            names[owner] = name
    if not isinstance(values, ShardedKerasFile):
        return Store(groups, names, frozenset(paths))
    mapped: set[str] = set()  # Keras looks for groups in the list alone
    for path in values.mapped:
        _add(path, mapped)
        groups.setdefault(path, {})
    missing = frozenset(values.missing)
    return Store(groups, names, frozenset(mapped), values.mapped, missing, values.first)


def legacy_of(values: KerasFile) -> Legacy:
    """The file as the older format has it; no layer where it is of another format.

    Raises:
        CheckpointError: its lists cannot be read.
    """
    known = {entry.name: entry for entry in values.entries}
    whole = not values.texts("", "layer_names") and any(key.startswith(f"{LEGACY}/") for key in known)
    root = f"{LEGACY}/" if whole or _has(values, LEGACY) else ""
    layers: list[LegacyLayer] = []
    missing = ""
    used: set[str] = set()
    for name in values.texts(root.rstrip("/"), "layer_names"):
        layer = _legacy_layer(values, known, f"{root}{name}", name)
        if layer is None:
            missing = missing or name
            layer = LegacyLayer(name, ())
        layers.append(layer)
    top = _legacy_layer(values, known, f"{root}{TOP}", TOP)
    for layer in [*layers, *([top] if top else [])]:
        used |= {entry.name for entry in layer.weights if entry}
    optimizer: tuple[Entry, ...] = ()
    if any(key.startswith("optimizer_weights/") for key in known):
        listed = [f"optimizer_weights/{name}" for name in values.texts("optimizer_weights", "weight_names")]
        optimizer = tuple(known[name] for name in listed if name in known)
        used |= {entry.name for entry in optimizer}
    others = tuple(entry for key, entry in known.items() if key not in used)
    return Legacy(tuple(layers), top, missing, optimizer, others)


def _has(values: KerasFile, path: str) -> bool:
    try:
        return bool(values.texts(path, "layer_names"))
    except CheckpointError:
        return False


def _legacy_layer(values: KerasFile, known: Mapping[str, Entry], path: str, name: str) -> LegacyLayer | None:
    try:
        names = values.texts(path, "weight_names")
    except CheckpointError:
        return None
    return LegacyLayer(name, tuple(known.get(f"{path}/{each}") for each in names), names)


def _add(path: str, paths: set[str]) -> None:
    while path and path not in paths:
        paths.add(path)
        path = path.rpartition("/")[0]
