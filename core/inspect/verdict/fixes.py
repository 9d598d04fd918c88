"""Ways out of what does not load: an option of the loader, or values that are read and assigned by name.

A test runs each on files of its kind and counts the weights that came.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.bundle import Entry
from core.bundle.graph import ATTRIBUTE, Object, paths
from core.inspect.find import SHARDED
from core.inspect.graphs import Restored
from core.inspect.keras import BFLOAT16
from core.inspect.verdict import by_order, by_path, keras_layers, object_graph, objects
from core.inspect.verdict.keras_files import Legacy, Store, arrays_of
from core.inspect.verdict.keras_target import KerasTarget, Part, Weight
from core.inspect.verdict.verdict import LOADED, Fix, Shape, Told

_ASSIGN_KERAS = """{head}
WEIGHTS = {pairs}  # of the model: in the file
{open}
    for weight in model.weights:
        *layers, own = weight.path.split("/")
        for name in WEIGHTS:
            *inside, last = name.split("/")
            if own == last and set(inside) <= set(layers):
                value = file[WEIGHTS[name]][()]
                weight.assign({value})
"""
_ASSIGN_READ = """import tensorflow as tf

WEIGHTS = {pairs}  # of the model: in the file
reader = tf.train.load_checkpoint({prefix!r})
for weight in model.weights:
    *layers, own = weight.path.split("/")
    for name in WEIGHTS:
        *inside, last = name.split("/")
        if own == last and set(inside) <= set(layers):
            weight.assign(reader.get_tensor(WEIGHTS[name]))
"""
_ASSIGN_OBJECTS = '''import tensorflow as tf

VALUES = {pairs}  # of the program: in the checkpoint


def at(start, path):
    """Follow attributes, places in lists and keys of dictionaries."""
    for name in path.split("/"):
        if isinstance(start, dict):
            start = start[name]
        else:
            start = start[int(name)] if name.isdecimal() else getattr(start, name)
    return start


reader = tf.train.load_checkpoint({prefix!r})
for path, key in VALUES.items():
    variable = at({program}, path)
    variable.assign(tf.cast(reader.get_tensor(key), variable.dtype))
'''
_ASSIGN_GRAPH = """import tensorflow as tf

VARIABLES = {pairs}  # of the graph: in the checkpoint
reader = tf.train.load_checkpoint({prefix!r})
with session.graph.as_default():
    variables = {{each.op.name: each for each in tf.compat.v1.global_variables()}}
    for name, key in VARIABLES.items():
        dtype = variables[name].dtype.base_dtype.as_numpy_dtype
        variables[name].load(reader.get_tensor(key).astype(dtype), session)
