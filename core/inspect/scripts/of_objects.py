"""Scripts for object-based checkpoints, and for the variables of a SavedModel: the object graph stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.inspect.model import Listing
from core.inspect.scripts import parts
from core.inspect.scripts.script import (
    Script,
    averaged,
    averaging,
    casting,
    filled,
    floats,
    of_optimizer,
    refuse_nothing,
    renaming,
    stripped,
)


def drop_slots(found: Listing, prefix: str) -> Script:
    """Write a copy without the values of its optimizers. The objects stay, so every weight is found.

    Raises:
        ValueError: there is nothing to take away.
    """
    dropped = [each for each in found.tensors if of_optimizer(each)]
    refuse_nothing(dropped, found)
    body = """
tensors, graph = read(PREFIX)
for key in DROP:
    del tensors[key]
write(COPY, tensors, graph)
"""
    constants = {
        "PREFIX": prefix,
        "COPY": copy_of(prefix, "without-optimizer"),
        "DROP": [each.key for each in dropped],
    }
    text = filled(
        "Write a copy of a checkpoint without its optimizer.", constants, parts.COUNT, parts.OBJECTS, body
    )
    return stripped(found, dropped, text)


def rename(found: Listing, prefix: str, names: Mapping[str, str]) -> Script:
    """Write a copy in which attributes of objects have other names.

    Args:
        names: path of an object to its new path, such as {"model/first": "model/stem"}.

    The script fails when nothing is at a path, or something is at a new one already.
    """
    body = """

def owner(graph, path):
    \"\"\"The object that a path's last name belongs to; objects on the way to it are made.\"\"\"
    at = 0
    for name in path.split("/")[:-1]:
        below = [child.node_id for child in graph.nodes[at].children if child.local_name == name]
        if not below:
            graph.nodes.add()
            below = [len(graph.nodes) - 1]
            graph.nodes[at].children.add(node_id=below[0], local_name=name)
        at = below[0]
    return graph.nodes[at]


def moved(graph, old, new):
    \"\"\"Give the object at one path another path.\"\"\"
    name, called = old.rpartition("/")[2], new.rpartition("/")[2]
    parent, other = owner(graph, old), owner(graph, new)
    found = [child.node_id for child in parent.children if child.local_name == name]
    if not found or any(child.local_name == called for child in other.children):
        raise SystemExit(f"Nothing is at {old}, or something is at {new} already.")
    kept = [child for child in parent.children if child.local_name != name]
    del parent.children[:]
    parent.children.extend(kept)
    other.children.add(node_id=found[0], local_name=called)


def key_of(key):
    \"\"\"What a key is called then.\"\"\"
    for old, new in NAMES.items():
        if key.startswith(f"{old}/"):
            return new + key[len(old):]
    return key


tensors, graph = read(PREFIX)
for old, new in NAMES.items():
    moved(graph, old, new)
for node in graph.nodes:
    for value in node.attributes:
        value.checkpoint_key = key_of(value.checkpoint_key)
write(COPY, {key_of(key): value for key, value in tensors.items()}, graph)
"""
    constants = {"PREFIX": prefix, "COPY": copy_of(prefix, "renamed"), "NAMES": dict(names)}
    text = filled(
        "Write a copy of a checkpoint in which objects have other names.",
        constants,
        parts.COUNT,
        parts.OBJECTS,
        body,
    )
    return renaming(names, text)


def cast(found: Listing, prefix: str, dtype: str) -> Script:
    """Write a copy in which what has another float type has this one.

    Raises:
        ValueError: nothing has another float type.
    """
    keys = [each.key for each in floats(found, dtype)]
    body = """
tensors, graph = read(PREFIX)
for key in CAST:
    tensors[key] = tf.cast(tensors[key], DTYPE)
