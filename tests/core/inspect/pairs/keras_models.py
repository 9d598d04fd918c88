"""Keras models from a description that is plain data, by Keras 3 or by Keras 2 (tf_keras)."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Arch = Mapping[str, Any]


def keras_of(arch: Arch) -> Any:
    """The library: Keras 3, or tf_keras where the description says 2."""
    if arch.get("keras", 3) == 2:
        import tf_keras

        return tf_keras
    import keras

    return keras


def made(arch: Arch) -> Any:
    """The model, built, quantized, with LoRA, frozen and compiled as the description says."""
    keras = keras_of(arch)
    keras.backend.clear_session()
    model = _model(keras, arch)
    built = arch.get("built", True)
    if built and not model.built:
        model.build((None, *_input(arch)))
        model(np.zeros((1, *_input(arch)), _input_type(arch)))
    for name, rank in arch.get("lora", {}).items():
        _layer(model, name).enable_lora(rank)
    for name in arch.get("quantized", ()):
        _layer(model, name).quantize(arch["mode"])
    for name in arch.get("frozen", ()):
        _layer(model, name).trainable = False
    if arch.get("optimizer"):
        model.compile(arch["optimizer"], "mse")
        if built and arch.get("trained", True):
            _build_optimizer(model, arch)
    return model


def fill(model: Any, seed: int) -> None:
    """Give every variable of the model and its optimizer numbers that no other one has."""
    random = np.random.default_rng(seed)
    for variable in variables(model):
        variable.assign(_numbers(random, tuple(variable.shape), _dtype(variable)))


def variables(model: Any) -> list[Any]:
    """The model's variables and the optimizer's, each once."""
    found: dict[int, Any] = {}
    optimizer = getattr(model, "optimizer", None)
    own = [*model.variables]
    if optimizer is not None:
        each = optimizer.variables
        own += [*(each() if callable(each) else each)]
    for variable in own:
        found.setdefault(id(variable), variable)
    metrics = {id(v) for metric in getattr(model, "metrics", ()) for v in metric.variables}
    return [variable for at, variable in found.items() if at not in metrics]


def called(variable: Any) -> str:
    """The variable's name with the layers that it belongs to."""
    return str(getattr(variable, "path", variable.name)).removesuffix(":0")


def number(variable: Any) -> Any:
    """The variable's value as an array of NumPy."""
    return np.asarray(variable.numpy())


def save(model: Any, arch: Arch, kind: str, folder: str, name: str) -> str:
    """Write the model in one format; the path below the folder."""
    path = os.path.join(folder, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind in (".weights.h5", ".keras"):
            (model.save_weights if kind == ".weights.h5" else model.save)(path + kind)
            return name + kind
        if kind == ".npz.keras":
            from keras.src.saving import saving_lib

            saving_lib.save_model(model, path + ".keras", weights_format="npz")
            return name + ".keras"
        if kind == ".weights.json":
            model.save_weights(path + kind, max_shard_size=arch.get("shard", 2e-6))
            return name + kind
        if kind == ".h5":
            model.save(path + kind)
            return name + kind
        if kind == ".w.h5":
            model.save_weights(path + ".h5")  # of Keras 2 alone: layers by name, no configuration
            return name + ".h5"
        if kind == ".json":
            with open(path + kind, "w") as file:
                file.write(model.to_json())
            return name + kind
        if kind == "tf":
            model.save_weights(path)  # of Keras 2 alone: an object-based checkpoint
            return name
        if kind == "savedmodel":
            if arch.get("keras", 3) == 2:
                model.save(path, save_format="tf")
            else:
                model.export(path, verbose=False)
            return name
    raise ValueError(kind)


def _model(keras: Any, arch: Arch) -> Any:
    layers = [_made(keras, arch, each) for each in arch["layers"]]
    style, name = arch.get("style", "sequential"), arch.get("name", "model")
    inputs = _input(arch)
    if style == "sequential":
        start = [keras.Input(inputs, dtype=_input_type(arch))] if arch.get("built", True) else []
        return keras.Sequential([*start, *layers], name=name)
    if style == "functional":
        start = keras.Input(inputs, dtype=_input_type(arch), name="input")
        x = start
        for layer in layers:
            x = layer(x)
        return keras.Model(start, x, name=name)
    if style == "nested":
        inner = keras.Sequential([keras.Input(inputs), *layers[:-1]], name="inner")
        return keras.Sequential([keras.Input(inputs), inner, layers[-1]], name=name)
    return _subclassed(keras, style, layers, name)


def _subclassed(keras: Any, style: str, layers: Sequence[Any], name: str) -> Any:
    blocks: Any = [*layers[:-1]]
    if style == "dict":
        blocks = {f"k{n}": layer for n, layer in enumerate(layers[:-1])}

    class Subclassed(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name=name)
            if style in ("list", "dict"):
                self.blocks = blocks
                self.head = layers[-1]
            else:
                for layer in layers:
                    setattr(self, f"part_{layer.name}", layer)
                if style == "shared":
                    self.again = layers[0]
            self.chain = None

        def call(self, x: Any) -> Any:
            for layer in layers:
                x = layer(x)
            return x

    return Subclassed()


def _made(keras: Any, arch: Arch, layer: Mapping[str, Any]) -> Any:
    settings = {key: value for key, value in layer.items() if key not in ("class", "inner")}
    if arch.get("auto_names"):
        settings.pop("name", None)
    if arch.get("dtype"):
        settings["dtype"] = arch["dtype"]
    if "inner" in layer:
        return getattr(keras.layers, layer["class"])(_made(keras, {}, layer["inner"]), **settings)
    return getattr(keras.layers, layer["class"])(**settings)


def _layer(model: Any, name: str) -> Any:
    """A layer by its name, at any depth."""
    waiting = [model]
    while waiting:
        each = waiting.pop()
        if each.name == name and each is not model:
            return each
        waiting += [*getattr(each, "_layers", ()), *getattr(each, "layers", ())]
    raise KeyError(name)


def _build_optimizer(model: Any, arch: Arch) -> None:
    model.optimizer.build(model.trainable_variables)


def _input(arch: Arch) -> tuple[int, ...]:
    return tuple(arch.get("input", (4,)))


def _input_type(arch: Arch) -> str:
    return str(arch.get("input_type", "float32"))


def _dtype(variable: Any) -> str:
    dtype = variable.dtype
    return str(getattr(dtype, "name", dtype))


def _numbers(random: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Any:
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if dtype in ("int8", "uint8", "int4"):
        return random.integers(0, 100, shape).astype("int8" if dtype == "int4" else dtype)
    if dtype.startswith(("int", "uint")):
        return random.integers(1, 1_000_000, shape).astype(dtype)
    numbers = random.uniform(0.5, 2.0, shape)
    if dtype in ("bfloat16", "float16") or dtype.startswith("float8"):
        import ml_dtypes  # noqa: F401

        return numbers.astype(np.float32).astype(dtype)
    return numbers.astype(dtype)