"""


_OTHERS = re.compile(
    r"(^|/)(_?optimizer|save_counter|\.OPTIMIZER_SLOT|(total|count|keras_api)$)|(adam|sgd|rmsprop)/", re.I
)


@dataclass(frozen=True)
class Named:
    """A tensor of the file by what people call it: layer and name."""

    label: str
    key: str
    dtype: str
    shape: Shape


def of_graph(
    prefix: str, wanted: Sequence[Restored], entries: Mapping[str, Entry], stored: Sequence[Object]
) -> tuple[Fix, ...]:
    """Ways to load into a graph."""
    names = {name: key for node in stored for name, key in node.keys}
    there = {key: entry for key, entry in entries.items() if entry.dtype != "string" and not entry.slices}
    pairs: dict[str, str] = {}
    whole = [each for each in wanted if not each.slice]
    for each in whole:
        key = each.key if each.key in there else names.get(each.variable, "")
        if key in there and there[key].shape == each.shape:
            pairs[each.variable] = key
    lost = [each for each in whole if each.variable not in pairs and each.shape is not None]
    free = [entry for key, entry in there.items() if key not in pairs.values()]
    pairs |= _the_only_ones(
        [(each.variable, (each.shape, each.key.rpartition("/")[2])) for each in lost],
        [
            (entry.name, (entry.shape, entry.name.partition(ATTRIBUTE)[0].rpartition("/")[2]))
            for entry in free
        ],
    )
    if not pairs:
        return ()
    code = _ASSIGN_GRAPH.format(pairs=_literal(pairs), prefix=prefix)
    return (Fix("Read what fits, cast it and assign it", code, len(pairs)),)


def of_objects(
    prefix: str,
    target: object_graph.Target,
    stored: Sequence[Object],
    entries: Mapping[str, Entry],
    start: int,
    program: str,
    *,
    by_attributes: bool = True,
) -> tuple[Fix, ...]:
    """Ways to load into the objects of a program.

    Args:
        by_attributes: whether the target's paths are attributes that a program can follow.
    """
    found: list[Fix] = []
    best = object_graph.best_start(stored, target) if stored else 0
    if best != start:
        told = objects.restore(stored, entries, target, start=best)
        name = next((name for name, child in stored[0].children if child == best), "model")
        code = (
            f"import tensorflow as "
            f"tf\n\ntf.train.Checkpoint({name}={program}).read({prefix!r}).expect_partial()\n"
        )
        if not told.error:
            found.append(Fix(f"Restore it as the {name} that it is in the file", code, _loaded(told)))
    if not by_attributes:
        return tuple(found)
    there = (
        named_objects(stored, entries)
        if stored
        else [
            Named(key, key, entry.dtype, entry.shape)
            for key, entry in entries.items()
            if entry.dtype != "string"
        ]
    )
    pairs: dict[str, str] = {}
    by_path_ = {each.label: each for each in there}
    reached = [
        (target.labels[at], value)
        for at in target.reached()
        for value in target.nodes[at].values.values()
        if value.key and target.labels.get(at) and "optimizer" not in target.labels[at]
    ]
    by_name = _unique(named_variables(stored, entries))
    for path, value in reached:
        same = by_path_.get(path) or _ends(path, there) or by_name.get(_short(value.name))
        if same is not None and same.shape == value.shape:
            pairs[path] = same.key
    if not pairs:
        pairs = _in_order([(path, value.shape) for path, value in reached], there)
    if pairs:
        code = _ASSIGN_OBJECTS.format(pairs=_literal(pairs), prefix=prefix, program=program)
        found.append(Fix("Read what fits, cast it and assign it", code, len(pairs)))
    return tuple(found)


def of_keras_weights(prefix: str, target: KerasTarget, there: Sequence[Named]) -> tuple[Fix, ...]:
    """Ways to load a checkpoint of TensorFlow's format into a Keras model."""
    pairs = _pairs(target, there) or _in_order(_wanted(target), there)
    if not pairs:
        return ()
    code = _ASSIGN_READ.format(pairs=_literal(pairs), prefix=prefix)
    return (Fix("Read the values and assign them by the names of layers", code, len(pairs)),)


def of_keras(path: str, target: KerasTarget, store: Store, legacy: Legacy, *, newer: bool) -> tuple[Fix, ...]:
    """Ways to load a Keras file into a model."""
    found: list[Fix] = []
    moved: Mapping[str, str] = {}
    if newer:
        found += _built(path, target, store)
        found += _quantized(path, target, store)
        told = by_path.load_weights(store, target, skip_mismatch=True)
        if not told.error and not told.undecided:
            code = f"model.load_weights({path!r}, skip_mismatch=True)\n"
            found.append(Fix("Load the layers that fit and leave the others", code, _loaded(told)))
        there = _named_store(store)
        moved = store.elsewhere(target.shapes)
    else:
        told = by_order.load_weights(legacy, target, by_name=True)
        if not told.error and not told.undecided:
            code = f"model.load_weights({path!r}, by_name=True)\n"
            found.append(Fix("Load by the names of layers", code, _loaded(told)))
        there = _named_legacy(legacy)
    pairs = _pairs(target, there)
    for part in target.parts:
        if part.path in moved:
            pairs |= _moved(part, moved[part.path], store)
    if pairs and not path.endswith(SHARDED):
        half = any(each.dtype == BFLOAT16 for each in there if each.key in pairs.values())
        head = "import h5py\n" + ("import ml_dtypes\n" if half else "")
        opening = f"with h5py.File({path!r}) as file:"
        if path.endswith(".keras"):
            head = f"import zipfile\n\n{head}"
            opening = f"archive = zipfile.ZipFile({path!r})\n"
            opening += 'with h5py.File(archive.open("model.weights.h5")) as file:'
        as_half = 'value.view(ml_dtypes.bfloat16) if value.dtype == "V2" else value'
        code = _ASSIGN_KERAS.format(
            head=head,
            pairs=_literal(pairs),
            open=opening,
            value=as_half if half else "value",
        )
        found.append(Fix("Assign the values by the names of layers", code, len(pairs)))
    return tuple(found)


