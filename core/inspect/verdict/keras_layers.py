"""What Keras' own layers keep: names, order and shapes of their variables, as far as a configuration tells.

Sources: keras/src/layers and the `build` methods in it. A layer that is not listed here is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.inspect.verdict.verdict import Shape

Config = Mapping[str, Any]
MODELS = ("Sequential", "Functional", "Model")


@dataclass(frozen=True)
class Variable:
    """A variable of a layer.

    Attributes:
        below: which of the layer's own layers it belongs to, as a path; "" for the layer itself.
        name: its own name.
        shape: None where the configuration does not tell.
        trainable: of itself, when its layer is.
    """

    below: str
    name: str
    shape: Shape | None
    trainable: bool = True


@dataclass(frozen=True)
class Layer:
    """A layer's configuration.

    Attributes:
        kind: its class.
        name: its own name.
        trainable: what it was set to.
        config: its settings.
        build: the shapes that it was built with; None when it was not built, or when the file does not say.
        layers: those of a Sequential or functional model, in order; None of any other.
        place: where it is among the operations of its model; -1 for the model itself.
        is_layer: whether it is a layer, not a bare operation such as `+`.
    """

    kind: str
    name: str
    trainable: bool
    config: Config
    build: Any
    layers: tuple[Layer, ...] | None = None
    place: int = -1
    is_layer: bool = True

    @property
    def mode(self) -> str:
        """How it is quantized; "" when it is not."""
        policy = self.config.get("dtype")
        inside = policy.get("config", {}) if isinstance(policy, Mapping) else {}
        mode = inside.get("mode") if isinstance(inside, Mapping) else None
        return str(mode) if mode else ""

    @property
    def lora(self) -> bool:
        return bool(self.config.get("lora_rank"))

    @property
    def dtype(self) -> str:
        """Of its variables."""
        policy = self.config.get("dtype")
        if isinstance(policy, Mapping):
            inside = policy.get("config", {})
            policy = inside.get("source_name") or inside.get("name") if isinstance(inside, Mapping) else None
        name = str(policy or "float32")
        return "float32" if name.startswith("mixed_") else name


def layer_of(described: Any, depth: int = 0, place: int = -1) -> Layer | None:
    """The configuration of a model or layer as Keras writes it; None where it is no such thing."""
    if not isinstance(described, Mapping) or depth > 32:
        return None
    config = described.get("config")
    if isinstance(config, list):  # Sequential before Keras 2.2.3
        config = {"layers": config, "name": "sequential"}
    if not isinstance(config, Mapping):
        return None
    kind = str(described.get("class_name", ""))
    inside = config.get("layers")
    layers: tuple[Layer, ...] | None = None
    if kind in MODELS and isinstance(inside, list):
        found = [layer_of(each, depth + 1, n) for n, each in enumerate(inside[:10_000])]
        kept = [each for each in found if each is not None and each.is_layer]
        layers = tuple(each for each in kept if kind != "Sequential" or each.kind != "InputLayer")
        kind = "Functional" if kind == "Model" else kind
    return Layer(
        kind,
        str(config.get("name", "")),
        config.get("trainable", True) is not False,
        config,
        described.get("build_config") or config.get("build_config"),
        layers,
        place,
        ".ops" not in str(described.get("module")),
    )


def snake(name: str) -> str:
    """A class's name as Keras' containers use it (keras/src/utils/naming.py, to_snake_case)."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def numbered(kinds: Sequence[str]) -> list[str]:
    """What a container calls its objects: dense, dense_1 …"""
    used: dict[str, int] = {}
    found = []
    for kind in kinds:
        base = snake(kind)
        used[base] = used.get(base, -1) + 1
        found.append(f"{base}_{used[base]}" if used[base] else base)
    return found


def attribute(kind: str, name: str) -> str:
    """What a layer calls one of its variables."""
    if name == "kernel" and kind in ("Dense", "EinsumDense", *_CONVS) and "Transpose" not in kind:
        return "_kernel"
    return "_embeddings" if name == "embeddings" else name


def kind_of(component: str) -> str:
    """The class of what a container calls so; "" where it is not known."""
    return _BY_SNAKE.get(re.sub(r"_\d+$", "", component), "") or _BY_SNAKE.get(component, "")


