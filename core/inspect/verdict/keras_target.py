"""The model that a Keras file is loaded into, as a file of the same model describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.bundle import Entry
from core.inspect.keras import KerasFile
from core.inspect.verdict import keras_layers
from core.inspect.verdict.keras_files import Legacy, Store, arrays_of, legacy_of, store_of
from core.inspect.verdict.keras_layers import Layer
from core.inspect.verdict.verdict import Shape

OPTIMIZER = "optimizer"
# Where else a subclassed model looks for a layer; PERHAPS when it is not known to be subclassed.
ATTRIBUTES, LAYERS, PERHAPS = "attributes", "layers", "perhaps attributes"
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Weight:
    """A variable of the target.

    Attributes:
        key: its name in the file that describes the target, or its path when no file has it.
        name: its own name, such as kernel; "" when only its place is known.
        label: what people call it: layer and name.
        trainable: None where the file does not say.
    """

    key: str
    name: str
    label: str
    dtype: str
    shape: Shape | None
    trainable: bool | None = None


@dataclass(frozen=True)
class Part:
    """An object of the model that loads its own variables: a layer, a layer inside it, or the optimizer.

    Attributes:
        path: where the newer format keeps it.
        name: the layer's name; "" where the file does not say.
        kind: its class; "" where the file does not say.
        weights: its variables, in the order in which it loads them.
        hidden: variables that no file keeps, such as those of LoRA.
        names: what an error message lists as expected; None where it is not known.
        again: where else Keras looks for it when the first place fails, as above; "" for nowhere.
    """

    path: str
    name: str
    kind: str
    weights: tuple[Weight, ...]
    hidden: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
    mode: str = ""
    lora: bool = False
    again: str = ""

    @property
    def is_optimizer(self) -> bool:
        return self.path == OPTIMIZER or self.path.startswith(f"{OPTIMIZER}/")

    def __str__(self) -> str:
        """As Keras prints it in a message: an optimizer is printed as Python prints any object."""
        if self.is_optimizer:
            return f"<keras.src.optimizers.{self.kind.lower() or '…'}.{self.kind or '…'} object at …>"
        return f"<{self.kind or '…'} name={self.name or '…'}, built={bool(self.weights) or '…'}>"


@dataclass(frozen=True)
class OrderedLayer:
    """A layer of the model as the older format counts them: its variables, trainable ones first."""

    name: str
    weights: tuple[Weight, ...]


@dataclass(frozen=True)
class KerasTarget:
    """The model.

    Attributes:
        parts: in the order in which Keras visits them.
        layers: for the older format; None where they are not known.
        ordered: whether these come in the order in which the model counts them.
        unknown: path to name of each layer of which it is not known what it keeps; it has no part.
        top: variables of the model itself, for the older format.
        built: False when the model is known to have no variables yet.
        optimizer: whether it is compiled with a built optimizer.
        config: its configuration; None where the file has none.
        not_known: what the file does not tell.
    """

    parts: tuple[Part, ...]
    layers: tuple[OrderedLayer, ...] | None
    top: tuple[Weight, ...] = ()
    built: bool = True
    config: Layer | None = None
    not_known: tuple[str, ...] = ()
    ordered: bool = True
    unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def optimizer(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_optimizer)

    @property
    def shapes(self) -> dict[str, list[Shape | None]]:
        """Path of each part of the model itself that has weights, and their shapes."""
        own = [part for part in self.parts if part.weights and not part.is_optimizer]
        return {part.path: [weight.shape for weight in part.weights] for part in own}

    def alone(self) -> KerasTarget:
        """The same model without its optimizer."""
        parts = tuple(part for part in self.parts if not part.is_optimizer)
        return KerasTarget(**{**vars(self), "parts": parts})


def target_of(values: KerasFile) -> KerasTarget:
    """The model that a `.keras`, `.weights.h5` or `.h5` file was saved from.

    Raises:
        CheckpointError: its lists cannot be read.
    """
    config = keras_layers.layer_of(values.config)
    legacy = legacy_of(values)
    if legacy.layers or legacy.top is not None:
        return _from_legacy(legacy, config)
    return _from_store(store_of(values), config)


def target_of_config(config: Layer) -> KerasTarget:
    """The model that a configuration describes, as far as its layers are known."""
    parts: list[Part] = []
    unknown: dict[str, str] = {}
    for path, layer in placed(config):
        found = keras_layers.variables(layer)
        if found is None:
            unknown[path] = f"{layer.name} ({layer.kind})"
        else:
            parts += _described(path, layer, found)
    said = (f"What these layers keep is not known: {', '.join(unknown.values())}.",) if unknown else ()
    shapeless = [w.label for part in parts for w in part.weights if w.shape is None]
    if shapeless:
        said = (*said, f"The configuration does not give the shape of {', '.join(shapeless[:5])}.")
    root = Part("", config.name, config.kind, ())
    built = _is_built(config) and not shapeless
    layers = None if unknown else _ordered(config, parts)
    return KerasTarget((root, *parts), layers, (), built, config, said, unknown=unknown)


def placed(config: Layer, below: str = "") -> Iterator[tuple[str, Layer]]:
    """Every layer of a Sequential or functional model, with its path in the newer format."""
    layers = config.layers or ()
    for component, layer in zip(keras_layers.numbered([each.kind for each in layers]), layers, strict=True):
        path = f"{below}layers/{component}"
        yield path, layer
        if layer.layers is not None:
            yield from placed(layer, f"{path}/")


def _described(path: str, layer: Layer, variables: Sequence[keras_layers.Variable]) -> Iterator[Part]:
    """A layer's part and those of the layers inside it, from its configuration."""
    below: dict[str, list[Weight]] = {"": []}
    for each in variables:
        inside = "/".join(filter(None, (path, each.below)))
        label = "/".join(filter(None, (layer.name, each.below, each.name)))
        place = len(below.setdefault(each.below, []))
        trainable = each.trainable and layer.trainable
        key = f"{inside}/vars/{place}"
        below[each.below].append(Weight(key, each.name, label, layer.dtype, each.shape, trainable))
    for inside, weights in below.items():
        kind = layer.kind if not inside else ""
        name = layer.name if not inside else ""
        where = f"{path}/{inside}" if inside else path
        yield Part(where, name, kind, tuple(weights), names=tuple(w.name for w in weights))


