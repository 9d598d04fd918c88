"""What other libraries load: safetensors, Flax, and TensorFlow.js, which Python has no loader for."""

from __future__ import annotations

import json

from core.bundle import Values
from core.inspect.code.block import JAVASCRIPT, VALUES, WHOLE, Block, a_weight, quoted
from core.inspect.model import Listing

_NONE = "Neither TensorFlow nor Keras loads this format in Python. Its values come by way of NumPy."
_NOT_OF_NUMPY = ("bfloat16", "float8")


def of_safetensors(path: str, listing: Listing, values: Values) -> list[Block]:
    """Of safetensors: NumPy's arrays, or TensorFlow's of types that NumPy does not have."""
    odd = any(entry.dtype.startswith(_NOT_OF_NUMPY) for entry in values.entries)
    library = "tensorflow" if odd else "numpy"
    text = f"""from safetensors.{library} import load_file

tensors = load_file({quoted(path)})
print(tensors[{quoted(a_weight(listing, values))}])
"""
    return [Block(VALUES, text)]


def of_flax(path: str, listing: Listing, values: Values) -> list[Block]:
    """Of Flax: the tree of arrays."""
    way = "".join(f"[{quoted(part)}]" for part in a_weight(listing, values).split("/"))
    text = f"""from flax.serialization import msgpack_restore

with open({quoted(path)}, "rb") as file:
    tree = msgpack_restore(file.read())
print(tree{way})
"""
    return [Block(VALUES, text)]


def of_tfjs(path: str, is_graph: bool, listing: Listing, values: Values) -> list[Block]:
    """Of TensorFlow.js: its own loader in JavaScript, and its values in Python."""
    call = "loadGraphModel" if is_graph else "loadLayersModel"
    script = f"""import * as tf from "@tensorflow/tfjs";

const model = await tf.{call}({json.dumps(path)}); // its address, where your page is served
"""
    name = next((each.name for each in listing.tensors if each.key == a_weight(listing, values)), "")
    python = f"""import subprocess

import numpy as np

subprocess.run(["checkpoint-explorer", "export", {quoted(path)}, "-o", "tensors.npz"], check=True)
with np.load("tensors.npz") as tensors:
    print(tensors[{quoted(name)}])
"""
    return [Block(WHOLE, script, JAVASCRIPT, _NONE), Block(VALUES, python)]
