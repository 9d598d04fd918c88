"""Pairs drawn from a seed: models of layers that the matrix does not have, and two changes at a time."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.core.inspect.pairs import specs
from tests.core.inspect.pairs.specs import Arch, Change, Spec

Draw = random.Random
_ALL: dict[str, Change] = {change.__name__.strip("_"): change for change in specs.CHANGES}
# Changes of the same setting: of these at most one.
_ONE_OF: tuple[set[str], ...] = (
    {"nested", "nested_frozen", "subclassed", "both_subclassed", "list", "dict", "functional", "shared"},
    {
        *("with_optimizer", "optimizer_missing", "optimizer_dropped", "optimizer_other"),
        *("optimizer_same_count", "optimizer_not_built", "frozen", "list"),
    },
    {"frozen", "both_frozen", "nested_frozen", "auto_names"},
    {"quantized", "into_quantized", "both_quantized", "int4_into_int8", "lora", "into_lora", "auto_names"},
    {"float64", "from_half", "quantized", "into_quantized", "both_quantized", "int4_into_int8"},
    {"last_wider", "skip_mismatch"},
    {"not_built", "auto_names"},
    # What is not built has no layer to freeze, quantize or subclass.
    {
        *("not_built", "frozen", "both_frozen", "nested", "nested_frozen", "subclassed", "both_subclassed"),
        *("list", "dict", "functional", "shared", "into_quantized", "both_quantized", "int4_into_int8"),
        *("into_lora", "optimizer_missing"),
    },
)
_OF_NAMES = {
    *("frozen", "both_frozen", "nested_frozen", "quantized", "into_quantized", "both_quantized"),
    *("int4_into_int8", "lora", "into_lora"),
}


def drawn(seed: int, count: int) -> list[Spec]:
    """So many pairs; the same for the same seed."""
    draw, found, names = Draw(seed), list[Spec](), set[str]()
    families: Sequence[Callable[[Draw], Spec | None]] = (_keras, _keras, _keras, _keras, _graph, _module)
    while len(found) < count:
        spec = draw.choice(families)(draw)
        if spec is not None and spec["name"] not in names:
            names.add(spec["name"])
            found.append({**spec, "name": f"drawn-{seed}-{len(found):03d}-{spec['name']}"})
    return found


def _keras(draw: Draw) -> Spec | None:
    base, arch = draw.choice((("mlp", _dense_layers), ("seq", _sequence_layers), ("img", _image_layers)))
    source = draw.choice(specs.SOURCES)
    changes = draw.sample(sorted(_ALL), draw.choice((1, 2, 2)))
    if any(len(group.intersection(changes)) > 1 for group in _ONE_OF):
        return None
    if base == "seq" and "from_half" in changes:
        return None  # recurrent kernels start orthogonal, which TensorFlow does not compute in bfloat16
    described = arch(draw, source[1])
    if described.get("style") == "functional" and set(changes) & {"functional", "not_built"}:
        return None
    # What goes by the names of layers comes after what changes them.
    changes.sort(key=lambda name: (name in _OF_NAMES, name))
    chosen = [_ALL[name] for name in changes]
    return specs.keras_pair(base, described, source, draw.choice(source[3]), chosen)


def _dense_layers(draw: Draw, version: int) -> Arch:
    kinds: list[dict[str, Any]] = [
        {"class": "Dense", "units": draw.randint(3, 5)},
        {"class": "Dense", "units": 4, "use_bias": False},
        {"class": "BatchNormalization"},
        {"class": "BatchNormalization", "scale": False},
        {"class": "LayerNormalization"},
        {"class": "PReLU"},
        {"class": "Dropout", "rate": 0.5},
    ]
    return _stack(draw, [4], kinds, [])


def _sequence_layers(draw: Draw, version: int) -> Arch:
    kinds: list[dict[str, Any]] = [
        {"class": "Conv1D", "filters": draw.randint(2, 3), "kernel_size": 2, "padding": "same"},
        {"class": "SeparableConv1D", "filters": 2, "kernel_size": 2, "padding": "same"},
        {"class": "LSTM", "units": draw.randint(2, 3), "return_sequences": True},
        {"class": "GRU", "units": 2, "return_sequences": True},
        {"class": "SimpleRNN", "units": 2, "return_sequences": True},
        {
            "class": "Bidirectional",
            "inner": {"class": draw.choice(("LSTM", "GRU")), "units": 2, "return_sequences": True},
        },
        {"class": "TimeDistributed", "inner": {"class": "Dense", "units": 3}},
        {"class": "LayerNormalization"},
    ]
    return _stack(draw, [6, 2], kinds, [{"class": "GlobalAveragePooling1D", "name": "pool"}])


def _image_layers(draw: Draw, version: int) -> Arch:
    kinds: list[dict[str, Any]] = [
        {"class": "Conv2D", "filters": draw.randint(2, 3), "kernel_size": 2, "padding": "same"},
        {"class": "DepthwiseConv2D", "kernel_size": 2, "padding": "same"},
        {"class": "SeparableConv2D", "filters": 2, "kernel_size": 2, "padding": "same"},
        {"class": "Conv2DTranspose", "filters": 2, "kernel_size": 2, "padding": "same"},
        {"class": "BatchNormalization"},
        {"class": "Activation", "activation": "relu"},
    ]
    return _stack(draw, [4, 4, 2], kinds, [{"class": "GlobalAveragePooling2D", "name": "pool"}])


def _stack(draw: Draw, inputs: list[int], kinds: list[dict[str, Any]], pooled: list[dict[str, Any]]) -> Arch:
    body = [copy.deepcopy(draw.choice(kinds)) for _ in range(draw.randint(2, 4))]
    layers = [{**each, "name": f"{each['class'].lower()}_of_{n}"} for n, each in enumerate(body)]
    layers += [*pooled, {"class": "Dense", "name": "head", "units": draw.randint(2, 4)}]
    return {"input": inputs, "style": draw.choice(("sequential", "functional")), "layers": layers}


def _graph(draw: Draw) -> Spec | None:
    pairs = [spec for spec in specs.graph_pairs() if "damage" not in spec]
    return _changed_again(draw, pairs, _graph_arch)


def _graph_arch(draw: Draw, arch: Arch) -> None:
    """One more change of a graph's variables."""
    each = draw.choice(arch["variables"])
    kind = draw.choice(("renamed", "shape", "dtype", "added", "gone"))
    if kind == "renamed":
        each["name"] += "_other"
    elif kind == "shape" and each["shape"] and not each.get("slices"):
        each["shape"] = [size + 1 for size in each["shape"]]
    elif kind == "dtype" and each.get("dtype") != "int64" and not each.get("slices"):
        each["dtype"] = draw.choice(("float64", "float16"))
    elif kind == "added":
        arch["variables"].insert(draw.randint(0, 3), {"name": f"x{draw.randint(0, 9)}/w", "shape": [2, 3]})
    elif kind == "gone" and each["name"] not in arch.get("names_of", {}):
        arch["variables"].remove(each)


