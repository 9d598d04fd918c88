"""What the groups of a `.h5` of Keras' older format are: each layer has a list of its weights' names.

Source: keras/src/legacy/saving/legacy_h5_format.py. A whole model has its weights in `model_weights` and its
optimizer's in `optimizer_weights`; weights alone are at the top.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.bundle.entries import Entry
from core.inspect.formats.keras_paths import Meanings
from core.inspect.formats.objects import Meaning
from core.inspect.model import COUNTER, SLOT, WEIGHT

WHOLE, OPTIMIZER = "model_weights", "optimizer_weights"
_TOP = "top_level_model_weights"
_SLOTS = (
    "average|gradient_accumulator|momentum|velocity|velocity_hat|accumulator|accumulated_grad|norm|linear"
    "|accumulated_delta_var|average_gradient|m|v|vhat|rms|mg"
)
_SLOT = re.compile(_SLOTS)
_FLAT = re.compile(f"(.+?)_({_SLOTS})")


def meanings(entries: Sequence[Entry], config: object) -> Meanings:
    """What each key is."""
    found: dict[str, Meaning] = {}
    owners: dict[str, Entry] = {}
    names: dict[str, str] = {}
    for entry in entries:
        key = entry.name.removeprefix(f"{WHOLE}/")
        if key.startswith(f"{OPTIMIZER}/"):
            continue
        group, _, inner = key.partition("/")
        inner = inner.removesuffix(":0")
        # A Sequential's name comes before its layers': sequential/dense/kernel, in the group dense.
        _, own, after = f"/{inner}".partition(f"/{group}/")
        name = inner if group == _TOP else f"{group}/{after}" if own else f"{group}/{inner}"
        names[entry.name] = name
        owners[inner] = owners[inner.replace("/", "_")] = entry
        found[entry.name] = Meaning(name, name.rpartition("/")[0], WEIGHT)
    for entry in entries:
        if entry.name.startswith(f"{OPTIMIZER}/"):
            found[entry.name] = _kept(entry, entry.name.removeprefix(f"{OPTIMIZER}/"), owners, names)
    return Meanings(found, kinds(config))


def kinds(config: object) -> dict[str, str]:
    """A layer's path to its class, as the model's config has them."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any, int]] = [("", config, 0)]
    while waiting and len(found) < 100_000:
        path, each, depth = waiting.pop()
        inner = each.get("config") if isinstance(each, dict) else None
        layers = inner.get("layers") if isinstance(inner, dict) else None
        for layer in layers if isinstance(layers, list) and depth < 64 else ():
            described = layer.get("config") if isinstance(layer, dict) else None
            if isinstance(described, dict):
                name = f"{path}/{described.get('name', '')}".lstrip("/")[:4096]
                found[name] = str(layer.get("class_name", ""))[:200]
                waiting.append((name, layer, depth + 1))
    return found


def _kept(entry: Entry, key: str, owners: Mapping[str, Entry], names: Mapping[str, str]) -> Meaning:
    """An optimizer's value: Adam/m/dense/kernel:0 of Keras 2, adam/dense_kernel_momentum of Keras 3."""
    name = key.removesuffix(":0")
    if not entry.shape:
        return Meaning(name, "", COUNTER)
    parts = name.split("/", 2)
    if len(parts) == 3 and parts[2] in owners:
        return _slot(parts[1], owners[parts[2]], names)
    inner, _, last = name.partition("/")[2].rpartition("/")
    if inner in owners and _SLOT.fullmatch(last):  # the optimizers of Keras before 2.11: Adam/dense/kernel/m
        return _slot(last, owners[inner], names)
    flat = _FLAT.fullmatch(name.rpartition("/")[2])
    if flat and flat[1] in owners:
        return _slot(flat[2], owners[flat[1]], names)
    return Meaning(name, "", SLOT)


def _slot(slot: str, owner: Entry, names: Mapping[str, str]) -> Meaning:
    name = names[owner.name]
    return Meaning(f"{name}/{slot}", name.rpartition("/")[0], SLOT, slot, owner.name)