def variables(layer: Layer) -> tuple[Variable, ...] | None:
    """What a layer keeps, in the order in which it loads its own; None where this is not known."""
    known = _KNOWN.get(layer.kind)
    return None if known is None else tuple(known(layer))


def order_of_names(kind: str, count: int, mode: str = "") -> tuple[str, ...] | None:
    """Names of a layer's variables as its messages list them, trainable ones first; None if unknown."""
    if mode == "int8" and kind in ("Dense", "EinsumDense"):
        return {2: ("kernel", "kernel_scale"), 3: ("bias", "kernel", "kernel_scale")}.get(count)
    if mode or (kind in MOVING and count in (2, 3)):
        return None  # which of gamma and beta is missing is not known
    names = _NAMES.get(kind)
    if names is None:
        return () if kind in _WITHOUT and not count else None
    return names[:count] if count <= len(names) and (count or kind in _WITHOUT) else None


def parents(kind: str) -> tuple[str, ...] | None:
    """The layers inside a composite layer, in the order in which it made them; () for a plain one."""
    if kind in ("LSTM", "GRU", "SimpleRNN", "RNN"):
        return ("cell",)
    if kind == "Bidirectional":
        return ("forward_layer", "backward_layer")
    if kind in ("TimeDistributed", "SpectralNormalization"):
        return ("layer",)
    return () if kind in _NAMES or kind in _WITHOUT else None


def guessed(count: int, owner: str) -> str:
    """The class of a layer inside a composite one, whose file does not say."""
    if owner in _GATES or owner in ("Bidirectional", "RNN"):
        return "LSTMCell"  # all cells call their variables the same
    if owner == "MultiHeadAttention":
        return "EinsumDense"
    return "Dense" if owner == "TimeDistributed" and count == 2 else ""


def _input_shape(layer: Layer) -> Shape | None:
    build = layer.build
    shape = build.get("input_shape") if isinstance(build, Mapping) else build
    if isinstance(shape, Mapping):
        shape = shape.get("config", {}).get("items")
    if not isinstance(shape, list | tuple) or not shape or isinstance(shape[0], list):
        return None
    return tuple(int(each) if isinstance(each, int) else -1 for each in shape)


def _last(layer: Layer) -> int | None:
    shape = _input_shape(layer)
    return shape[-1] if shape and shape[-1] > 0 else None


def _sizes(*sizes: int | None) -> Shape | None:
    known = tuple(each for each in sizes if each is not None)
    return known if len(known) == len(sizes) else None


def _biased(layer: Layer, kernels: Sequence[Variable], size: int | None) -> list[Variable]:
    bias = [Variable("", "bias", _sizes(size))] if layer.config.get("use_bias", True) else []
    return [*kernels, *bias]


def _dense(layer: Layer) -> list[Variable]:
    units = layer.config.get("units")
    return _biased(layer, [Variable("", "kernel", _sizes(_last(layer), units))], units)


def _conv(layer: Layer) -> list[Variable]:
    config = layer.config
    filters, window = config.get("filters"), config.get("kernel_size")
    shape = _input_shape(layer)
    channels = None
    if shape and isinstance(window, list):
        channels = shape[1] if config.get("data_format") == "channels_first" else shape[-1]
        channels = channels // int(config.get("groups") or 1) if channels > 0 else None
    kernel = _sizes(*window, channels, filters) if isinstance(window, list) else None
    if "Transpose" in layer.kind and kernel:
        kernel = (*kernel[:-2], kernel[-1], kernel[-2])
    return _biased(layer, [Variable("", "kernel", kernel)], filters)


def _batch(layer: Layer) -> list[Variable]:
    config, shape = layer.config, _input_shape(layer)
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and axis else axis
    size = shape[axis] if shape and isinstance(axis, int) and -len(shape) <= axis < len(shape) else None
    size = size if size and size > 0 else None
    names = [("gamma", config.get("scale", True)), ("beta", config.get("center", True))]
    own = [Variable("", name, _sizes(size)) for name, there in names if there]
    return own + [Variable("", name, _sizes(size), False) for name in ("moving_mean", "moving_variance")]