def renamed(path: str, other: str, told: Told) -> tuple[Fix, ...]:
    """The file under the name that its content asks for."""
    code = f"import shutil\n\nshutil.copy({path!r}, {other!r})\nmodel.load_weights({other!r})\n"
    return () if told.error else (Fix(f"Call it {other.rpartition('/')[2]}", code, _loaded(told)),)


def named_objects(stored: Sequence[Object], entries: Mapping[str, Entry]) -> list[Named]:
    """Every value of an object-based checkpoint by its path."""
    found = []
    for at, path in paths(stored).items():
        for _, key in stored[at].keys:
            entry = entries.get(key)
            if entry is not None and entry.dtype != "string" and path:
                found.append(Named(path, key, entry.dtype, entry.shape))
    return found


def named_variables(stored: Sequence[Object], entries: Mapping[str, Entry]) -> list[Named]:
    """Every value of a checkpoint by its variable's own name; of a Saver's file by its key."""
    names = {key: name for node in stored for name, key in node.keys if name}
    return [
        Named(names.get(key, key), key, entry.dtype, entry.shape)
        for key, entry in entries.items()
        if entry.dtype != "string" and (key in names or not stored)
    ]


def _built(path: str, target: KerasTarget, store: Store) -> list[Fix]:
    """A model that is built first, when the file tells for which input."""
    config = target.config
    if target.built or config is None or not config.layers or config.layers[0].kind != "Dense":
        return []
    kernel = store.get("layers/dense").get("0")
    arrays = sum(len(group) for path_, group in store.groups.items() if not path_.startswith("optimizer"))
    if kernel is None or len(kernel.shape) != 2 or not arrays:
        return []
    code = f"model.build((None, {kernel.shape[0]}))\nmodel.load_weights({path!r})\n"
    return [Fix("Build the model first", code, arrays)]


def _quantized(path: str, target: KerasTarget, store: Store) -> list[Fix]:
    """Layers that are quantized in the file and not in the model."""
    wanted = []
    parts: list[Part] = []
    for part in target.parts:
        group = store.get(part.path)
        int8 = any(entry.dtype == "int8" for entry in group.values())
        if int8 and not part.mode and part.name and len(group) == len(part.weights) + 1:
            wanted.append(part.name)
            weights = tuple(Weight(e.name, "", part.name, e.dtype, e.shape) for e in group.values())
            part = replace(part, weights=weights, mode="int8")
        parts.append(part)
    if not wanted:
        return []
    told = by_path.load_weights(store, replace(target, parts=tuple(parts)))
    if told.error:
        return []
    code = (
        f'for name in {wanted!r}:\n    model.get_layer(name).quantize("int8")\nmodel.load_weights({path!r})\n'
    )
    return [Fix("Quantize the model's layers first", code, _loaded(told))]


def _wanted(target: KerasTarget) -> list[tuple[str, Shape | None]]:
    """The model's weights by layer and name, as far as no two are called the same."""
    labels = [(w.label, w.shape) for part in target.parts if not part.is_optimizer for w in part.weights]
    return labels if len({label for label, _ in labels}) == len(labels) else []


