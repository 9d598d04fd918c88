"""Decodes `.meta` and `saved_model.pb`: their text, what stands out in it, and their graph, grouped."""

from __future__ import annotations

from collections import Counter
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from core.checkpoint import H2, META, V2, CheckpointError, H, V
from core.files.listing import SAVED_MODEL_FILE
from core.files.protobuf import Decoded, Edge, Group
from core.run.runs import CHECKPOINTS, Run

FED, VARIABLES, MODEL, GRADIENTS = "fed in", "h and v", "model", "gradients"
OPTIMIZER, SLOTS, EPOCH = "optimizer", "slot variables", "iteration loop"
SAVE, INIT, ASSET, OTHER = "save and restore", "initializer", "asset", "other"
GROUPS = (FED, VARIABLES, MODEL, GRADIENTS, OPTIMIZER, SLOTS, EPOCH, INIT, SAVE, ASSET, OTHER)

_VARIABLE_OPS = ("VarHandleOp", "VariableV2", "VariableV1", "Variable")
_ESTIMATES = (H, V, H2, V2)
_SCOPES = {
    "save": SAVE,
    "gradients": GRADIENTS,
    "train": OPTIMIZER,
    "epoch": EPOCH,
    "init": INIT,
}
_EXAMPLES = 4


def decode_meta(run: Run, name: str) -> Decoded:
    """Decode `name.meta`, the graph that a Saver wrote beside the values.

    Raises:
        CheckpointError: a file of the checkpoint is missing, or not the one that the run wrote.
    """
    path = f"{CHECKPOINTS}/{name}{META}"
    content = run.verify(name)[path]
    meta = _parsed(meta_graph_pb2.MetaGraphDef, path, content)
    saver = meta.saver_def
    facts = [
        *_graph_facts(meta),
        ("Saver: runs to save", saver.save_tensor_name),
        ("Saver: runs to restore", saver.restore_op_name),
        ("Saver: max_to_keep", str(saver.max_to_keep or "none (0 in the file)")),
        ("Saver: keep_checkpoint_every_n_hours", f"{saver.keep_checkpoint_every_n_hours:g}"),
    ]
    return _decoded("MetaGraphDef", content, meta, facts, meta)


def decode_saved_model(run: Run, name: str) -> Decoded:
    """Decode the `saved_model.pb` of the checkpoint's export.

    Raises:
        CheckpointError: there is none, or it is not the one that the run recorded.
    """
    path = (run.saved_model / name / SAVED_MODEL_FILE).relative_to(run.directory).as_posix()
    content = run.contents([path])[path]
    saved = _parsed(saved_model_pb2.SavedModel, path, content)
    (meta,) = saved.meta_graphs
    facts = [("graphs in the file", str(len(saved.meta_graphs))), *_graph_facts(meta)]
    return _decoded("SavedModel", content, saved, facts, meta)


def group_graph(meta: Any) -> tuple[tuple[Group, ...], tuple[Edge, ...]]:
    """The nodes of a MetaGraphDef in groups, and what flows between the groups.

    Inputs are counted as they are written: `^name` is an order ("only after"), the rest are tensors. A
    variable's handle is a tensor too, so the arrow to what updates a variable starts at the variable.
    """
    member = _members(meta)
    nodes: dict[str, list[str]] = {}
    for node in meta.graph_def.node:
        nodes.setdefault(member[node.name], []).append(node.name)
    tensors: Counter[tuple[str, str]] = Counter()
    controls: Counter[tuple[str, str]] = Counter()
    for node in meta.graph_def.node:
        for each in node.input:
            pair = (member[_producer(each)], member[node.name])
            if pair[0] != pair[1]:
                (controls if each.startswith("^") else tensors)[pair] += 1
    groups = [
        Group(name, len(nodes[name]), tuple(nodes[name][:_EXAMPLES])) for name in GROUPS if name in nodes
    ]
    for key, signature in sorted(meta.signature_def.items()):
        if not signature.outputs:
            continue  # the initializer's mark, which nobody calls
        name = f"signature {key}"
        inputs = {each: info.name for each, info in signature.inputs.items()}
        outputs = {each: info.name for each, info in signature.outputs.items()}
        said = [f"{each} is {tensor}" for each, tensor in (*inputs.items(), *outputs.items())]
        groups.append(Group(name, 0, tuple(said)))
        tensors.update((name, member[_producer(tensor)]) for tensor in inputs.values())
        tensors.update((member[_producer(tensor)], name) for tensor in outputs.values())
    edges = tuple(
        Edge(source, target, tensors[source, target], controls[source, target])
        for source, target in dict.fromkeys([*tensors, *controls])
    )
    return tuple(groups), edges


