"""Keras' own layers: what they call their weights, in the order in which they save them.

Keras' files number a layer's weights. The names are those of `add_weight` in keras/src/layers, in the order
of `Layer.save_own_variables` (trainable before others) and of `variable_serialization_spec`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.bundle.entries import Entry

_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
_KERNEL_AND_BIAS = ("Dense", "EinsumDense", "DepthwiseConv1D", "DepthwiseConv2D", *_CONVOLUTIONS)
_RECURRENT = ("LSTMCell", "GRUCell", "SimpleRNNCell", "ConvLSTM1DCell", "ConvLSTM2DCell", "ConvLSTM3DCell")
_NAMES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_KERNEL_AND_BIAS, ("kernel", "bias")),
    **dict.fromkeys(_RECURRENT, ("kernel", "recurrent_kernel", "bias")),
    "SeparableConv1D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "Embedding": ("embeddings",),
    "ReversibleEmbedding": ("embeddings", "reverse_embeddings"),
    "LayerNormalization": ("gamma", "beta"),
    "GroupNormalization": ("gamma", "beta"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "SyncBatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "RMSNormalization": ("scale",),
    "UnitNormalization": (),
    "Normalization": ("mean", "variance", "count"),
    "PReLU": ("alpha",),
    "AdditiveAttention": ("scale",),
    "SpectralNormalization": ("vector_u",),
}
# Of layers that can do without some of their weights: which setting of the config leaves which out.
_WITHOUT = {"use_bias": "bias", "center": "beta", "scale": "gamma"}
_QUANTIZED = {
    "int8": ("kernel", "bias", "kernel_scale"),
    "int4": ("kernel", "bias", "kernel_scale", "kernel_zero", "g_idx"),
    "float8": (
        *("kernel", "bias", "inputs_scale", "inputs_amax_history", "kernel_scale", "kernel_amax_history"),
        *("outputs_grad_scale", "outputs_grad_amax_history"),
    ),
    "gptq": ("bias", "quantized_kernel", "kernel_scale", "kernel_zero", "g_idx"),
    "awq": ("bias", "quantized_kernel", "kernel_scale", "kernel_zero", "awq_scales", "g_idx"),
}
# The layers inside a layer, by the attribute that holds them.
_INSIDE = {
    ("MultiHeadAttention", "query_dense"): "EinsumDense",
    ("MultiHeadAttention", "key_dense"): "EinsumDense",
    ("MultiHeadAttention", "value_dense"): "EinsumDense",
    ("MultiHeadAttention", "output_dense"): "EinsumDense",
    ("GroupedQueryAttention", "query_dense"): "EinsumDense",
    ("GroupedQueryAttention", "key_dense"): "EinsumDense",
    ("GroupedQueryAttention", "value_dense"): "EinsumDense",
    ("GroupedQueryAttention", "output_dense"): "EinsumDense",
    ("LSTM", "cell"): "LSTMCell",
    ("GRU", "cell"): "GRUCell",
    ("SimpleRNN", "cell"): "SimpleRNNCell",
    ("ConvLSTM1D", "cell"): "ConvLSTM1DCell",
    ("ConvLSTM2D", "cell"): "ConvLSTM2DCell",
    ("ConvLSTM3D", "cell"): "ConvLSTM3DCell",
}
_OTHERS = (
    *("MultiHeadAttention", "GroupQueryAttention", "LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D"),
    *("ConvLSTM3D", "Bidirectional", "TimeDistributed", "RNN", "StackedRNNCells", "Sequential", "Functional"),
    *("InputLayer", "Dropout", "Attention"),
)
_COUNTED = re.compile(r"_\d+$")


def snake_case(name: str) -> str:
    """A class's name as Keras calls its layers and their groups (keras/src/utils/naming.py)."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


_CLASSES = {snake_case(each): each for each in (*_NAMES, *_OTHERS)}


def class_of(word: str) -> str:
    """The class of a layer that Keras named by itself, such as dense_1; "" when it is no class of Keras'."""
    return _CLASSES.get(word) or _CLASSES.get(_COUNTED.sub("", word), "")


def inside(kind: str, attribute: str, config: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Class and config of the layer that a layer of this class holds as an attribute; "" where not known."""
    held = {"forward_layer": "layer", "backward_layer": "layer"}.get(attribute, attribute)
    if attribute == "backward_layer" and isinstance(config.get("backward_layer"), dict):
        held = "backward_layer"
    within = config.get(held)
    if isinstance(within, dict) and isinstance(within.get("class_name"), str):
        inner = within.get("config")
        return within["class_name"], inner if isinstance(inner, dict) else {}
    return _INSIDE.get((kind, attribute.lstrip("_")), ""), config


def names_of(kind: str, config: Mapping[str, Any], weights: Sequence[Entry]) -> tuple[str, ...]:
    """What a layer of this class calls its weights; their numbers where that is not known."""
    count = len(weights)
    numbers = tuple(str(n) for n in range(count))
    wanted = _NAMES.get(kind)
    if wanted is None:
        return numbers
    mode = _mode(config, weights)
    if mode and wanted[0] in ("kernel", "embeddings"):
        wanted = tuple(each.replace("kernel", wanted[0]) for each in _QUANTIZED[mode])
        if wanted[0] == "embeddings":
            wanted = tuple(each for each in wanted if each != "bias")
    without = {_WITHOUT[setting] for setting in _WITHOUT if config.get(setting) is False}
    found = [each for each in wanted if each not in without]
    if "bias" in found and not config and len(found) == count + 1 and count in (1, 2) and not mode:
        found.remove("bias")
    if len(found) > count and mode:  # int4 has kernel_zero and g_idx only in blocks
        if "bias" in found and not config and len(weights) > 1 and len(weights[1].shape) != 1:
            found.remove("bias")
        found = found[:count]
    return tuple(found) if len(found) == count else numbers


def _mode(config: Mapping[str, Any], weights: Sequence[Entry]) -> str:
    """How a layer is quantized, by its config or by the types of its weights; "" when it is not."""
    policy = config.get("dtype")
    if isinstance(policy, dict):
        inner = policy.get("config")
        said = inner.get("mode") if isinstance(inner, dict) else None
        return next((mode for mode in _QUANTIZED if isinstance(said, str) and said.startswith(mode)), "")
    types = [each.dtype for each in weights]
    if types[:1] == ["int8"]:
        return "int4" if len(weights) > 3 else "int8"
    if types[1:2] == ["uint8"] or types[:1] == ["uint8"]:
        return "gptq" if len(weights) < 6 else "awq"
    return "float8" if any(each.shape == (1024,) for each in weights) and len(weights) >= 7 else ""
