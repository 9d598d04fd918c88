"""Whether a checkpoint would load into a graph, the objects of a SavedModel, or where another one was saved.

Names, shapes and dtypes are compared, and each verdict says so: what else a loader asks for is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.bundle.graph import ATTRIBUTE, KEY, Object
from core.inspect.diagnosis import NOTE, WRONG, Finding
from core.inspect.find import ITSELF, KERAS
from core.inspect.graphs import Graph
from core.inspect.model import Listing
from core.inspect.objects import Model, matched
from core.words import counted, first_few

OBJECTS = (
    "tf.train.Checkpoint matches objects by the names of their attributes, from the root: restore the part "
    "that fits, or assign the values by hand.",
    "values_not_used",
)
CAST = "Read the values, cast them to the other dtype, and assign them."
_NOT_COMPARED = {
    "graph": "What else the graph does on loading was not compared.",
    "objects": "Optimizer slots and what the model creates later were not compared.",
    "checkpoint": "How the program that saved the other one loads was not compared.",
    "keras": "The order of layers, by which Keras loads, was not compared.",
}
_COPY = re.compile(r"_\d+(?=/|$)")

Wanted = Mapping[str, tuple[str, tuple[int, ...] | None]]  # name to dtype and shape, as far as they are known


def would_restore(there: Listing, graph: Graph) -> tuple[Finding, ...]:
    """Whether a checkpoint has what the Saver of a `.meta` file, or a SavedModel, would ask for."""
    known = {each.name: (each.dtype, each.shape) for each in graph.variables}
    wanted = {name: known.get(name, ("", None)) for name in graph.restores or known}
    return differences(there, wanted, graph.path, "graph")


def would_load(there: Listing, stored: Sequence[Object], model: Model, into: str) -> tuple[Finding, ...]:
    """Whether a checkpoint has what the objects of a SavedModel are restored from by `tf.train.Checkpoint`.

    Args:
        stored: the checkpoint's objects; without any, variables are found by their own names.
    """
    wanted, found = model.wanted(), matched(stored, model)
    if not stored:
        named = [model.variables[at] for at in wanted]
        return differences(there, {each.name: (each.dtype, each.shape) for each in named}, into, "objects")
    own = {key: wanted[at] for at, key in found.items() if at in wanted}
    renamed = tuple(replace(each, key=own.get(each.key, each.key)) for each in there.tensors)
    known = {path: (model.variables[at].dtype, model.variables[at].shape) for at, path in wanted.items()}
    return differences(replace(there, tensors=renamed), known, into, "objects", OBJECTS)


def would_replace(there: Listing, other: Listing) -> tuple[Finding, ...]:
    """Whether a checkpoint has what another one has, by the same names."""
    keras = KERAS in (there.kind, other.kind)
    wanted = {each.key: (each.dtype, each.shape) for each in other.tensors}
    return differences(there, wanted, other.path, "keras" if keras else "checkpoint")


def differences(
    there: Listing,
    wanted: Wanted,
    into: str,
    kind: str,
    missing_advice: tuple[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Keys that are wanted and missing, that are there and not wanted, other shapes and other dtypes.

    Args:
        kind: what it would be loaded into: "graph", "objects", "checkpoint" or "keras".
        missing_advice: what to do about missing keys, and its card, when the names do not tell.
    """
    here, into = there.path or ITSELF, into or ITSELF
    have = {each.key: each for each in there.tensors}
    missing = [name for name in wanted if name not in have]
    unexpected = [each.name for key, each in have.items() if key not in wanted and each.dtype != "string"]
    both = [(name, have[name], *known) for name, known in wanted.items() if name in have]
    shapes = [
        f"{name} ({tensor.shape} in the checkpoint, {shape} there)"
        for name, tensor, _, shape in both
        if shape is not None and tensor.shape != shape
    ]
    dtypes = [
        f"{name} ({tensor.dtype} in the checkpoint, {dtype} there)"
        for name, tensor, dtype, _ in both
        if dtype and tensor.dtype != dtype
    ]
    found = []
    if missing:
        sentence = f"{into} asks for {counted(len(missing), 'name')} that {here} lacks: {first_few(missing)}."
        advice, card = missing_advice or _missing(missing, have, kind)
        found.append(Finding(WRONG, there.path, sentence, advice, card))
    if shapes:
        sentence = (
            f"{counted(len(shapes), 'variable')} would have another shape in {into}: {first_few(shapes)}."
        )
        advice = "Restore all but these, or build the model with the shapes of the checkpoint."
        card = "object_other_shape" if KEY in have else "other_shape"
        found.append(Finding(WRONG, there.path, sentence, advice, card))
    if dtypes:
        sentence = (
            f"{counted(len(dtypes), 'variable')} would have another dtype in {into}: {first_few(dtypes)}."
        )
        found.append(Finding(WRONG, there.path, sentence, CAST))
    if unexpected:
        names = f"{counted(len(unexpected), 'name')} that {into} does not ask for: {first_few(unexpected)}"
        # Keras counts the variables of a layer and the layers of a model, and refuses other numbers.
        level = WRONG if kind == "keras" else NOTE
        advice = "Keras refuses other numbers of layers or of variables in a layer."
        if kind != "keras":
            advice = "A Saver ignores them; tf.train.Checkpoint can assert."
        found.append(Finding(level, there.path, f"{here} holds {names}.", advice))
    if not any(each.level == WRONG for each in found):
        sentence = f"{here} has every name that {into} asks for, with the same shape and dtype where known."
        found.append(Finding(NOTE, there.path, sentence, _NOT_COMPARED[kind]))
    return tuple(found)


def _missing(missing: Sequence[str], have: Iterable[str], kind: str) -> tuple[str, str]:
    """What to do about missing keys, and the card that fits."""
    keys = set(have)
    if kind == "keras":
        return f"Only names were compared here. {_NOT_COMPARED[kind]}", ""
    if any(ATTRIBUTE in key for key in keys) != any(ATTRIBUTE in name for name in missing):
        return (
            "One side is object-based: restore it with tf.train.Checkpoint, or read it by name and rename.",
            "object_based",
        )
    if all(_COPY.sub("", name) in keys for name in missing):
        return (
            "The graph was built twice, so its names ended in _1: build it in a fresh tf.Graph.",
            "graph_built_twice",
        )
    if all(name.rpartition("/")[0] in keys for name in missing):
        return "They are slots of another optimizer: restore the variables without them.", "optimizer_changed"
    advice = "Rename by a map (Take home writes the script), or restore what matches and leave the rest."
    return advice, "other_scope"