def _from_store(store: Store, config: Layer | None) -> KerasTarget:
    known = dict(placed(config)) if config else {}
    order = {path: n for n, path in enumerate(known)}
    parts = []
    written = {
        path: min((each.offset for each in group.values()), default=-1)
        for path, group in store.groups.items()
    }
    # Without a configuration, where arrays are in the file tells the order in which Keras came to layers.
    paths = sorted(store.groups, key=lambda path: (0 if config else written[path], _visited(path, order)))
    lacking = {part.path: part for path, layer in known.items() for part in _lacking(path, layer, store)}
    for path in paths:
        layer = known.get(path)
        parts.append(lacking.pop(path) if path in lacking else _stored(path, store, layer))
    parts += lacking.values()
    subclassed = config.layers is None if config else _looks_subclassed(store)
    if subclassed is not False:
        parts = [_looked_for_again(part, subclassed) for part in parts]
    built = any(part.weights for part in parts if not part.is_optimizer) or not (config and config.layers)
    ordered = config is not None and config.layers is not None
    layers = _ordered(config, parts) if config and ordered else _unordered(parts)
    top = next((part.weights for part in parts if not part.path), ())
    built = built and _is_built(config)
    return KerasTarget(tuple(parts), layers, top, built, config, (), ordered)


def _lacking(path: str, layer: Layer, store: Store) -> Iterator[Part]:
    """Parts of a layer that Keras builds from its configuration, and whose arrays are not all in the file."""
    if not layer.build or layer.mode or layer.lora:
        return
    inner = keras_layers.layer_of(layer.config.get("layer"))
    for part in _described(path, layer, keras_layers.variables(layer) or ()):
        if len(store.get(part.path)) < len(part.weights):
            cell = f"{inner.kind if inner else layer.kind}Cell" if part.path != path else layer.kind
            name = store.names.get(part.path) or (
                layer.name if part.path == path else keras_layers.snake(cell)
            )
            yield replace(part, name=name, kind=cell)


def _stored(path: str, store: Store, layer: Layer | None) -> Part:
    group = store.groups[path]
    name = store.names.get(path) or (layer.name if layer else "")
    component = path.rpartition("/")[2]
    # Only a container names its objects by their class; it has no variables of its own.
    in_container = path.rpartition("/")[0] not in store.groups
    kind = layer.kind if layer else keras_layers.kind_of(component) if in_container else ""
    mode, lora = (layer.mode, layer.lora) if layer else ("", False)
    names = keras_layers.order_of_names(kind, len(group), mode)
    in_order = _names_in_order(kind, len(group), mode)
    own = _own_names(layer) if layer and not mode and not lora else ()
    if len(own) == len(group):
        names = in_order = own
    trainable = None if layer is None else layer.trainable
    weights = tuple(
        _weight(entry, in_order[n] if in_order else "", name or component, trainable)
        for n, entry in enumerate(arrays_of(group))
    )
    hidden = ("lora_kernel_a", "lora_kernel_b") if lora else ()
    return Part(path, name, kind or _optimizer_kind(path, name), weights, hidden, names, mode, lora)


