"""What Keras loads: `.keras`, whole `.h5` files, weights alone, and Orbax' checkpoints of its callback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.inspect.code.block import INTO, OWN, VALUES, WHOLE, Block, a_weight, imported, is_name, quoted
from core.inspect.find import SHARDED, Checkpoint
from core.inspect.keras import KerasFile
from core.inspect.model import Listing
from core.inspect.orbax import OrbaxTree

_MOST = 10_000  # parts of a configuration that are looked at
_CLASSES = 50  # of the visitor's own that are named
_LAMBDA = "This runs the Python code in the file. Do so only if you trust its author."
_SILENT = (
    "keras.saving.load_model restores no weight of this file and raises no error: it looks for the weights "
    "without the name of their model. This code restores them."
)
_SHOW = """for weight in model.weights:
    print(weight.name, weight.shape)
"""


def of_file(path: str, listing: Listing, values: KerasFile, zipped: bool) -> list[Block]:
    """Of a Keras file: the whole model where the file describes it, else its weights.

    Args:
        zipped: whether it is a zip, whatever its name says.
    """
    if not isinstance(values.config, dict):
        return _weights(path, listing, values)
    ending = ".keras" if zipped else ".h5"
    fits = path.endswith(ending) or (not zipped and path.endswith(".hdf5"))
    called = path if fits else f"{path.removesuffix('.keras').removesuffix('.h5')}{ending}"
    copied = "" if fits else f"shutil.copyfile({quoted(path)}, {quoted(called)})  # Keras goes by the name\n"
    old = zipped and values.version.startswith(("2.", "1."))
    library = "tf_keras" if old else "keras"
    own, lambdas = _own(values.config), "__lambda__" in _classes(values.config)
    options = "" if zipped else ", compile=False"
    options += _custom_objects(own) + (", safe_mode=False" if lambdas else "")
    lines = [*(["import shutil\n\n"] if copied else []), f"import {library}\n"]
    lines += ["\n", *_imports(own)] if own else []
    lines += ["\n", copied, f"model = {library}.saving.load_model({quoted(called)}{options})\n", _SHOW]
    return [Block(WHOLE, "".join(lines), note=_LAMBDA if lambdas else "")]


def of_orbax(path: str, checkpoint: Checkpoint, values: OrbaxTree) -> list[Block]:
    """Of Orbax: as Keras' callback wrote it, or by Orbax itself."""
    files = [name.removeprefix(checkpoint.path) for name, _, _ in checkpoint.files]
    if not any(name.lstrip("/").startswith("model_config/") for name in files):
        text = f"""import os

from orbax.checkpoint import v1 as ocp

tree = ocp.load_pytree(os.path.abspath({quoted(path)}))
print(tree)
"""
        return [Block(VALUES, text)]
    text = f"""import os

import keras
from orbax.checkpoint import v1 as ocp


def leaves(tree, path=""):
    for name, below in tree.items():
        if isinstance(below, dict):
            yield from leaves(below, f"{{path}}/{{name}}")
        else:
            yield f"{{path}}/{{name}}", below


wanted = {{"model_config": None, "pytree": None}}
parts = ocp.load_checkpointables(os.path.abspath({quoted(path)}), wanted)
model = keras.models.model_from_json(parts["model_config"]["config"])
saved = dict(leaves(parts["pytree"]["trainable_variables"]))
saved |= dict(leaves(parts["pytree"]["non_trainable_variables"]))
for weight in model.weights:
    paths = [each for each in saved if each.endswith(f"/{{weight.path}}")]
    weight.assign(saved[min(paths, key=len)])
    print(weight.name, weight.shape)
"""
    return [Block(WHOLE, text, note=_SILENT if "Sequential" in _classes(values.config) else "")]


def _weights(path: str, listing: Listing, values: KerasFile) -> list[Block]:
    """Weights alone: into a model of the visitor's, and each by its name in the file."""
    called = values.fitting(path)
    copied = f"shutil.copyfile({quoted(path)}, {quoted(called)})  # Keras goes by the name\n"
    copied, library = (copied, "import shutil\n\n") if called != path else ("", "")
    load = f"""{library}from {OWN} import model  # your own model, with the layers that the file has

{copied}model.load_weights({quoted(called)})
{_SHOW}"""
    if path.endswith(SHARDED):
        return [Block(INTO, load)]
    text = f"""import h5py

with h5py.File({quoted(path)}) as file:
    print(file[{quoted(a_weight(listing, values))}][()])
"""
    return [*([Block(INTO, load)] if values.is_marked else []), Block(VALUES, text)]


def _parts(config: object) -> Iterator[dict[str, Any]]:
    """Every object that a configuration describes."""
    waiting, seen = [config], 0
    while waiting and seen < _MOST:
        each = waiting.pop()
        seen += 1
        if isinstance(each, dict):
            yield each
            waiting += reversed(each.values())
        elif isinstance(each, list):
            waiting += reversed(each)


def _classes(config: object) -> set[str]:
    return {str(each.get("class_name")) for each in _parts(config)}


def _own(config: object) -> dict[str, tuple[str, str]]:
    """What Keras does not have itself: the name by which it asks for it, to its module and name."""
    found: dict[str, tuple[str, str]] = {}
    for each in _parts(config):
        registered, module, name = each.get("registered_name"), each.get("module"), each.get("class_name")
        if name == "function":
            registered = name = each.get("config")
        if not isinstance(registered, str) or not isinstance(name, str) or name == "__lambda__":
            continue
        module = module if isinstance(module, str) else ""
        last = name.rpartition(">")[2]
        if is_name(last) and not module.startswith("keras") and len(found) < _CLASSES:
            found[registered] = module, last
    return found


def _imports(own: dict[str, tuple[str, str]]) -> list[str]:
    modules: dict[str, list[str]] = {}
    for module, name in own.values():
        modules.setdefault(module, []).append(name)
    return [imported(module, dict.fromkeys(names)) for module, names in modules.items()]


def _custom_objects(own: dict[str, tuple[str, str]]) -> str:
    inside = ", ".join(f"{quoted(registered)}: {name}" for registered, (_, name) in own.items())
    return f", custom_objects={{{inside}}}" if own else ""
