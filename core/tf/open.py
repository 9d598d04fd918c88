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
from core.bundle.source import Source
from core.checkpoint import CheckpointError
from core.open.graphs import Graph, Signature, Wanted

LARGEST = 256 << 20
_MOST = 2_000  # names of one kind that are told
_VARIABLES = ("VarHandleOp", "VariableV2", "Variable", "TemporaryVariable")
# Operations by which a graph reaches outside itself when it is run.
_DANGEROUS = ("ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "PyFuncStateless", "MatchingFiles")


def _messages() -> tuple[Any, Any, Any]:
    """The classes of MetaGraphDef, SavedModel and FingerprintDef, without TensorFlow around them."""
    if "tensorflow" not in sys.modules:
        found = importlib.util.find_spec("tensorflow")
        if found is None or found.submodule_search_locations is None:
            raise CheckpointError("TensorFlow is not installed, and its protocol buffers are needed here.")
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
    meta_type, saved_type, _ = _messages()
    place = root / path
    if not place.is_dir():
        meta = meta_type()
        _parse(meta, place)
        return (_graph(path, meta),)
    saved = saved_type()
    notes: list[str] = []
    if (place / "saved_model.pb").exists():
        _parse(saved, place / "saved_model.pb")
    elif (place / "saved_model.pbtxt").exists():
        _parse_text(saved, place / "saved_model.pbtxt")
    elif (place / "saved_model.cpb").exists():
        raise CheckpointError(
            f"{path} is split into chunks (saved_model.cpb), as TensorFlow does above 2 GB; its values are "
            "read, its graph is not put together here."
        )
    else:
        raise CheckpointError(f"{path} has no saved_model.pb.")
    fingerprint = _fingerprint(place)
    if fingerprint:
        notes.append(fingerprint)
    return tuple(_graph(path, meta, notes) for meta in saved.meta_graphs)


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
        variables=tuple(_variables(nodes))[:_MOST],
        restores=tuple(_restores(meta)),
        notes=tuple(said),
    )


def _signature(key: str, each: Any) -> Signature:
    def told(tensors: Any) -> tuple[str, ...]:
        return tuple(
            f"{name}: {dtype_name(info.dtype)} {_shape(info.tensor_shape)}"
            for name, info in sorted(tensors.items())
        )

    return Signature(key, each.method_name, told(each.inputs), told(each.outputs))


def _shape(shape: Any) -> str:
    return "any shape" if shape.unknown_rank else str([dim.size for dim in shape.dim]).replace("-1", "?")


def _variables(nodes: list[Any]) -> Iterator[Wanted]:
    for node in nodes:
        if node.op in _VARIABLES:
            shape = node.attr["shape"].shape if "shape" in node.attr else None
            known = shape is not None and not shape.unknown_rank and all(dim.size >= 0 for dim in shape.dim)
            name = node.attr["shared_name"].s.decode(errors="replace") if "shared_name" in node.attr else ""
            dims = tuple(dim.size for dim in shape.dim) if known and shape is not None else None
            yield Wanted(name or node.name, dtype_name(node.attr["dtype"].type), dims)


def _restores(meta: Any) -> list[str]:
    """Names in the constant that the Saver's restoring operations ask for (python/training/saver.py)."""
    nodes = {node.name: node for node in meta.graph_def.node}
    found: list[str] = []
    for node in meta.graph_def.node:
        if node.op in ("RestoreV2", "Restore", "RestoreSlice") and len(node.input) > 1:
            names = nodes.get(node.input[1].partition(":")[0])
            if names is not None and names.op == "Const":
                found += [text.decode(errors="replace") for text in names.attr["value"].tensor.string_val]
    return list(dict.fromkeys(found))[:100_000]


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
