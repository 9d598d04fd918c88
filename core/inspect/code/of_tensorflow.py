"""What TensorFlow loads: checkpoints of a Saver or of objects, SavedModels, TensorFlow Lite, graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.bundle import Entry, Values
from core.bundle.graph import ATTRIBUTE, Object
from core.checkpoint import META
from core.inspect.code.block import INTO, OWN, VALUES, WHOLE, Block, a_weight, arguments, is_name, quoted
from core.inspect.graphs import Graph, Signature
from core.inspect.model import Listing
from core.inspect.tflite import TFLiteFile
from core.words import listed

_VALUE = f"{ATTRIBUTE}VARIABLE_VALUE"

_OF_KERAS = {"keras_api", "_functional", "_layers", "_operations", "_tracker", "variables"}
_COUNTER = "save_counter"
_SERVING = "serving_default"
_AUTHOR = "This runs its author's program, which reaches outside itself by"


def of_saver(path: str, graph: Graph | None, listing: Listing, values: Values) -> list[Block]:
    """Of a Saver: with its graph where there is a `.meta` file beside it."""
    key = a_weight(listing, values)
    by_name = Block(VALUES, by_reader(path, key))
    if graph is None or "variables" not in graph.collections:
        inside = f"""import tensorflow as tf

from {OWN} import build  # your own code, which makes the graph

v1 = tf.compat.v1
with tf.Graph().as_default(), v1.Session() as session:
    build()
    v1.train.Saver().restore(session, {quoted(path)})
"""
        return [by_name, Block(INTO, inside)]
    restored = [each for each in graph.saver if not each.slice] or [*graph.saver]
    names = {each.key: each.variable for each in restored}
    name = names.get(key) or next(iter(names.values()), "")
    text = f"""import tensorflow as tf

v1 = tf.compat.v1
with tf.Graph().as_default(), v1.Session() as session:
    saver = v1.train.import_meta_graph({quoted(f"{path}{META}")}, clear_devices=True)
    saver.restore(session, {quoted(path)})
    variables = {{each.op.name: each for each in v1.global_variables()}}
    print(session.run(variables[{quoted(name)}]))
"""
    return [Block("The graph with its values", text, note=_warning(graph)), by_name]


def of_objects(path: str, stored: Sequence[Object], listing: Listing, values: Values) -> list[Block]:
    """Of `tf.train.Checkpoint`: into the objects that its root names."""
    by_name = Block(VALUES, by_reader(path, a_weight(listing, values)))
    children = [each for each in stored[0].children if 0 <= each[1] < len(stored)] if stored else []
    entries = {entry.name: entry for entry in values.entries}
    names = [name for name, _ in children if name != _COUNTER]
    is_model = not names or bool(_OF_KERAS & set(names)) or not all(map(is_name, names))
    how = "restore" if len(names) < len(children) else "read"
    if is_model:
        own, given = ["model"], "model"
    else:
        made = {name: _made(stored[at], entries) for name, at in children if name != _COUNTER}
        own = [name for name, code in made.items() if not code]
        given = ", ".join(f"{name}={code or name}" for name, code in made.items())
    line = f"from {OWN} import {', '.join(own)}  # your own objects\n\n" if own else ""
    text = f"""import tensorflow as tf

{line}checkpoint = tf.train.Checkpoint({given})
checkpoint.{how}({quoted(path)}).assert_existing_objects_matched()
"""
    return [Block("Into objects of yours", text), by_name]


def of_saved_model(
    path: str, graphs: Sequence[Graph], listing: Listing | None, values: Values | None
) -> list[Block]:
    """Of a SavedModel: called by its signature, as a layer of Keras 3, and its values."""
    graph = next((each for each in graphs if "serve" in each.tags), graphs[0] if graphs else None)
    tags = f", tags={[*graph.tags]!r}" if graph and "serve" not in graph.tags else ""
    head = f"import tensorflow as tf\n\nmodel = tf.saved_model.load({quoted(path)}{tags})\n"
    called = [each for each in graph.signatures if not each.key.startswith("__")] if graph else []
    found = {each.key: each for each in called}
    chosen = found.get(_SERVING) or next(iter(found.values()), None)
    note = _warning(graph) if graph else ""
    odd = any(not is_name(name) for each in called for name, _ in _inputs(each))
    if graph and chosen and odd:  # of TensorFlow 1: Python takes no such names for arguments
        text = _in_a_session(path, graph, chosen)
    else:
        text = head + (_called(chosen, found) if chosen else "")
    blocks = [Block(WHOLE, text, note=note)]
    if chosen and len(chosen.inputs) == 1 and not tags and not odd:
        (given,) = (value for _, value in _inputs(chosen))
        layer = f"""import keras
import tensorflow as tf