write(COPY, tensors, graph)
"""
    constants = {"PREFIX": prefix, "COPY": copy_of(prefix, dtype), "DTYPE": dtype, "CAST": keys}
    text = filled(f"Write a copy of a checkpoint in {dtype}.", constants, parts.COUNT, parts.OBJECTS, body)
    return casting(keys, dtype, text)


def average(found: Sequence[Listing], prefixes: Sequence[str]) -> Script:
    """Average the tensors of several checkpoints; objects, and what is no float, come from the last."""
    same = averaged(found)
    body = """
import numpy as np

several = [read(prefix) for prefix in PREFIXES]
tensors, graph = several[-1]
for key in AVERAGED:
    values = [each[key].numpy() for each, _ in several]
    mean = np.mean([value.astype(np.float64) for value in values], axis=0)
    tensors[key] = tf.constant(mean.astype(values[-1].dtype))
write(COPY, tensors, graph)
"""
    constants = {
        "PREFIXES": list(prefixes),
        "COPY": copy_of(prefixes[-1], "average"),
        "AVERAGED": [each.key for each in same],
    }
    text = filled(
        "Average several checkpoints of one training into one.", constants, parts.COUNT, parts.OBJECTS, body
    )
    return averaging(found, same, text)


def to_saver(found: Listing, prefix: str) -> Script:
    """Object-based → Saver: each weight by its own name.

    Raises:
        ValueError: two weights have one name.
    """
    names = names_of(found)
    body = """
reader = tf.train.load_checkpoint(PREFIX)
write_names(COPY, {name: reader.get_tensor(key) for name, key in NAMES.items()})
"""
    constants = {"PREFIX": prefix, "COPY": copy_of(prefix, "by-name"), "NAMES": names}
    text = filled(
        "Write the weights of an object-based checkpoint by name, as a Saver does.",
        constants,
        parts.COUNT,
        parts.NAMES,
        body,
    )
    return Script("to_saver.py", "To a Saver's checkpoint", text, tuple(names))


def to_objects(prefix: str) -> Script:
    """SavedModel → object-based: its variables with their objects, under a prefix of their own."""
    body = """
write(COPY, *read(PREFIX))
"""
    constants = {"PREFIX": prefix, "COPY": copy_of(prefix, "objects")}
    text = filled(
        "Write the variables of a SavedModel as a checkpoint.", constants, parts.COUNT, parts.OBJECTS, body
    )
    return Script("to_objects.py", "To an object-based checkpoint", text, (f"{constants['COPY']}.index",))


def to_saved_model(prefix: str) -> Script:
    """Object-based → SavedModel: its objects and variables, without functions."""
    body = """
tensors, graph = read(PREFIX)
root, variables = made(graph, tensors)
tf.train.Checkpoint(root).read(PREFIX).expect_partial()
tf.saved_model.save(root, COPY)
back, there = tf.train.load_checkpoint(f"{COPY}/variables/variables"), []
for key, shape in back.get_variable_to_shape_map().items():
    if key != GRAPH:
        there.append(tf.io.serialize_tensor(back.get_tensor(key)).numpy())
tf.saved_model.load(COPY)
lost = [key for key, value in variables.items() if tf.io.serialize_tensor(value).numpy() not in there]
count(COPY, lost, variables)
"""
    constants = {"PREFIX": prefix, "COPY": copy_of(prefix, "saved-model")}
    text = filled(
        "Write a SavedModel of a checkpoint's objects. It has variables and no functions.",
        constants,
        parts.COUNT,
        parts.OBJECTS,
        body,
    )
    return Script("to_saved_model.py", "To a SavedModel", text, (f"{constants['COPY']}/saved_model.pb",))


def names_of(found: Listing) -> dict[str, str]:
    """Weights by the names that people know.

    Raises:
        ValueError: two have the same.
    """
    names = {each.name: each.key for each in found.weights()}
    if len(names) != len(found.weights()):
        raise ValueError(f"Two weights of {found.path} have the same name.")
    return names


def copy_of(prefix: str, what: str) -> str:
    """What a copy is called; of a SavedModel it lies beside its folder."""
    folder = prefix.removesuffix("variables/variables").rstrip("/")
    return f"{folder or 'saved-model'}-{what}"
