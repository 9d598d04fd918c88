"""Parts of scripts, as the visitor reads and runs them: plain Python, with constants that a script defines.

Each way of writing ends by restoring what it wrote, prints how many weights came back, and fails when one did
not.
"""

COUNT = '''

def count(what, lost, wanted):
    """Say how many weights came back, and fail if one did not."""
    print(f"{what}: {len(wanted) - len(lost)} of {len(wanted)} weights came back")
    if lost or not wanted:
        some = ", ".join(sorted(lost)[:20]) or "there is nothing to restore"
        raise SystemExit(f"These did not come back: {some}.")
'''

# An object-based checkpoint: tensors by key, and the graph of objects, which stays.
OBJECTS = '''
import tensorflow as tf
from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph


GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def read(prefix):
    """Every tensor by its key, and the objects that they belong to."""
    reader = tf.train.load_checkpoint(prefix)
    tensors = {key: tf.constant(reader.get_tensor(key)) for key in reader.get_variable_to_shape_map()}
    return tensors, TrackableObjectGraph.FromString(tensors.pop(GRAPH).numpy())


def made(graph, tensors):
    """The objects of a graph, with variables that have no values yet; and these by their keys."""
    variables = {}
    slots = {slot.slot_variable_node_id for node in graph.nodes for slot in node.slot_variables}
    objects = [tf.Module() for _ in graph.nodes]
    for at, node in enumerate(graph.nodes):
        for value in node.attributes:
            tensor = tensors.get(value.checkpoint_key)
            if value.name == "VARIABLE_VALUE" and at not in slots and tensor is not None:
                objects[at] = variables[value.checkpoint_key] = tf.Variable(tf.zeros_like(tensor))
    for at, node in enumerate(graph.nodes):
        for child in node.children:
            objects[at]._track_trackable(objects[child.node_id], child.local_name, overwrite=True)
    return objects[0], variables


def write(prefix, tensors, graph):
    """Write the tensors with their objects, and restore them as tf.train.Checkpoint does."""
    for node in graph.nodes:  # what has no tensor any more is not asked for
        kept = [value for value in node.attributes if value.checkpoint_key in tensors]
        del node.attributes[:]
        node.attributes.extend(kept)
    for node in graph.nodes:
        kept = [slot for slot in node.slot_variables if graph.nodes[slot.slot_variable_node_id].attributes]
        del node.slot_variables[:]
        node.slot_variables.extend(kept)
    names, whole = [*tensors, GRAPH], [""] * (len(tensors) + 1)
    values = [*tensors.values(), tf.constant(graph.SerializeToString())]
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=whole, tensors=values)

    root, variables = made(graph, tensors)
    tf.train.Checkpoint(root).read(prefix).expect_partial()
    back = tf.train.load_checkpoint(prefix)

    def bits(value):
        return tf.io.serialize_tensor(value).numpy()

    lost = [key for key, value in tensors.items() if bits(tf.constant(back.get_tensor(key))) != bits(value)]
    lost += [key for key, value in variables.items() if bits(value) != bits(tensors[key])]
    count(prefix, set(lost), tensors)
'''