def _pairs(target: KerasTarget, there: Sequence[Named]) -> dict[str, str]:
    """The model's weights by layer and name, each with the key of the file's that is called so and fits."""
    weights = [weight for part in target.parts if not part.is_optimizer for weight in part.weights]
    if not weights and target.layers:
        weights = [weight for layer in target.layers for weight in layer.weights]
    counts = Counter(weight.label for weight in weights)
    stored = Counter(_short(each.label) for each in there)
    by_label = {_short(each.label): each for each in there}
    pairs = {}
    for weight in weights:
        same = by_label.get(_short(weight.label))
        alone = counts[weight.label] == 1 and stored[_short(weight.label)] == 1 and bool(weight.name)
        if alone and same is not None and weight.shape in (None, same.shape):
            pairs[weight.label] = same.key
    return pairs


def _moved(part: Part, path: str, store: Store) -> dict[str, str]:
    """A layer's weights, each with its key in another group of the file.

    What a weight is called comes from the class of that group where the model's own file does not say it.
    """
    arrays = arrays_of(store.get(path))
    names = keras_layers.order_of_names(keras_layers.kind_of(path.rpartition("/")[2]), len(arrays))
    pairs = {}
    for place, (weight, entry) in enumerate(zip(part.weights, arrays, strict=True)):
        if weight.name:
            pairs[weight.label] = entry.name
        elif names:
            pairs[f"{weight.label.rpartition('/')[0]}/{names[place]}"] = entry.name
    return pairs


def _named_store(store: Store) -> list[Named]:
    found = []
    for path, group in store.groups.items():
        component = path.rpartition("/")[2]
        kind = keras_layers.kind_of(component)
        if path.startswith("optimizer") or not path:
            continue
        int8 = any(entry.dtype == "int8" for entry in group.values())
        names = None if int8 else keras_layers.order_of_names(kind, len(group))
        for number, entry in group.items():
            place = int(number) if number.isdecimal() else -1
            if names and 0 <= place < len(names):
                label = f"{store.names.get(path, component)}/{names[place]}"
                found.append(Named(label, entry.name, entry.dtype, entry.shape))
    return found


def _named_legacy(legacy: Legacy) -> list[Named]:
    return [
        Named(
            f"{layer.name}/{name.removesuffix(':0').rpartition('/')[2]}", entry.name, entry.dtype, entry.shape
        )
        for layer in legacy.layers
        for name, entry in zip(layer.names, layer.weights, strict=True)
        if entry is not None
    ]


def _unique(there: Sequence[Named]) -> dict[str, Named]:
    """Values by layer and name, where no other is called the same."""
    counts = Counter(_short(each.label) for each in there)
    return {_short(each.label): each for each in there if counts[_short(each.label)] == 1}


def _in_order(wanted: Sequence[tuple[str, Shape | None]], there: Sequence[Named]) -> dict[str, str]:
    """The n-th goes to the n-th, where both sides have the same shapes in the same order."""
    weights = [each for each in there if not _OTHERS.search(each.label)]
    if [shape for _, shape in wanted] != [each.shape for each in weights]:
        return {}
    return {name: each.key for (name, _), each in zip(wanted, weights, strict=True)}


def _ends(path: str, there: Sequence[Named]) -> Named | None:
    """The one value whose path ends as this one, or the other way round."""
    found = [each for each in there if each.label.endswith(f"/{path}") or path.endswith(f"/{each.label}")]
    return found[0] if len(found) == 1 else None


def _the_only_ones(
    wanted: Iterable[tuple[str, object]], free: Iterable[tuple[str, object]]
) -> dict[str, str]:
    """What can only be meant: one on each side is of this sort."""
    here: dict[object, list[str]] = {}
    there: dict[object, list[str]] = {}
    for name, sort in wanted:
        here.setdefault(sort, []).append(name)
    for name, sort in free:
        there.setdefault(sort, []).append(name)
    return {
        names[0]: there[sort][0]
        for sort, names in here.items()
        if len(names) == 1 == len(there.get(sort, ()))
    }


def _short(label: str) -> str:
    """Layer and name, without the model's own name before them."""
    return "/".join(label.split("/")[-2:])


def _loaded(told: Told) -> int:
    return sum(row.outcome == LOADED for row in told.rows)


def _literal(pairs: Mapping[str, str]) -> str:
    """A dictionary as Python, one pair a line."""
    return "\n".join(("{", *(f"    {name!r}: {key!r}," for name, key in pairs.items()), "}"))