def _own_names(layer: Layer) -> tuple[str, ...]:
    """What a layer calls its variables by its settings: without a scale, its first is no gamma."""
    return tuple(each.name for each in keras_layers.variables(layer) or () if not each.below)


def _names_in_order(kind: str, count: int, mode: str) -> tuple[str, ...] | None:
    """The names in the order of the file, which differs from that of messages for quantized layers."""
    if mode == "int8" and kind in ("Dense", "EinsumDense"):
        return {2: ("kernel", "kernel_scale"), 3: ("kernel", "bias", "kernel_scale")}.get(count)
    if kind in keras_layers.MOVING and count in (2, 3) and not mode:
        return (*("",) * (count - 2), "moving_mean", "moving_variance")  # gamma or beta
    return keras_layers.order_of_names(kind, count, mode)


def _weight(entry: Entry, name: str, layer: str, trainable: bool | None) -> Weight:
    last = name or entry.name.rpartition("/")[2]
    own = name not in ("moving_mean", "moving_variance", "kernel_scale") and entry.dtype != "int8"
    frozen = None if trainable is None else trainable and own
    return Weight(entry.name, name, f"{layer}/{last}", entry.dtype, entry.shape, frozen)


def _optimizer_kind(path: str, name: str) -> str:
    return {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}.get(name, "") if path == OPTIMIZER else ""


def _visited(path: str, order: Mapping[str, int]) -> list[tuple[int, int, str]]:
    """The order of Keras' walk: the model's own layers first, then attributes by name, private ones last."""
    key: list[tuple[int, int, str]] = []
    walked = ""
    for component in path.split("/") if path else []:
        walked = f"{walked}/{component}" if walked else component
        if walked in order:
            key.append((0, order[walked], ""))
        elif component == "layers" and order:
            key.append((0, -1, ""))
        else:
            pieces = _DIGITS.split(component)
            number = int(pieces[1]) if len(pieces) > 1 and pieces[1] else 0
            key.append((2 if component.startswith("_") else 1, 0, f"{pieces[0]}\0{number:09d}"))
    return key


def _looks_subclassed(store: Store) -> bool | None:
    """Without a configuration: a Sequential or functional model keeps all in `layers`."""
    first = {path.split("/")[0] for path in store.groups if path} - {OPTIMIZER}
    return True if first - {"layers", "metrics", "_loss_tracker", "_compile_metrics"} else None


def _looked_for_again(part: Part, subclassed: bool | None) -> Part:
    """A subclassed model meets its layers twice: as `layers` and as attributes."""
    if not part.path or part.is_optimizer or part.path.count("/") > 1:
        return part
    where = ATTRIBUTES if part.path.startswith("layers/") else LAYERS
    return Part(**{**vars(part), "again": where if subclassed else PERHAPS})


def _is_built(config: Layer | None) -> bool:
    """Whether a Sequential model was built; others cannot be told by their configuration."""
    return not (config and config.kind == "Sequential" and config.layers and not _input(config))


def _input(config: Layer) -> bool:
    inside = config.config.get("layers")
    first = inside[0] if isinstance(inside, list) and inside else {}
    given = isinstance(first, Mapping) and first.get("class_name") == "InputLayer"
    return given or bool(config.config.get("build_input_shape")) or bool(config.build)


def _ordered(config: Layer, parts: Sequence[Part]) -> tuple[OrderedLayer, ...] | None:
    """The layers with their variables as the older format orders them; None where that is not known."""
    by_path = {part.path: part for part in parts}
    found = []
    for component, layer in zip(
        keras_layers.numbered([each.kind for each in config.layers or ()]), config.layers or (), strict=True
    ):
        weights = _weights_of(layer, f"layers/{component}", by_path)
        if weights is None:
            return None
        trained = [w for w in weights if w.trainable] if layer.trainable else []
        found.append(OrderedLayer(layer.name, (*trained, *(w for w in weights if w not in trained))))
    return tuple(found)


def _unordered(parts: Sequence[Part]) -> tuple[OrderedLayer, ...] | None:
    """The layers of a model whose file does not tell their order; None where one has layers inside it."""
    plain = [part for part in parts if part.path and part.weights and not part.is_optimizer]
    paths = [part.path for part in plain]
    if any(path.startswith(f"{other}/") for path in paths for other in paths):
        return None
    if any(not part.name for part in plain):
        return None
    return tuple(OrderedLayer(part.name, part.weights) for part in plain)