# Files of Keras: a zip with an HDF5 file in it, or an HDF5 file.
KERAS = '''
import io
import json
import zipfile

import h5py
import numpy as np


WEIGHTS = "model.weights.h5"


def opened(path):
    """The HDF5 file of a Keras file."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r")
    return h5py.File(path, "r")


def arrays(file):
    """Every array of it, in the order in which they were written."""
    found = []
    file.visititems(lambda name, each: found.append((name, each)) if isinstance(each, h5py.Dataset) else None)
    return {name: each for name, each in sorted(found, key=lambda pair: pair[1].id.get_offset() or 0)}


def number(each):
    """An array as NumPy has it; HDF5 knows no bfloat16."""
    if each.dtype == np.dtype("V2"):
        import ml_dtypes

        return each[()].view(ml_dtypes.bfloat16)
    return each[()]


def write(path, source, values, told=lambda text: text, called=lambda name: name):
    """A copy of a Keras file with these arrays; read back at the end.

    told changes texts, such as the model's configuration; called gives the name of a group or array.
    """
    content = io.BytesIO()
    with opened(source) as old, h5py.File(content, "w") as new:

        def attributes(name, each):
            there = new if each is old else new[called(name)]
            for key in each.attrs:
                value, kind = each.attrs[key], each.attrs.get_id(key).dtype
                if isinstance(value, str):
                    value = told(value)
                elif isinstance(value, np.ndarray) and value.dtype.kind in "SO":
                    texts = [text.decode() if isinstance(text, bytes) else text for text in value]
                    value = np.array([called(text).encode() for text in texts])
                    kind = value.dtype if len(value) else kind
                there.attrs.create(key, value, dtype=kind)

        def group(name, each):
            if isinstance(each, h5py.Group) and kept(name):
                new.require_group(called(name))

        old.visititems(group)
        for name, value in values.items():
            raw = value.view("V2") if value.dtype.name == "bfloat16" else value
            new.create_dataset(called(name), data=raw)
        attributes("", old)
        old.visititems(lambda name, each: attributes(name, each) if called(name) in new else None)
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                inside = content.getvalue() if name == WEIGHTS else old.read(name)
                new.writestr(name, told(inside.decode()) if name == "config.json" else inside)
    else:
        with open(path, "wb") as file:
            file.write(content.getvalue())
    with opened(path) as file:
        back = {name: number(each) for name, each in arrays(file).items()}
    lost = {
        name
        for name, value in values.items()
        if called(name) not in back or back[called(name)].tobytes() != value.tobytes()
    }
    count(path, lost, values)


def kept(name):
    """Whether a group stays."""
    return not any(name == each or name.startswith(f"{each}/") for each in DROPPED)
'''

# Keras loads the whole file, where it says how to build the model.
LOADED = '''
import keras


def load(path, values, called=lambda name: name):
    """Build the model of the file, and count the weights that have the file's values."""
    model = keras.saving.load_model(path, compile=False)
    there = [value.tobytes() for name, value in values.items() if not called(name).startswith("optimizer")]
    lost = []
    for weight in model.weights:
        value = weight.numpy().tobytes()
        if value in there:
            there.remove(value)
        else:
            lost.append(weight.path)
    count(f"{path}, as Keras loads it", lost, [weight.path for weight in model.weights])
'''

# Tensors by name, as a Saver has them.
NAMES = '''
import tensorflow as tf


def write_names(prefix, tensors):
    """Write a checkpoint of these tensors as a Saver does, and restore it as a Saver does."""
    names, whole = list(tensors), [""] * len(tensors)
    values = [tf.constant(value) for value in tensors.values()]
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=whole, tensors=values)
    types = [value.dtype for value in values]
    back = tf.raw_ops.RestoreV2(prefix=prefix, tensor_names=names, shape_and_slices=whole, dtypes=types)
    bits = [[tf.io.serialize_tensor(value).numpy() for value in some] for some in (values, back)]
    count(prefix, [name for name, a, b in zip(names, *bits, strict=True) if a != b], names)
'''

# A model that the visitor's own program builds.
MODEL = '''
import numpy as np


def emptied(model):
    """The values of a model, which has zeros in their place from now on."""
    values = [(weight.path, weight.numpy()) for weight in model.weights]
    for weight, (_, value) in zip(model.weights, values, strict=True):
        weight.assign(np.zeros_like(value))
    return values


def compare(what, model, values):
    """Count the weights that are as they were."""
    pairs = zip(model.weights, values, strict=True)
    lost = [path for weight, (path, value) in pairs if weight.numpy().tobytes() != value.tobytes()]
    count(what, lost, values)
'''
