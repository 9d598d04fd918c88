"""The pairs: every format × every change, and others drawn from a seed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
Arch = dict[str, Any]

MLP: Arch = {
    "layers": [
        {"class": "Dense", "name": "a", "units": 4},
        {"class": "Dense", "name": "b", "units": 4},
        {"class": "BatchNormalization", "name": "bn"},
        {"class": "Dropout", "name": "drop", "rate": 0.5},
        {"class": "Dense", "name": "c", "units": 3},
    ]
}
CNN: Arch = {
    "input": [6, 6, 1],
    "style": "functional",
    "layers": [
        {"class": "Conv2D", "name": "conv", "filters": 2, "kernel_size": 2},
        {"class": "BatchNormalization", "name": "bn"},
        {"class": "Conv2D", "name": "conv2", "filters": 2, "kernel_size": 2},
        {"class": "Flatten", "name": "flat"},
        {"class": "Dense", "name": "head", "units": 3},
    ],
}
RNN: Arch = {
    "input": [5],
    "input_type": "int32",
    "layers": [
        {"class": "Embedding", "name": "words", "input_dim": 7, "output_dim": 3},
        {
            "class": "Bidirectional",
            "name": "both",
            "inner": {"class": "LSTM", "units": 2, "return_sequences": True},
        },
        {"class": "GRU", "name": "gru", "units": 2},
        {"class": "LayerNormalization", "name": "norm"},
        {"class": "Dense", "name": "head", "units": 3},
    ],
}

Change = Callable[[Arch, Arch, Spec], None]  # of the source's and the target's description, and of the pair


def _same(source: Arch, target: Arch, spec: Spec) -> None:
    """Nothing differs."""


def _renamed(source: Arch, target: Arch, spec: Spec) -> None:
    target["layers"][0]["name"] += "_renamed"


def _inserted(source: Arch, target: Arch, spec: Spec) -> None:
    target["layers"].insert(-1, {"class": "Dense", "name": "new", "units": 4})


def _inserted_first(source: Arch, target: Arch, spec: Spec) -> None:
    target["layers"].insert(0, {**target["layers"][0], "name": "new"})


def _removed(source: Arch, target: Arch, spec: Spec) -> None:
    del target["layers"][1]


def _wider(source: Arch, target: Arch, spec: Spec) -> None:
    layer = target["layers"][0]
    for key in ("units", "filters", "output_dim"):
        if key in layer:
            layer[key] += 1


def _last_wider(source: Arch, target: Arch, spec: Spec) -> None:
    target["layers"][-1]["units"] += 2


def _float64(source: Arch, target: Arch, spec: Spec) -> None:
    target["dtype"] = "float64"


def _from_half(source: Arch, target: Arch, spec: Spec) -> None:
    source["dtype"] = "bfloat16" if source.get("keras", 3) == 3 else "float16"


def _no_bias(source: Arch, target: Arch, spec: Spec) -> None:
    target["layers"][-1]["use_bias"] = False


def _frozen(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"] = target["optimizer"] = "adam"
    target["frozen"] = [target["layers"][0]["name"], target["layers"][-1]["name"]]


def _both_frozen(source: Arch, target: Arch, spec: Spec) -> None:
    source["frozen"] = target["frozen"] = [target["layers"][0]["name"]]


def _nested(source: Arch, target: Arch, spec: Spec) -> None:
    source["style"] = target["style"] = "nested"


def _nested_frozen(source: Arch, target: Arch, spec: Spec) -> None:
    source["style"] = target["style"] = "nested"
    target["frozen"] = [target["layers"][0]["name"]]


def _subclassed(source: Arch, target: Arch, spec: Spec) -> None:
    target["style"] = "subclassed"


def _both_subclassed(source: Arch, target: Arch, spec: Spec) -> None:
    source["style"] = target["style"] = "subclassed"
    del target["layers"][1]


def _list(source: Arch, target: Arch, spec: Spec) -> None:
    source["style"] = target["style"] = "list"
    source["optimizer"] = target["optimizer"] = "adam"


def _dict(source: Arch, target: Arch, spec: Spec) -> None:
    source["style"] = target["style"] = "dict"
    target["layers"].insert(1, {**target["layers"][0], "name": "new"})


def _functional(source: Arch, target: Arch, spec: Spec) -> None:
    target["style"] = "functional" if source.get("style", "sequential") == "sequential" else "sequential"


def _shared(source: Arch, target: Arch, spec: Spec) -> None:
    source["style"], target["style"] = "shared", "subclassed"


def _with_optimizer(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"] = target["optimizer"] = "adam"


def _optimizer_missing(source: Arch, target: Arch, spec: Spec) -> None:
    target["optimizer"] = "adam"


def _optimizer_dropped(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"] = "adam"


def _optimizer_other(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"], target["optimizer"] = "sgd", "adam"


def _optimizer_same_count(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"], target["optimizer"] = "adagrad", "rmsprop"


def _optimizer_not_built(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"] = target["optimizer"] = "adam"
    target["trained"] = False


def _not_built(source: Arch, target: Arch, spec: Spec) -> None:
    target["built"] = False
    spec["target"]["kind"] = ".keras"  # the one format in which such a model can be saved


def _auto_names(source: Arch, target: Arch, spec: Spec) -> None:
    target["auto_names"] = True


def _quantized(source: Arch, target: Arch, spec: Spec) -> None:
    source["quantized"], source["mode"] = [_dense(source)], "int8"


def _into_quantized(source: Arch, target: Arch, spec: Spec) -> None:
    target["quantized"], target["mode"] = [_dense(target)], "int8"


def _both_quantized(source: Arch, target: Arch, spec: Spec) -> None:
    _quantized(source, target, spec)
    _into_quantized(source, target, spec)


def _int4_into_int8(source: Arch, target: Arch, spec: Spec) -> None:
    _both_quantized(source, target, spec)
    source["mode"] = "int4"


def _lora(source: Arch, target: Arch, spec: Spec) -> None:
    source["lora"] = {_dense(source): 2}


def _into_lora(source: Arch, target: Arch, spec: Spec) -> None:
    target["lora"] = {_dense(target): 2}


def _skip_mismatch(source: Arch, target: Arch, spec: Spec) -> None:
    _last_wider(source, target, spec)
    spec["call"]["skip_mismatch"] = True


def _no_data(source: Arch, target: Arch, spec: Spec) -> None:
    kind = spec["source"]["kind"]
    spec["damage"] = [
        {".weights.json": "no shard", ".keras": "no weights"}.get(
            kind, "cut" if kind.endswith("h5") else "no data"
        )
    ]


def _dense(arch: Arch) -> str:
    return str(next(each["name"] for each in reversed(arch["layers"]) if each["class"] == "Dense"))


CHANGES: tuple[Change, ...] = (
    _same,
    _renamed,
    _inserted,
    _inserted_first,
    _removed,
    _wider,
    _last_wider,
    _float64,
    _from_half,
    _no_bias,
    _frozen,
    _both_frozen,
    _nested,
    _nested_frozen,
    _subclassed,
    _both_subclassed,
    _list,
    _dict,
    _functional,
    _shared,
    _with_optimizer,
    _optimizer_missing,
    _optimizer_dropped,
    _optimizer_other,
    _optimizer_same_count,
    _optimizer_not_built,
    _not_built,
    _auto_names,
    _quantized,
    _into_quantized,
    _both_quantized,
    _int4_into_int8,
    _lora,
    _into_lora,
    _skip_mismatch,
    _no_data,
)
ONLY_KERAS_3 = {_quantized, _into_quantized, _both_quantized, _int4_into_int8, _lora, _into_lora, _not_built}
_OWN_CLASSES = ("subclassed", "list", "dict", "shared")
SUBCLASSED = {_subclassed, _both_subclassed, _list, _dict, _shared}
# Format, the Keras that writes it, the call, and what may describe the model.
Source = tuple[str, int, Mapping[str, Any], tuple[str, ...]]
# What Keras 2 writes, or what only one loader has an option for.
SOURCES: tuple[Source, ...] = (
    (".weights.h5", 3, {"how": "load_weights"}, (".keras", ".weights.h5")),
    (".keras", 3, {"how": "load_weights"}, (".keras",)),
    (".weights.json", 3, {"how": "load_weights"}, (".keras",)),
    (".h5", 3, {"how": "load_weights"}, (".h5", ".keras")),
    (".h5", 3, {"how": "load_weights", "by_name": True}, (".h5", ".keras")),
    (".weights.h5", 2, {"how": "load_weights"}, (".keras",)),
    (".keras", 2, {"how": "load_weights"}, (".weights.h5",)),
    (".h5", 2, {"how": "load_weights"}, (".keras", ".h5")),
    (".w.h5", 2, {"how": "load_weights", "by_name": True}, (".keras",)),
    ("tf", 2, {"how": "read", "root": "root"}, ("objects", ".keras")),
    ("objects", 3, {"how": "read", "root": "model"}, ("objects", ".keras")),
)


def keras_pair(
    base: str, arch: Arch, source: Source, target_kind: str, changes: Sequence[Change]
) -> Spec | None:
    """One pair of Keras' files; None where this format knows no such change."""
    kind, version, call, _ = source
    objects = kind in ("objects", "tf")
    for change in changes:
        if version == 2 and change in ONLY_KERAS_3 - {_into_quantized, _into_lora, _not_built}:
            return None
        if change is _skip_mismatch and objects:
            return None
        if change is _no_data and (version, kind) == (3, ".h5") and call.get("by_name"):
            return None
    source_arch, target_arch = copy.deepcopy(arch), copy.deepcopy(arch)
    source_arch["keras"] = version
    spec: Spec = {
        "family": "keras",
        "source": {"arch": source_arch, "kind": kind},
        "target": {"arch": target_arch, "kind": target_kind},
        "call": dict(call),
    }
    for change in changes:
        change(source_arch, target_arch, spec)
    subclassed = SUBCLASSED.intersection(changes)
    if subclassed and objects:
        spec["target"]["kind"] = "objects"  # no Keras file tells the attributes
    elif subclassed and kind in (".h5", ".w.h5"):
        spec["target"]["kind"] = ".h5"  # no other tells the order of the layers
    elif subclassed and version == 2 and _subclassed not in changes:
        spec["undecided"] = True  # Keras 2 keeps layers by attributes that no file of Keras 3 tells
    if objects:
        root = call["root"]
        for side in ("source", "target"):
            spec[side] |= {"root": root, "optimizer": bool(root != "root")}
        spec["call"]["optimizer"] = root != "root"
        if source_arch.get("style") in ("list", "dict") and version == 2:
            return None
    if (version, kind) == (2, ".h5") and source_arch.get("style") in _OWN_CLASSES:
        return None  # Keras 2 writes no whole .h5 of them
    what = "-".join(change.__name__.strip("_").replace("_", "-") for change in changes)
    how = "-by-name" if call.get("by_name") else ""
    spec["name"] = f"{base}-k{version}{kind.replace('.', '-')}{how}-{what}"
    return spec


