"""Orbax' checkpoints, as far as their metadata tell: names, and shapes where something says them.

Values are in OCDBT, which no library here reads. Sources: orbax/checkpoint/_src/metadata/tree.py,
keras/src/callbacks/orbax_checkpoint.py, whose model's configuration tells the shapes of its layers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.bundle.entries import Entry, numpy_dtype
from core.bundle.source import json_object
from core.bundle.values import Array, Values
from core.checkpoint import CheckpointError, Unsupported
from core.inspect.formats.objects import Meaning
from core.inspect.model import COUNTER, METRIC, SLOT, WEIGHT

TREE = "_METADATA"
_LARGEST = 16 << 20
_MOST = 100_000
_ROLES = {"trainable_variables": WEIGHT, "non_trainable_variables": WEIGHT, "metrics_variables": METRIC}
_OPTIMIZER = "optimizer_variables"
_CONFIG = "model_config/_strings.json"
NOT_READ = "its values are in OCDBT files, which are not read here"


class OrbaxTree(Values):
    """The names in one checkpoint of Orbax, with shapes; values cannot be read.

    Attributes:
        kinds: a layer's path to its class, of Keras' own.
        of_one_device: weights of which only the shape that one device wrote is known, and no type.
        config: of a Keras model; None of other trees.
    """

    kinds: dict[str, str]
    of_one_device: set[str]
    config: Any

    def __init__(self, path: Path) -> None:
        """Read the metadata.

        Raises:
            CheckpointError: they are missing or damaged.
        """
        self.damaged, self.kinds, self.of_one_device, self.config = {}, {}, set(), None
        trees = sorted(path.glob(f"*/{TREE}")) or [path / TREE]
        self._names: dict[str, tuple[str, ...]] = {}
        scalars: set[str] = set()
        for tree in trees:
            for names, value in _leaves(tree):
                key = "/".join(names)
                if value.get("value_type") in ("scalar", "np.ndarray", "jax.Array"):
                    self._names[key] = names
                    scalars |= {key} if value["value_type"] == "scalar" else set()
        shapes = self._shapes(path)
        entries = []
        for key in self._names:
            dtype, shape = shapes.get(key, ("float32", ())) if key in shapes or key in scalars else ("", ())
            if not dtype:
                self.damaged[key] = f"{key}: its shape is not in the metadata, and {NOT_READ}."
                continue
            itemsize = (numpy_dtype(dtype) or numpy_dtype("float32")).itemsize  # type: ignore[union-attr]
            entry = Entry(key, dtype, shape, 0, 0, 0)
            entries.append(entry._replace(size=entry.elements * itemsize))
        self.entries = tuple(entries)

    def close(self) -> None:
        """Nothing is open."""

    def read(self, entry: Entry) -> Array:
        raise Unsupported(f"{entry.name}: {NOT_READ}.")

    def meanings(self) -> dict[str, Meaning]:
        """What each key is; of a tree that Keras did not write, a weight."""
        found = {}
        for entry in self.entries:
            first, *rest = self._names[entry.name]
            name = self._named((first, *rest)) or first
            if first == _OPTIMIZER:
                owner, slot = self._owner(rest[-1])
                role = SLOT if owner else COUNTER
                shown = f"{self._named(self._names[owner])}/{slot}" if owner else name
                found[entry.name] = Meaning(
                    shown, shown.rpartition("/")[0] if owner else "", role, slot, owner
                )
            elif first in _ROLES:
                role = _ROLES[first]
                found[entry.name] = Meaning(name, name.rpartition("/")[0] if role == WEIGHT else "", role)
            else:
                whole = "/".join(self._names[entry.name])
                found[entry.name] = Meaning(whole, whole.rpartition("/")[0], WEIGHT)
        return found

    def _owner(self, name: str) -> tuple[str, str]:
        """The weight that body_kernel_momentum belongs to, and what is left of the name."""
        for key, names in self._names.items():
            flat = "_".join(names[1:])
            if names[0] in ("trainable_variables", "non_trainable_variables") and name.startswith(f"{flat}_"):
                return key, name[len(flat) + 1 :]
        return "", ""

    def _named(self, names: Sequence[str]) -> str:
        """What a weight is called: without the name of a Sequential model, which its file puts before it."""
        described = self.config if isinstance(self.config, dict) else {}
        inner = described.get("config")
        own = inner.get("name") if isinstance(inner, dict) else None
        around = described.get("class_name") == "Sequential" and len(names) > 3 and names[1] == own
        return "/".join(names[2:] if around else names[1:])

    def _shapes(self, path: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Key to dtype and shape: from the configuration of a Keras model, and from Orbax' list of arrays."""
        found: dict[str, tuple[str, tuple[int, ...]]] = {}
        for place in path.glob("*/array_metadatas/process_*"):
            listed = _described(place).get("array_metadatas", ())
            for each in listed if isinstance(listed, list) else ():
                about = each.get("array_metadata", {}) if isinstance(each, dict) else {}
                shape, name = about.get("write_shape"), str(about.get("param_name", "")).replace(".", "/")
                if isinstance(shape, list) and all(isinstance(size, int) and size >= 0 for size in shape):
                    found[name] = "float32", tuple(shape)
        self.of_one_device = {
            key for key, names in self._names.items() if key in found and names[0] != _OPTIMIZER
        }
        if (path / _CONFIG).is_file():
            own = self._of_keras(path)
            for key, names in self._names.items():
                name = self._named(names)
                if name in own and names[0] in _ROLES:
                    found[key] = own[name]
                    self.of_one_device.discard(key)
            for key, names in self._names.items():
                owner = self._owner(names[-1])[0] if names[0] == _OPTIMIZER else ""
                if owner in found:
                    found[key] = found[owner]
        return found

    def _of_keras(self, path: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
        from core.inspect.verdict import keras_layers
        from core.inspect.verdict.keras_target import placed, target_of_config

        config = _described(path / _CONFIG).get("config")
        try:
            self.config = json.loads(config) if isinstance(config, str) else None
            layer = keras_layers.layer_of(self.config) if self.config else None
        except (ValueError, RecursionError):
            return {}
        if layer is None or layer.layers is None:
            return {}
        self.kinds = {each.name: each.kind for _, each in placed(layer)}
        weights = (weight for part in target_of_config(layer).parts for weight in part.weights)
        return {each.label: (each.dtype, each.shape) for each in weights if each.shape is not None}


def _described(path: Path) -> dict[str, Any]:
    return json_object(path, _LARGEST, f"{path.name} of {path.parent.name}")


def _leaves(path: Path) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    tree = _described(path).get("tree_metadata", {})
    if not isinstance(tree, dict) or len(tree) > _MOST:
        raise CheckpointError(f"{path.name} of {path.parent.name} is damaged: it has no tree.")
    for each in tree.values():
        keys = each.get("key_metadata") if isinstance(each, dict) else None
        value = each.get("value_metadata") if isinstance(each, dict) else None
        if isinstance(keys, list) and keys and isinstance(value, dict):
            yield tuple(str(key.get("key", ""))[:500] for key in keys if isinstance(key, dict)), value