def _weights_of(layer: Layer, path: str, by_path: Mapping[str, Part]) -> tuple[Weight, ...] | None:
    """A layer's own variables, then those of the layers inside it."""
    part = by_path.get(path)
    own = part.weights if part else ()
    if layer.mode == "int4":
        return None
    if layer.lora and part:
        return _with_lora(layer, part)
    if layer.layers is not None:
        found = list(own)
        inside = keras_layers.numbered([each.kind for each in layer.layers])
        for component, inner in zip(inside, layer.layers, strict=True):
            weights = _weights_of(inner, f"{path}/layers/{component}", by_path)
            if weights is None:
                return None
            found += weights
        return tuple(found)
    below = keras_layers.parents(layer.kind)
    deeper = [other for other in by_path if other.startswith(f"{path}/") and by_path[other].weights]
    if below is None:
        return None if deeper or not own else own
    found = list(own)
    for each in below:
        for other in sorted(deeper, key=len):
            if other == f"{path}/{each}" or other.startswith(f"{path}/{each}/"):
                found += [
                    w if w.trainable is not None else Weight(**{**vars(w), "trainable": layer.trainable})
                    for w in by_path[other].weights
                ]
    return tuple(found)


def _with_lora(layer: Layer, part: Part) -> tuple[Weight, ...] | None:
    """A layer with LoRA: its kernel is not trained any more, and the two that are come last."""
    rank = layer.config.get("lora_rank")
    kernel = part.weights[0] if part.weights else None
    if kernel is None or kernel.shape is None or not isinstance(rank, int) or len(kernel.shape) != 2:
        return None
    shapes = ((kernel.shape[0], rank), (rank, kernel.shape[1]))
    lora = tuple(
        Weight(f"{part.path}/vars/{name}", name, f"{layer.name}/{name}", "float32", shape, layer.trainable)
        for name, shape in zip(part.hidden, shapes, strict=True)
    )
    return (Weight(**{**vars(kernel), "trainable": False}), *part.weights[1:], *lora)


def _from_legacy(legacy: Legacy, config: Layer | None) -> KerasTarget:
    """A model that is described by a file of the older format."""
    ordered = tuple(
        OrderedLayer(layer.name, tuple(_legacy_weights(layer.name, layer.weights, layer.names)))
        for layer in legacy.layers
    )
    top = tuple(_legacy_weights("", legacy.top.weights, legacy.top.names)) if legacy.top else ()
    parts: list[Part] = []
    unknown: list[str] = []
    if config is not None and config.layers is not None:
        by_name = {layer.name: layer.weights for layer in ordered}
        parts.append(Part("", config.name, config.kind, top))
        for path, layer in placed(config):
            if path.count("/") == 1:
                parts += _split(path, layer, by_name.get(layer.name, ()), unknown)
    optimizer = tuple(
        Weight(each.name, "", each.name.partition("/")[2], each.dtype, each.shape)
        for each in legacy.optimizer
    )
    if optimizer:
        parts.append(Part(OPTIMIZER, "", "", optimizer))
    said = (f"How these layers are stored by path is not known: {', '.join(unknown)}.",) if unknown else ()
    built = any(layer.weights for layer in ordered) or bool(top)
    return KerasTarget(tuple(parts), ordered, top, built, config, said)


def _split(path: str, layer: Layer, weights: Sequence[Weight], unknown: list[str]) -> Iterator[Part]:
    """A layer's weights of the older format, given to it and to the layers inside it."""
    known = keras_layers.variables(layer)
    if known is None or layer.layers is not None or len(known) != len(weights) or layer.mode or layer.lora:
        plain = keras_layers.order_of_names(layer.kind, len(weights))
        if plain is not None and not layer.mode and not layer.lora:
            yield Part(path, layer.name, layer.kind, tuple(weights), names=plain)
        else:
            unknown.append(layer.name)
        return
    below: dict[str, list[Weight]] = {"": []}
    for each, weight in zip(known, weights, strict=True):
        below.setdefault(each.below, []).append(weight)
    for inside, own in below.items():
        where = f"{path}/{inside}" if inside else path
        kind = layer.kind if not inside else ""
        name = layer.name if not inside else ""
        names = tuple(w.name for w in own)
        yield Part(where, name, kind, tuple(own), names=names)


def _legacy_weights(layer: str, entries: Sequence[Entry | None], names: Sequence[str]) -> Iterator[Weight]:
    for entry, name in zip(entries, names, strict=True):
        if entry is not None:
            last = name.removesuffix(":0").rpartition("/")[2]
            label = f"{layer}/{last}" if layer else name.removesuffix(":0")
            yield Weight(entry.name, last, label, entry.dtype, entry.shape)
