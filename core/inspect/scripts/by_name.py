"""Scripts for a Saver's checkpoints: tensors by name. Those that write use the operations of a Saver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.bundle.graph import KEY
from core.inspect.model import SLOT, Listing
from core.inspect.scripts import parts
from core.inspect.scripts.script import (
    Script,
    averaged,
    averaging,
    casting,
    filled,
    floats,
    literal,
    refuse_nothing,
    renaming,
    stripped,
)
from core.words import counted


def list_names(found: Listing, prefix: str) -> Script:
    """Print every name with its shape and type."""
    text = f'''"""List what a checkpoint holds."""

import tensorflow as tf

PREFIX = {prefix!r}  # the files of this name, from where you run this

reader = tf.train.load_checkpoint(PREFIX)
types = reader.get_variable_to_dtype_map()
for name, shape in sorted(reader.get_variable_to_shape_map().items()):
    print(name, types[name].name, shape)
'''
    effect = tuple(f"{each.key} {each.dtype} {list(each.shape)}" for each in found.tensors)
    return Script("list_names.py", "List the names", text, effect)


def rename(found: Listing, prefix: str, names: Mapping[str, str]) -> Script:
    """Write a copy in which tensors have other names.

    Raises:
        ValueError: a name is not there, two would be called the same, or it has an object graph.
    """
    _refuse_objects(found)
    keys = [each.key for each in found.tensors]
    unknown = [name for name in names if name not in keys]
    if unknown:
        raise ValueError(f"{unknown[0]} is not in {found.path}.")
    after = [names.get(key, key) for key in keys]
    twice = next((name for name in after if after.count(name) > 1), None) if len(after) < 20_000 else None
    if twice is not None:
        raise ValueError(f"Two tensors would be called {twice}.")
    body = """
reader = tf.train.load_checkpoint(PREFIX)
there = reader.get_variable_to_shape_map()
write_names(COPY, {NAMES.get(name, name): reader.get_tensor(name) for name in there})
"""
    doc = "Write a copy of a checkpoint in which tensors have other names."
    constants = {"PREFIX": prefix, "COPY": f"{prefix}-renamed", "NAMES": dict(names)}
    return renaming(names, filled(doc, constants, parts.COUNT, parts.NAMES, body))


def drop_slots(found: Listing, prefix: str) -> Script:
    """Write a copy without the optimizer's slots.

    Raises:
        ValueError: it has an object graph, or no slots.
    """
    _refuse_objects(found)
    dropped = [each for each in found.tensors if each.role == SLOT]
    refuse_nothing(dropped, found)
    body = """
reader = tf.train.load_checkpoint(PREFIX)
there = reader.get_variable_to_shape_map()
write_names(COPY, {name: reader.get_tensor(name) for name in there if name not in DROP})
"""
    doc = "Write a copy of a checkpoint without the optimizer's slots."
    drop = sorted(each.key for each in dropped)
    constants = {"PREFIX": prefix, "COPY": f"{prefix}-without-slots", "DROP": drop}
    return stripped(found, dropped, filled(doc, constants, parts.COUNT, parts.NAMES, body))


def cast(found: Listing, prefix: str, dtype: str) -> Script:
    """Write a copy in which what has another float type has this one.

    Raises:
        ValueError: nothing has another float type, or it has an object graph.
    """
    _refuse_objects(found)
    keys = [each.key for each in floats(found, dtype)]
    body = """
reader = tf.train.load_checkpoint(PREFIX)
tensors = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
for name in CAST:
    tensors[name] = tf.cast(tensors[name], DTYPE).numpy()
write_names(f"{PREFIX}-{DTYPE}", tensors)
"""
    doc = f"Write a copy of a checkpoint in {dtype}."
    text = filled(doc, {"PREFIX": prefix, "DTYPE": dtype, "CAST": keys}, parts.COUNT, parts.NAMES, body)
    return casting(keys, dtype, text)


def average(found: Sequence[Listing], prefixes: Sequence[str]) -> Script:
    """Average the tensors of several checkpoints; what is no float comes from the last.

    Raises:
        ValueError: the last one has an object graph.
    """
    _refuse_objects(found[-1])
    same = averaged(found)
    body = """