layer = keras.layers.TFSMLayer({quoted(path)}, call_endpoint={quoted(chosen.key)})
print(layer({given}))  # your own values in place of zeros
"""
        blocks.append(Block("A layer of Keras 3", layer, note=note))
    if listing is not None and values is not None:
        place = f"{path}/variables/variables"
        blocks.append(Block(VALUES, by_reader(place, a_weight(listing, values))))
    return blocks


def of_frozen(path: str, listing: Listing, values: Values) -> list[Block]:
    """Of a frozen graph: its constants."""
    text = f"""import tensorflow as tf

graph = tf.compat.v1.GraphDef()
with open({quoted(path)}, "rb") as file:
    graph.ParseFromString(file.read())
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    tf.import_graph_def(graph, name="")
    print(session.run({quoted(a_weight(listing, values) + ":0")}))
"""
    return [Block("The graph with its values", text)]


def of_tflite(path: str, values: TFLiteFile) -> list[Block]:
    """Of TensorFlow Lite: called by its signature where it has one."""
    head = f"""import numpy as np
import tensorflow as tf

interpreter = tf.lite.Interpreter({quoted(path)})  # also in ai_edge_litert.interpreter
"""
    if values.takes:
        name, inputs = next(iter(values.takes.items()))
        given = arguments((each, _zeros(dtype, shape, "np")) for each, dtype, shape in inputs)
        text = f"""run = interpreter.get_signature_runner({quoted(name)})
print(run({given}))  # your own values in place of zeros
"""
    else:
        text = """interpreter.allocate_tensors()
for each in interpreter.get_input_details():
    interpreter.set_tensor(each["index"], np.zeros(each["shape"], each["dtype"]))  # your own values
interpreter.invoke()
for each in interpreter.get_output_details():
    print(each["name"], interpreter.get_tensor(each["index"]))
"""
    return [Block(WHOLE, head + text)]


def by_reader(path: str, key: str) -> str:
    """Values by name, as TensorFlow reads them without a model."""
    return f"""import tensorflow as tf

reader = tf.train.load_checkpoint({quoted(path)})
print(reader.get_tensor({quoted(key)}))
"""


def _warning(graph: Graph) -> str:
    return f"{_AUTHOR} {listed(graph.outside)}." if graph.outside else ""


def _made(node: Object, entries: dict[str, Entry]) -> str:
    """How a variable of the root is made; "" for an object with others inside it."""
    keys = (key for _, key in node.keys if key.endswith(_VALUE))  # an iterator's or a table's is none
    entry = next((entries[key] for key in keys if key in entries), None)
    if entry is None or node.children:
        return ""
    return f"tf.Variable({_zeros(entry.dtype, entry.shape, 'tf')})"


def _called(chosen: Signature, found: dict[str, Signature]) -> str:
    others = [quoted(each) for each in found if each != chosen.key]
    also = f"  # there are also {listed(others)}" if others else ""
    output = chosen.outputs[0].rpartition(": ")[0]
    zeros = "  # your own values in place of zeros" if chosen.inputs else ""
    return f"""call = model.signatures[{quoted(chosen.key)}]{also}
answer = call({arguments(_inputs(chosen))}){zeros}
print(answer[{quoted(output)}])
"""


def _in_a_session(path: str, graph: Graph, chosen: Signature) -> str:
    """A SavedModel as TensorFlow 1 loads it."""
    inputs = ", ".join(f"{quoted(name)}: {zeros}" for name, zeros in _inputs(chosen, "np"))
    output = chosen.outputs[0].rpartition(": ")[0]
    return f"""import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
given = {{{inputs}}}  # your own values in place of zeros
with tf.Graph().as_default(), v1.Session() as session:
    meta = v1.saved_model.load(session, {[*graph.tags]!r}, {quoted(path)})
    call = meta.signature_def[{quoted(chosen.key)}]
    feed = {{call.inputs[name].name: value for name, value in given.items()}}
    print(session.run(call.outputs[{quoted(output)}].name, feed))
"""


def _inputs(signature: Signature, library: str = "tf") -> Iterator[tuple[str, str]]:
    """The inputs of a signature, each with zeros of its type and shape."""
    for each in signature.inputs:
        name, _, about = each.rpartition(": ")
        dtype, _, shape = about.partition(" ")
        sizes = [] if "any" in shape else [part.strip() for part in shape.strip("[]").split(",") if part]
        yield name, _zeros(dtype, [1 if size == "?" else int(size) for size in sizes], library)


def _zeros(dtype: str, shape: Sequence[int], library: str) -> str:
    sizes = [max(1, size) if size < 0 else size for size in shape]
    if library == "np" and dtype == "string":
        return f'np.full({sizes}, b"", object)'
    if library == "np" and dtype == "bfloat16":
        return f"np.zeros({sizes}, tf.bfloat16.as_numpy_dtype)"
    return f"{library}.zeros({sizes}, {library}.{dtype})"