def keras_pairs(base: str, arch: Arch, changes: Sequence[Change]) -> Iterator[Spec]:
    """Every format of Keras × every change, of one model."""
    for n, source in enumerate(SOURCES):
        for m, change in enumerate(changes):
            targets = source[3]
            spec = keras_pair(base, arch, source, targets[(n + m) % len(targets)], [change])
            if spec is not None:
                yield spec


VARIABLES: Arch = {
    "variables": [
        {"name": "a/kernel", "shape": [4, 3]},
        {"name": "a/bias", "shape": [3]},
        {"name": "b/kernel", "shape": [3, 2]},
        {"name": "steps", "shape": [], "dtype": "int64"},
    ]
}


def _variable(arch: Arch, name: str) -> dict[str, Any]:
    return dict(next(each for each in arch["variables"] if each["name"] == name))


def _changed(arch: Arch, which: str, **settings: Any) -> None:
    arch["variables"] = [
        {**each, **settings} if each["name"] == which else each for each in arch["variables"]
    ]


def _g_same(source: Arch, target: Arch, spec: Spec) -> None:
    """Nothing differs."""


def _g_renamed(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(target, "a/kernel", name="first/kernel")


def _g_inserted(source: Arch, target: Arch, spec: Spec) -> None:
    target["variables"].append({"name": "c/kernel", "shape": [2, 2]})


def _g_removed(source: Arch, target: Arch, spec: Spec) -> None:
    del target["variables"][1]


def _g_shape(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(target, "a/bias", shape=[5])


def _g_same_size(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(target, "a/kernel", shape=[3, 4])


def _g_dtype(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(target, "a/kernel", dtype="float64")


def _g_step_dtype(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(source, "steps", dtype="int32")


def _g_adam(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"] = target["optimizer"] = "adam"


def _g_optimizer_missing(source: Arch, target: Arch, spec: Spec) -> None:
    target["optimizer"] = "adam"


def _g_optimizer_dropped(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"] = "adam"


def _g_optimizer_other(source: Arch, target: Arch, spec: Spec) -> None:
    source["optimizer"], target["optimizer"] = "momentum", "adam"


def _g_partitioned(source: Arch, target: Arch, spec: Spec) -> None:
    for arch in (source, target):
        _changed(arch, "a/kernel", slices=2)


def _g_into_partitioned(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(target, "a/kernel", slices=2)


def _g_from_partitioned(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(source, "a/kernel", slices=2)


def _g_repartitioned(source: Arch, target: Arch, spec: Spec) -> None:
    _changed(source, "a/kernel", slices=2)
    _changed(target, "a/kernel", slices=4)


def _g_names_of(source: Arch, target: Arch, spec: Spec) -> None:
    source["names_of"] = {"a/kernel": "old/kernel"}
    target["names_of"] = {"a/kernel": "old/kernel"}


def _g_reference(source: Arch, target: Arch, spec: Spec) -> None:
    for arch in (source, target):
        arch["variables"] = [{**each, "resource": False} for each in arch["variables"]]
    _changed(target, "b/kernel", shape=[3, 3])


def _g_no_data(source: Arch, target: Arch, spec: Spec) -> None:
    spec["damage"] = ["no data"]


def _g_no_index(source: Arch, target: Arch, spec: Spec) -> None:
    spec["damage"] = ["no index"]


def _g_cut(source: Arch, target: Arch, spec: Spec) -> None:
    spec["damage"] = ["cut"]


GRAPH_CHANGES: tuple[Change, ...] = (
    *(_g_same, _g_renamed, _g_inserted, _g_removed, _g_shape, _g_same_size, _g_dtype, _g_step_dtype, _g_adam),
    *(_g_optimizer_missing, _g_optimizer_dropped, _g_optimizer_other, _g_partitioned, _g_into_partitioned),
    *(_g_from_partitioned, _g_repartitioned, _g_names_of, _g_reference, _g_no_data, _g_no_index, _g_cut),
)
PARTITIONED: set[Change] = {_g_partitioned, _g_into_partitioned, _g_from_partitioned}
OF_FILES: set[Change] = {_g_no_data, _g_no_index, _g_cut}


def graph_pairs() -> Iterator[Spec]:
    """A Saver's files and an object-based checkpoint into a graph: its `.meta`, or its SavedModel."""
    sources = (("v2", 2), ("v1", 1), ("objects", 2), ("saved_model", 2))
    for n, (kind, version) in enumerate(sources):
        for m, change in enumerate(GRAPH_CHANGES):
            if kind != "v2" and change in OF_FILES | {_g_repartitioned, _g_reference}:
                continue
            if kind == "objects" and change in {*PARTITIONED, _g_names_of}:
                continue
            if kind == "v1" and change in PARTITIONED:
                continue
            if kind == "saved_model" and change in {_g_names_of}:
                continue
            source, target = copy.deepcopy(VARIABLES), copy.deepcopy(VARIABLES)
            source["version"] = version
            target_kind = "saved_model" if (n + m) % 3 == 2 and change not in {_g_names_of} else "meta"
            spec: Spec = {
                "family": "graph",
                "source": {"arch": source, "kind": "v2" if kind == "v1" else kind},
                "target": {"arch": target, "kind": target_kind},
                "call": {"how": "saver"},
            }
            change(source, target, spec)
            what = change.__name__.removeprefix("_g_").replace("_", "-")
            spec["name"] = f"graph-{kind.replace('_', '-')}-{what}"
            yield spec


TREE: Arch = {
    "tree": {
        "kernel": [[3, 2], "float32"],
        "inner": {"bias": [[2], "float32"], "deeper": {"scale": [[], "float32"]}},
        "parts": [{"w": [[2, 2], "float32"]}, {"v": [[4], "float32"]}],
        "count": [[], "int64"],
    }
}


def _t_same(source: Arch, target: Arch, spec: Spec) -> None:
    """Nothing differs."""


def _t_renamed(source: Arch, target: Arch, spec: Spec) -> None:
    target["tree"]["within"] = target["tree"].pop("inner")


def _t_inserted(source: Arch, target: Arch, spec: Spec) -> None:
    target["tree"]["inner"]["extra"] = [[2], "float32"]


def _t_removed(source: Arch, target: Arch, spec: Spec) -> None:
    del target["tree"]["inner"]["bias"]


def _t_list_shorter(source: Arch, target: Arch, spec: Spec) -> None:
    del target["tree"]["parts"][1]


def _t_list_shifted(source: Arch, target: Arch, spec: Spec) -> None:
    target["tree"]["parts"].insert(0, {"u": [[3], "float32"]})


def _t_shape(source: Arch, target: Arch, spec: Spec) -> None:
    target["tree"]["inner"]["bias"] = [[5], "float32"]


def _t_dtype(source: Arch, target: Arch, spec: Spec) -> None:
    target["tree"]["kernel"] = [[3, 2], "float64"]


def _t_half(source: Arch, target: Arch, spec: Spec) -> None:
    source["tree"]["kernel"] = [[3, 2], "float16"]


def _t_shared(source: Arch, target: Arch, spec: Spec) -> None:
    source["tree"]["zagain"], target["tree"]["zagain"] = "kernel", [[3, 2], "float32"]


def _t_into_shared(source: Arch, target: Arch, spec: Spec) -> None:
    source["tree"]["zagain"], target["tree"]["zagain"] = [[3, 2], "float32"], "kernel"


def _t_module_for_variable(source: Arch, target: Arch, spec: Spec) -> None:
    target["tree"]["kernel"] = {"kernel": [[3, 2], "float32"]}


def _t_root(source: Arch, target: Arch, spec: Spec) -> None:
    source["root"] = "model"


def _t_both_in_model(source: Arch, target: Arch, spec: Spec) -> None:
    source["root"] = target["root"] = spec["call"]["root"] = "model"


def _t_counter(source: Arch, target: Arch, spec: Spec) -> None:
    source["counter"] = True
    spec["call"]["how"] = "restore"


def _t_no_data(source: Arch, target: Arch, spec: Spec) -> None:
    spec["damage"] = ["no data"]


def _t_no_index(source: Arch, target: Arch, spec: Spec) -> None:
    spec["damage"] = ["no index"]


TREE_CHANGES: tuple[Change, ...] = (
    *(_t_same, _t_renamed, _t_inserted, _t_removed, _t_list_shorter, _t_list_shifted, _t_shape, _t_dtype),
    *(_t_half, _t_shared, _t_into_shared, _t_module_for_variable, _t_root, _t_both_in_model, _t_counter),
    *(_t_no_data, _t_no_index),
)


def module_pairs() -> Iterator[Spec]:
    """Objects into objects: another program's checkpoint of them, or a SavedModel."""
    for kind in ("objects", "saved_model"):
        for n, change in enumerate(TREE_CHANGES):
            if kind == "saved_model" and change in {
                _t_no_data,
                _t_no_index,
                _t_root,
                _t_both_in_model,
                _t_counter,
            }:
                continue
            source, target = copy.deepcopy(TREE), copy.deepcopy(TREE)
            spec: Spec = {
                "family": "module",
                "source": {"arch": source, "kind": kind},
                "target": {"arch": target, "kind": ("objects", "saved_model")[n % 2]},
                "call": {"how": "restore" if kind == "saved_model" else "read", "root": "root"},
            }
            change(source, target, spec)
            if change in {_t_both_in_model}:
                spec["target"]["kind"] = "objects"
            what = change.__name__.removeprefix("_t_").replace("_", "-")
            spec["name"] = f"module-{kind.replace('_', '-')}-{what}"
            yield spec
    for change in (_g_same, _g_shape, _g_dtype, _g_removed):
        arch: Arch = {
            "variables": [
                {"name": "kernel", "shape": [3, 2]},
                {"name": "bias", "shape": [2]},
                {"name": "count", "shape": [], "dtype": "int64"},
            ]
        }
        if change is _g_shape:
            arch["variables"][1]["shape"] = [5]
        elif change is _g_dtype:
            arch["variables"][0]["dtype"] = "float64"
        elif change is _g_removed:
            del arch["variables"][0]
        yield {
            "family": "module",
            "source": {"arch": arch, "kind": "saver"},
            "target": {
                "arch": copy.deepcopy(TREE),
                "kind": "saved_model" if change in (_g_same, _g_shape) else "objects",
            },
            "call": {"how": "read", "root": "root"},
            "name": f"module-saver-{change.__name__.removeprefix('_g_').replace('_', '-')}",
        }


def matrix() -> list[Spec]:
    """Every pair of the matrix."""
    few = (_same, _renamed, _wider, _removed, _frozen, _both_frozen, _float64, _functional, _optimizer_other)
    return [
        *graph_pairs(),
        *module_pairs(),
        *keras_pairs("mlp", MLP, CHANGES),
        *keras_pairs("cnn", CNN, (*few, _quantized)),
        *keras_pairs("rnn", RNN, few),
    ]
