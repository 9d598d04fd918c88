"""A Keras 3 model as objects of `tf.train.Checkpoint`, from a Keras file of it.

Keras 3 on TensorFlow tracks other attributes than Keras 2 did (keras/src/backend/tensorflow/trackable.py): a
functional model's `_operations`, a Sequential model's `_functional`, an optimizer's `_variables`.
"""

from __future__ import annotations

from dataclasses import replace

from core.inspect.verdict import keras_layers
from core.inspect.verdict.keras_layers import Layer
from core.inspect.verdict.keras_target import OPTIMIZER, KerasTarget, Part, Weight
from core.inspect.verdict.object_graph import VALUE, Node, Target, Value

_BARE = 2  # variables of an optimizer that is not built: its iterations and its learning rate


class _Growing:
    """The nodes so far, with their paths."""

    def __init__(self) -> None:
        self.nodes: list[Node] = [Node()]
        self.labels: dict[int, str] = {0: ""}

    def child(self, at: int, name: str) -> int:
        """The child of this name, made when it is not there."""
        node = self.nodes[at]
        if name not in node.children:
            node.children[name] = len(self.nodes)
            self.labels[len(self.nodes)] = f"{self.labels[at]}/{name}".lstrip("/")
            self.nodes.append(Node())
        return node.children[name]

    def below(self, at: int, path: str) -> int:
        for name in path.split("/"):
            at = self.child(at, name) if name else at
        return at


def objects_of(target: KerasTarget) -> Target | None:
    """The model's objects; None where the file does not tell its attributes, as of a subclassed model."""
    config = target.config
    if config is None or config.layers is None:
        return None
    grown = _Growing()
    parts = {part.path: part for part in target.parts}
    placed: dict[str, int] = {}
    if not _model(grown, 0, config, "", parts, placed):
        return None
    for part in target.optimizer:
        if part.path == OPTIMIZER:
            _optimizer(grown, part, target, placed)
    return Target(grown.nodes, (), grown.labels)


def inside(target: Target, name: str, *, optimizer: bool) -> Target:
    """The objects of Checkpoint(name=model), and of Checkpoint(name=model, optimizer=model.optimizer)."""
    shift = 1
    nodes = [
        Node({key: at + shift for key, at in node.children.items()}, dict(node.values))
        for node in target.nodes
    ]
    root = Node({name: shift})
    model_optimizer = target.nodes[0].children.get(OPTIMIZER)
    if optimizer and model_optimizer is not None:
        root.children[OPTIMIZER] = model_optimizer + shift
    labels = {at + shift: f"{name}/{label}".rstrip("/") for at, label in target.labels.items()}
    return replace(target, nodes=[root, *nodes], labels={0: "", **labels})


def _model(
    grown: _Growing, at: int, model: Layer, path: str, parts: dict[str, Part], placed: dict[str, int]
) -> bool:
    if model.kind == "Sequential":
        at = grown.child(at, "_functional")
    operations = grown.child(at, "_operations")
    below = f"{path}/" if path else ""
    layers = model.layers or ()
    # A Sequential model's list has its input first, whether the configuration names it or not.
    named = any(layer.place == 0 for layer in layers) and model.kind == "Sequential"
    for component, layer in zip(keras_layers.numbered([each.kind for each in layers]), layers, strict=True):
        own = f"{below}layers/{component}"
        node = grown.child(operations, str(layer.place + named))
        if layer.layers is not None:
            if not _model(grown, node, layer, own, parts, placed):
                return False
        elif not _layer(grown, node, layer, own, parts, placed):
            return False
    return True


def _layer(
    grown: _Growing, at: int, layer: Layer, path: str, parts: dict[str, Part], placed: dict[str, int]
) -> bool:
    for other, part in parts.items():
        if other != path and not other.startswith(f"{path}/"):
            continue
        node = grown.below(at, other.removeprefix(path).lstrip("/"))
        kind = part.kind or keras_layers.guessed(len(part.weights), layer.kind)
        names = part.names or keras_layers.order_of_names(kind, len(part.weights), part.mode)
        for n, weight in enumerate(part.weights):
            name = weight.name or (names[n] if names and n < len(names) else "")
            if not name:
                return False
            value = grown.child(node, keras_layers.attribute(kind, name))
            grown.nodes[value].values[VALUE] = Value(weight.key, name, weight.dtype, weight.shape)
            grown.labels[value] = weight.label
            placed[weight.key] = value
        for name in part.hidden:
            value = grown.child(node, name)
            grown.nodes[value].values[VALUE] = Value(f"{part.path}/vars/{name}", name, "", None)
            grown.labels[value] = f"{part.name}/{name}"
    return True


def _optimizer(grown: _Growing, part: Part, target: KerasTarget, placed: dict[str, int]) -> None:
    """Its variables by number, and its list of what it trains, which leads to the model's weights again."""
    node = grown.child(0, OPTIMIZER)
    variables = grown.child(node, "_variables")
    for n, weight in enumerate(part.weights):
        value = grown.child(variables, str(n))
        grown.nodes[value].values[VALUE] = Value(weight.key, "", weight.dtype, weight.shape)
    for name, n in (("_iterations", 0), ("_learning_rate", 1)):
        if n < len(part.weights):
            grown.nodes[node].children[name] = grown.nodes[variables].children[str(n)]
    if len(part.weights) <= _BARE and part.kind != "SGD":
        return  # not built yet: it does not know what it trains
    trained = grown.child(node, "_trainable_variables")
    for n, weight in enumerate(_trained(target)):
        if weight.key in placed:
            grown.nodes[trained].children[str(n)] = placed[weight.key]


def _trained(target: KerasTarget) -> list[Weight]:
    return [
        weight
        for part in target.parts
        if not part.is_optimizer
        for weight in part.weights
        if weight.trainable
    ]