import numpy as np

readers = [tf.train.load_checkpoint(prefix) for prefix in PREFIXES]
last = readers[-1]
tensors = {name: last.get_tensor(name) for name in last.get_variable_to_shape_map()}
for name in AVERAGED:
    mean = np.mean([reader.get_tensor(name).astype(np.float64) for reader in readers], axis=0)
    tensors[name] = mean.astype(tensors[name].dtype)
write_names(COPY, tensors)
"""
    constants = {
        "PREFIXES": list(prefixes),
        "COPY": f"{prefixes[-1]}-average",
        "AVERAGED": [each.key for each in same],
    }
    doc = "Average several checkpoints of one training into one."
    return averaging(found, same, filled(doc, constants, parts.COUNT, parts.NAMES, body))


def to_objects(found: Listing, prefix: str) -> Script:
    """Saver → object-based: objects whose paths are the names, so that root.dense.kernel is dense/kernel.

    Raises:
        ValueError: one name is the beginning of another's path.
    """
    names = [each.key for each in found.weights()]
    owners = {name.rpartition("/")[0] for name in names}
    both = next((name for name in names if any(f"{each}/".startswith(f"{name}/") for each in owners)), "")
    if both:
        raise ValueError(f"{both} is a tensor and has others below it, which objects cannot be.")
    body = """

def tree(tensors):
    \"\"\"Objects with a variable for each name, which have no values yet.\"\"\"
    objects, variables = {"": tf.Module()}, {}
    for name, value in tensors.items():
        path = ""
        *owners, last = name.split("/")
        for owner in owners:
            at, path = objects[path], f"{path}/{owner}"
            if path not in objects:
                objects[path] = tf.Module()
                at._track_trackable(objects[path], owner)
        variables[name] = tf.Variable(tf.zeros_like(value), name=name)
        objects[path]._track_trackable(variables[name], last)
    return objects[""], variables


reader = tf.train.load_checkpoint(PREFIX)
tensors = {name: tf.constant(reader.get_tensor(name)) for name in NAMES}
root, variables = tree(tensors)
for name, value in tensors.items():
    variables[name].assign(value)
tf.train.Checkpoint(root).write(COPY)
root, variables = tree(tensors)
tf.train.Checkpoint(root).read(COPY).assert_consumed()
lost = [name for name in NAMES if variables[name].numpy().tobytes() != tensors[name].numpy().tobytes()]
count(COPY, lost, NAMES)
"""
    constants = {"PREFIX": prefix, "COPY": f"{prefix}-objects", "NAMES": names}
    text = filled(
        "Write the weights of a Saver's checkpoint as objects.",
        constants,
        parts.COUNT,
        "import tensorflow as tf\n",
        body,
    )
    return Script("to_objects.py", "To an object-based checkpoint", text, tuple(names))


def to_saved_model(
    found: Listing, prefix: str, inputs: Mapping[str, str], outputs: Mapping[str, str]
) -> Script:
    """Saver → SavedModel: the graph of the `.meta` file, the values of the checkpoint, and a signature.

    Args:
        inputs, outputs: what callers say to the name of the tensor, such as {{"x": "X:0"}}.

    Raises:
        ValueError: it has an object graph.
    """
    _refuse_objects(found)
    text = f'''"""Write a SavedModel from a Saver's files. It imports the graph: use files that you trust."""

import tensorflow as tf

v1 = tf.compat.v1
PREFIX = {prefix!r}  # the files of this name, from where you run this
INPUTS = {literal(dict(inputs))}  # what callers say: the tensor's name
OUTPUTS = {literal(dict(outputs))}
MODEL = PREFIX + "-saved-model"

