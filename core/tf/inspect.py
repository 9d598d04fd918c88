"""Strangers' `.meta` files and SavedModels, parsed and never imported, in a process of its own.

Only TensorFlow's generated protobuf classes are loaded, not TensorFlow: parsing runs nothing, and a graph
that is not imported reads and writes nothing.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.bundle.entries import dtype_name
from core.bundle.graph import Object
from core.bundle.source import Source
from core.checkpoint import CheckpointError, Missing, Unsupported
from core.inspect.graphs import Graph, Model, Restored, Signature, Wanted

LARGEST = 256 << 20
# How every file of Riegeli records begins (google/riegeli, doc/riegeli_records_file_format.md).
RIEGELI = bytes.fromhex("83af70d10d884a3f0000000000000000400000000000000091bac23c9287e1a9")
_MOST = 2_000  # names of one kind that are told
# Operations by which a graph reaches outside itself when it is run.
_DANGEROUS = ("ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "PyFuncStateless", "MatchingFiles")


def _messages() -> tuple[Any, Any, Any]:
    """The classes of MetaGraphDef, SavedModel and FingerprintDef, without TensorFlow around them."""
    if "tensorflow" not in sys.modules:
        found = importlib.util.find_spec("tensorflow")
        if found is None or found.submodule_search_locations is None:
            raise Unsupported("TensorFlow is not installed, and its protocol buffers are needed here.")
        bare = types.ModuleType("tensorflow")
        bare.__path__ = list(found.submodule_search_locations)
        sys.modules["tensorflow"] = bare  # only in this process, which ends with its answer
    from tensorflow.core.protobuf import fingerprint_pb2, meta_graph_pb2, saved_model_pb2

    return meta_graph_pb2.MetaGraphDef, saved_model_pb2.SavedModel, fingerprint_pb2.FingerprintDef


def prepare() -> None:
    """Load the classes, before the process is limited."""
    _messages()


def graphs_of(root: Path, path: str) -> tuple[Graph, ...]:
    """The graphs of a `.meta` file or of a SavedModel's directory.

    Raises:
        CheckpointError: missing, too large, or no such message.
    """
    place = root / path
    if not place.is_dir():
        meta = _messages()[0]()
        _parse(meta, place)
        return (_graph(path, meta),)
    notes: list[str] = []
    saved = _saved_model(place)
    fingerprint = _fingerprint(place)
    if fingerprint:
        notes.append(fingerprint)
    return tuple(_graph(path, meta, notes) for meta in saved.meta_graphs)


def models_of(root: Path, path: str) -> tuple[Model, ...]:
    """The objects of each of a SavedModel's graphs, in the order of `graphs_of`; a `.meta` file has none.

    Raises:
        CheckpointError: missing, too large, or no such message.
    """
    if not (root / path).is_dir():
        return (Model((), {}),)
    return tuple(_model(each.object_graph_def.nodes) for each in _saved_model(root / path).meta_graphs)


def _model(nodes: Any) -> Model:
    objects = [Object([(each.local_name, each.node_id) for each in node.children]) for node in nodes]
    variables = {at: node.variable for at, node in enumerate(nodes) if node.WhichOneof("kind") == "variable"}
    return Model(
        objects,
        {at: Wanted(each.name, dtype_name(each.dtype), _sizes(each.shape)) for at, each in variables.items()},
    )


def _saved_model(place: Path) -> Any:
    saved = _messages()[1]()
    if (place / "saved_model.pb").exists():
        _parse(saved, place / "saved_model.pb")
    elif (place / "saved_model.pbtxt").exists():
        _parse_text(saved, place / "saved_model.pbtxt")
    elif (place / "saved_model.cpb").exists():
        _refuse_chunks(place / "saved_model.cpb")
    else:
        raise Missing(f"{place.name} has no saved_model.pb.")
    return saved


def _refuse_chunks(path: Path) -> None:
    """Say what a graph in chunks is, or that this is none."""
    with Source(path) as source:
        if bytes(source.read(0, len(RIEGELI))) != RIEGELI:
            raise CheckpointError(f"{path.name} is damaged: it is not a SavedModel in chunks.")
    raise Unsupported(
        f"{path.name} is a graph in chunks, as TensorFlow's experimental_image_format splits it; its values "
        "are read here, its graph is not. Save the model without that option to see it."
    )


def _parse(message: Any, path: Path) -> None:
    with Source(path, LARGEST) as source:
        content = bytes(source.read(0, source.size))
    try:
        message.ParseFromString(content)
    except Exception as error:  # protobuf's DecodeError has moved from module to module
        if type(error).__name__ != "DecodeError":
            raise
        raise CheckpointError(f"{path.name} is damaged: it is not a {message.DESCRIPTOR.name}.") from None


def _parse_text(message: Any, path: Path) -> None:
    from google.protobuf import text_format

    with Source(path, 16 << 20) as source:
        content = bytes(source.read(0, source.size))
    try:
        text_format.Parse(content.decode(), message, allow_unknown_field=True)
    except (text_format.ParseError, UnicodeDecodeError):
        raise CheckpointError(f"{path.name} is damaged: it is not the text of a SavedModel.") from None


def _fingerprint(place: Path) -> str:
    _, _, kind = _messages()
    if not (place / "fingerprint.pb").exists():
        return ""
    message = kind()
    try:
        _parse(message, place / "fingerprint.pb")
    except CheckpointError as error:
        return str(error)
    return f"Its fingerprint is {message.saved_model_checksum:016x}."


def _graph(path: str, meta: Any, notes: list[str] | None = None) -> Graph:
    nodes = [*meta.graph_def.node]
    for function in meta.graph_def.library.function:
        nodes += function.node_def
    operations = Counter(node.op for node in nodes)
    said = list(notes or [])
    outside = [name for name in _DANGEROUS if operations[name]]
    if outside:
        said.append(
            f"When it runs, it reaches outside itself: {', '.join(outside)}. Loading a model is running its "
            "author's program."
        )
    return Graph(
        path=path,
        version=meta.meta_info_def.tensorflow_version[:100],
        tags=tuple(meta.meta_info_def.tags),
        nodes=len(meta.graph_def.node),
        functions=len(meta.graph_def.library.function),
        operations=dict(operations.most_common(200)),
        signatures=tuple(
            _signature(key, each) for key, each in sorted(meta.signature_def.items())[:_MOST] if each.outputs
        ),
        assets=tuple(_assets(meta)),
        notes=tuple(said),
        saver=_saver(meta),
        collections=tuple(sorted(meta.collection_def)[:_MOST]),
        outside=tuple(outside),
    )


def _signature(key: str, each: Any) -> Signature:
    def told(tensors: Any) -> tuple[str, ...]:
        return tuple(
            f"{name}: {dtype_name(info.dtype)} {_shape(info.tensor_shape)}"
            for name, info in sorted(tensors.items())
        )

    return Signature(key, told(each.inputs), told(each.outputs))


def _shape(shape: Any) -> str:
    return "any shape" if shape.unknown_rank else str([dim.size for dim in shape.dim]).replace("-1", "?")


def _sizes(shape: Any) -> tuple[int, ...] | None:
    """A shape that is known in all its parts."""
    sizes = tuple(dim.size for dim in shape.dim)
    return None if shape.unknown_rank or any(size < 0 for size in sizes) else sizes


def _saver(meta: Any) -> tuple[Restored, ...]:
    """What the Saver of a graph reads and where it goes: from the operation that it runs, backwards."""
    nodes = {node.name: node for node in meta.graph_def.node}
    waiting, seen = [_node(meta.saver_def.restore_op_name)], set()
    found: list[Restored] = []
    while waiting and len(found) < 100_000:
        name = waiting.pop()
        if name in seen or name not in nodes:
            continue
        seen.add(name)
        node = nodes[name]
        if node.op in ("Assign", "AssignVariableOp"):
            found += _assigned(node, nodes)
        else:
            waiting += [_node(each) for each in node.input]
    return tuple(sorted(found, key=lambda each: (each.key, each.slice)))


def _assigned(node: Any, nodes: dict[str, Any]) -> list[Restored]:
    """What an assignment gets from a checkpoint, if it gets anything."""
    variable, source = nodes.get(_node(node.input[0])), node.input[1]
    for _ in range(8):  # an identity, a reshape
        restore = nodes.get(_node(source))
        if variable is None or restore is None or not restore.input:
            return []
        if restore.op == "RestoreV2":
            break
        source = restore.input[0]
    else:
        return []
    place = int(source.rpartition(":")[2]) if ":" in source else 0
    names, slices = (_texts(nodes.get(_node(each))) for each in restore.input[1:3])
    types = restore.attr["dtypes"].list.type
    if not (place < len(names) == len(slices) == len(types)):
        return []
    shape = _sizes(variable.attr["shape"].shape) if "shape" in variable.attr else None
    checks = node.attr["validate_shape"].b if "validate_shape" in node.attr else node.op == "Assign"
    named = variable.attr["shared_name"].s.decode(errors="replace") if variable.op == "VarHandleOp" else ""
    told = Restored(
        names[place], dtype_name(types[place]), slices[place], named or variable.name, shape, bool(checks)
    )
    return [told]


def _texts(node: Any) -> list[str]:
    if node is None or node.op != "Const":
        return []
    tensor = node.attr["value"].tensor
    found = [text.decode(errors="replace") for text in tensor.string_val]
    count = tensor.tensor_shape.dim[0].size if len(tensor.tensor_shape.dim) == 1 else 1
    # Repeated values at the end are left out of the message.
    return found + found[-1:] * max(0, min(count, 100_000) - len(found))


def _node(name: str) -> str:
    """The name of the node that an input comes from."""
    return name.removeprefix("^").partition(":")[0]


def _assets(meta: Any) -> Iterator[str]:
    """Names of assets; the builder of TensorFlow 1 packs them into a collection."""
    from tensorflow.core.protobuf import meta_graph_pb2

    for each in meta.asset_file_def:
        yield each.filename
    if "saved_model_assets" in meta.collection_def:
        for packed in meta.collection_def["saved_model_assets"].any_list.value[:_MOST]:
            asset = meta_graph_pb2.AssetFileDef()
            if packed.Unpack(asset):
                yield asset.filename