def _formula(meta: Any) -> tuple[tuple[str, str, str], ...]:
    """The operations that lead to `prediction`, each after what it takes: (name, kind, what it takes)."""
    nodes = {node.name: node for node in meta.graph_def.node}
    found: dict[str, tuple[str, str, str]] = {}

    def follow(name: str) -> None:
        takes = [_producer(each) for each in nodes[name].input if not each.startswith("^")]
        for each in takes:
            if each not in found:
                follow(each)
        found[name] = name, nodes[name].op, ", ".join(takes)

    if "prediction" in nodes:
        follow("prediction")
    return tuple(found.values())


def _members(meta: Any) -> dict[str, str]:
    """Node name to group name."""
    nodes = {node.name: node for node in meta.graph_def.node}
    variables = [name for name, node in nodes.items() if node.op in _VARIABLE_OPS]
    assets = {_producer(each.tensor_info.name) for each in _assets(meta)}
    member: dict[str, str] = {}
    for name, node in nodes.items():
        owners = [each for each in variables if name == each or name.startswith(each + "/")]
        if owners:
            member[name] = VARIABLES if max(owners, key=len) in _ESTIMATES else SLOTS
        elif name in assets:
            member[name] = ASSET
        elif name.partition("/")[0] in _SCOPES:
            member[name] = _SCOPES[name.partition("/")[0]]
        elif node.op == "Placeholder":
            member[name] = FED
    # What is left computes the prediction and its cost, or prepares the samples for the loop.
    _claim(nodes, member, ("cost", "prediction"), MODEL)
    _claim(nodes, member, [name for name, group in member.items() if group == EPOCH], EPOCH)
    return {name: member.get(name, OTHER) for name in nodes}


def _claim(nodes: dict[str, Any], member: dict[str, str], ends: Any, group: str) -> None:
    """Put `ends`, and all that they need and nobody has claimed, into `group`."""
    waiting = [name for name in ends if name in nodes]
    while waiting:
        name = waiting.pop()
        member.setdefault(name, group)
        waiting.extend(p for each in nodes[name].input if (p := _producer(each)) not in member)


def _producer(tensor: str) -> str:
    """The node that makes a tensor: `^a` and `a:1` both come from `a`."""
    return tensor.lstrip("^").partition(":")[0]


def _assets(meta: Any) -> list[Any]:
    """The graph's AssetFileDefs: the v1 builder packs them into a collection, others into their own field."""
    found = list(meta.asset_file_def)
    for packed in meta.collection_def["saved_model_assets"].any_list.value if _packs_assets(meta) else ():
        asset = meta_graph_pb2.AssetFileDef()
        if packed.Unpack(asset):
            found.append(asset)
    return found


def _packs_assets(meta: Any) -> bool:
    # Reading a missing key of a protocol buffer's map would add it.
    return "saved_model_assets" in meta.collection_def


def _graph_facts(meta: Any) -> list[tuple[str, str]]:
    """What stands out in a MetaGraphDef."""
    functions = meta.graph_def.library.function
    inside = sum(len(function.node_def) for function in functions)
    signatures = [key for key, signature in sorted(meta.signature_def.items()) if signature.outputs]
    return [
        ("written by TensorFlow", meta.meta_info_def.tensorflow_version),
        ("tags", ", ".join(meta.meta_info_def.tags) or "none"),
        ("nodes in the graph", str(len(meta.graph_def.node))),
        ("functions beside it", f"{len(functions)}, with {inside} nodes" if functions else "none"),
        ("collections", ", ".join(sorted(meta.collection_def)) or "none"),
        ("signatures", ", ".join(signatures) or "none"),
        ("assets", ", ".join(each.filename for each in _assets(meta)) or "none"),
    ]


def _parsed(kind: Any, path: str, content: bytes) -> Any:
    """The message of this class in the verified content of a file.

    Raises:
        CheckpointError: it is none.
    """
    try:
        return kind.FromString(content)
    except DecodeError:
        raise CheckpointError(f"{path} is damaged: it is not a {kind.DESCRIPTOR.name}.") from None


def _decoded(message: str, content: bytes, whole: Any, facts: list[tuple[str, str]], meta: Any) -> Decoded:
    groups, edges = group_graph(meta)
    return Decoded(
        message, len(content), text_format.MessageToString(whole), tuple(facts), groups, edges, _formula(meta)
    )