with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
    saver = v1.train.import_meta_graph(PREFIX + ".meta", clear_devices=True)
    saver.restore(session, PREFIX)
    signatures = {{}}
    if OUTPUTS:
        signatures["serving_default"] = v1.saved_model.signature_def_utils.predict_signature_def(
            {{key: graph.get_tensor_by_name(name) for key, name in INPUTS.items()}},
            {{key: graph.get_tensor_by_name(name) for key, name in OUTPUTS.items()}},
        )
    builder = v1.saved_model.Builder(MODEL)
    builder.add_meta_graph_and_variables(session, ["serve"], signatures, strip_default_attrs=True)
    builder.save()
    variables = {{each.op.name: each for each in v1.global_variables()}}
    wanted = session.run(variables)

with tf.Graph().as_default(), v1.Session() as session:
    v1.saved_model.load(session, ["serve"], MODEL)
    loaded = session.run({{each.op.name: each for each in v1.global_variables()}})
same = [name for name in wanted if name in loaded and loaded[name].tobytes() == wanted[name].tobytes()]
print(f"{{MODEL}}: {{len(same)}} of {{len(wanted)}} weights came back")
if len(same) != len(wanted) or not wanted:
    lost = ", ".join(sorted(set(wanted) - set(same)))
    raise SystemExit(f"These did not come back: {{lost or 'there is nothing to restore'}}.")
'''
    effect = (
        f"{prefix}-saved-model/saved_model.pb and variables, {counted(len(found.tensors), 'tensor')}",
        f"signature serving_default: {', '.join(inputs) or 'nothing'} → {', '.join(outputs) or 'nothing'}",
    )
    return Script("to_saved_model.py", "Saver → SavedModel", text, effect)


def restore_matching(found: Listing, prefix: str, wanted: Mapping[str, Sequence[int] | None]) -> Script:
    """Restore into a graph what has the same name, shape and dtype, and leave the rest as it was initialized.

    Args:
        wanted: names and shapes that the other graph has, for the preview.

    Raises:
        ValueError: it has an object graph.
    """
    _refuse_objects(found)
    text = f'''"""Restore what matches, and leave the rest as the initializer made it."""

import tensorflow as tf

v1 = tf.compat.v1
PREFIX = {prefix!r}  # the files of this name, from where you run this


def restore_matching(session, prefix=PREFIX):
    """Call it in your own program, with your graph built and initialized."""
    reader = tf.train.load_checkpoint(prefix)
    there = reader.get_variable_to_shape_map()
    variables = {{v.op.name: v for v in session.graph.get_collection(v1.GraphKeys.GLOBAL_VARIABLES)}}
    types = reader.get_variable_to_dtype_map()
    matching = {{
        name: variable
        for name, variable in variables.items()
        if there.get(name) == variable.shape.as_list() and types[name] == variable.dtype.base_dtype
    }}
    if matching:
        with session.graph.as_default():
            v1.train.Saver(matching).restore(session, prefix)
    values = session.run(matching)
    came = [name for name in matching if values[name].tobytes() == reader.get_tensor(name).tobytes()]
    print(f"{{prefix}}: {{len(came)}} of {{len(variables)}} weights came back")
    print("left:", *sorted(set(variables) - set(came)))
    if len(came) != len(matching) or not came:
        lost = ", ".join(sorted(set(matching) - set(came)))
        raise SystemExit(f"These did not come back: {{lost or 'no name and shape is the same'}}.")
    return matching
'''
    have = {each.key: each for each in found.tensors}
    effect = []
    for name, shape in wanted.items():
        if name not in have:
            effect.append(f"left: {name} (not in the checkpoint)")
        elif shape is not None and tuple(shape) != have[name].shape:
            effect.append(f"left: {name} ({list(have[name].shape)} in the checkpoint, {list(shape)} there)")
        else:
            effect.append(f"restored: {name}")
    return Script("restore_matching.py", "Restore what matches", text, tuple(effect))


def _refuse_objects(found: Listing) -> None:
    """Without its object graph, a checkpoint of objects restores nothing, and no error says so.

    Raises:
        ValueError: the checkpoint has one.
    """
    if any(each.key == KEY for each in found.tensors):
        raise ValueError(
            f"{found.path} has an object graph, and this script would drop it. "
            "It is offered for checkpoints of a Saver alone."
        )