def _module(draw: Draw) -> Spec | None:
    pairs = [
        spec for spec in specs.module_pairs() if "damage" not in spec and spec["source"]["kind"] != "saver"
    ]
    return _changed_again(draw, pairs, _tree)


def _tree(draw: Draw, arch: Arch) -> None:
    """One more change of a tree of modules."""
    tree = arch["tree"]
    kind = draw.choice(("renamed", "shape", "dtype", "added", "gone", "deeper"))
    names = [name for name, each in tree.items() if isinstance(each, list) and not isinstance(each[0], dict)]
    names = [name for name in names if name not in tree.values()]  # what is shared keeps its name
    if not names:
        return
    name = draw.choice(names)
    shape, dtype = tree[name]
    if kind == "renamed":
        tree[f"{name}_other"] = tree.pop(name)
    elif kind == "shape":
        tree[name] = [[size + 1 for size in shape] or [2], dtype]
    elif kind == "dtype":
        tree[name] = [shape, "float16" if dtype != "float16" else "float32"]
    elif kind == "added":
        tree[f"x{draw.randint(0, 9)}"] = [[2], "float32"]
    elif kind == "gone" and len(tree) > 2:
        del tree[name]
    elif kind == "deeper":
        tree[name] = {"inside": [shape, dtype]}


def _changed_again(draw: Draw, pairs: list[Spec], change: Callable[[Draw, Arch], None]) -> Spec | None:
    spec = copy.deepcopy(draw.choice(pairs))
    before = copy.deepcopy((spec["source"]["arch"], spec["target"]["arch"]))
    for _ in range(draw.choice((1, 2))):
        change(draw, spec[draw.choice(("source", "target"))]["arch"])
    after = (spec["source"]["arch"], spec["target"]["arch"])
    return None if before == after else {**spec, "name": f"{spec['name']}-changed-{draw.randint(0, 999)}"}