def _layer_norm(layer: Layer) -> list[Variable]:
    config, shape = layer.config, _input_shape(layer)
    axes = config.get("axis", -1)
    axes = axes if isinstance(axes, list) else [axes]
    sizes = _sizes(*(shape[each] if shape else None for each in axes))
    rms = config.get("rms_scaling", False)  # gamma alone, whatever the others say
    names = [("gamma", config.get("scale", True) or rms), ("beta", config.get("center", True) and not rms)]
    return [Variable("", name, sizes) for name, there in names if there]


def _embedding(layer: Layer) -> list[Variable]:
    shape = _sizes(layer.config.get("input_dim"), layer.config.get("output_dim"))
    return [Variable("", "embeddings", shape)]


def _recurrent(gates: int) -> Callable[[Layer], list[Variable]]:
    def made(layer: Layer) -> list[Variable]:
        units, into = layer.config.get("units"), _last(layer)
        wide = units * gates if isinstance(units, int) else None
        bias = (
            _sizes(2, wide) if layer.kind == "GRU" and layer.config.get("reset_after", True) else _sizes(wide)
        )
        found = [
            Variable("cell", "kernel", _sizes(into, wide)),
            Variable("cell", "recurrent_kernel", _sizes(units, wide)),
        ]
        return found + ([Variable("cell", "bias", bias)] if layer.config.get("use_bias", True) else [])

    return made


def _bidirectional(layer: Layer) -> list[Variable]:
    inner = layer_of(layer.config.get("layer"))
    if inner is None or inner.kind not in _GATES:
        return []
    built = Layer(inner.kind, inner.name, inner.trainable, inner.config, layer.build)
    inside = _recurrent(_GATES[inner.kind])(built)
    return [
        Variable(f"{way}/{each.below}", each.name, each.shape, each.trainable)
        for way in ("forward_layer", "backward_layer")
        for each in inside
    ]


def _nothing(layer: Layer) -> list[Variable]:
    return []


_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
_CONVS = ("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
_WITHOUT = (
    *("InputLayer", "Dropout", "Flatten", "Reshape", "Activation", "ReLU", "LeakyReLU", "Softmax", "ELU"),
    *("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D", "GlobalAveragePooling1D"),
    *("GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "ZeroPadding2D", "UpSampling2D"),
    *("Add", "Concatenate", "Multiply", "Average", "Maximum", "Subtract", "Dot", "Permute", "RepeatVector"),
    *("SpatialDropout1D", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "Rescaling", "Lambda"),
    *("Masking", "Identity", "LSTM", "GRU", "SimpleRNN", "Bidirectional", "TimeDistributed", "RNN"),
    *("Sequential", "Functional"),
)
MOVING = ("BatchNormalization", "SyncBatchNormalization")  # their last two are always the moving ones
# As `_trainable_variables + _non_trainable_variables` has them, when every setting is the default.
_NAMES: dict[str, tuple[str, ...]] = {
    "Dense": ("kernel", "bias"),
    "EinsumDense": ("kernel", "bias"),
    **{name: ("kernel", "bias") for name in _CONVS},
    "DepthwiseConv1D": ("kernel", "bias"),
    "DepthwiseConv2D": ("kernel", "bias"),
    "SeparableConv1D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "LayerNormalization": ("gamma", "beta"),
    "GroupNormalization": ("gamma", "beta"),
    "RMSNormalization": ("scale",),
    "UnitNormalization": (),
    "Embedding": ("embeddings",),
    "PReLU": ("alpha",),
    "Normalization": ("mean", "variance", "count"),
    "LSTMCell": ("kernel", "recurrent_kernel", "bias"),
    "GRUCell": ("kernel", "recurrent_kernel", "bias"),
    "SimpleRNNCell": ("kernel", "recurrent_kernel", "bias"),
}
_KNOWN: dict[str, Callable[[Layer], list[Variable]]] = {
    "Dense": _dense,
    **{name: _conv for name in _CONVS},
    "BatchNormalization": _batch,
    "LayerNormalization": _layer_norm,
    "Embedding": _embedding,
    **{name: _recurrent(gates) for name, gates in _GATES.items()},
    "Bidirectional": _bidirectional,
    **{name: _nothing for name in _WITHOUT if name not in (*_GATES, "Bidirectional", *MODELS)},
}
_BY_SNAKE = {snake(name): name for name in (*_NAMES, *_WITHOUT, *_KNOWN)}
