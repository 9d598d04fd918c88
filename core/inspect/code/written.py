"""The code that loads a checkpoint: which of the formats' own it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.bundle import Values
from core.bundle.source import Source
from core.checkpoint import META, CheckpointError
from core.inspect import tensors
from core.inspect.code import of_others, of_tensorflow
from core.inspect.code.block import Block
from core.inspect.find import FLAX, FROZEN, KERAS, ORBAX, SAFETENSORS, SAVED_MODEL, Checkpoint
from core.inspect.formats.objects import is_object_based
from core.inspect.graphs import Graph
from core.inspect.model import Listing
from core.inspect.tfjs import TensorFlowJs
from core.inspect.tflite import TFLiteFile

_BY_KIND: dict[str, Callable[[str, Listing, Values], list[Block]]] = {
    SAFETENSORS: of_others.of_safetensors,
    FLAX: of_others.of_flax,
    FROZEN: of_tensorflow.of_frozen,
}


def code_of(root: Path, checkpoint: Checkpoint, path: str) -> tuple[Block, ...]:
    """The code that loads it, the most that can be loaded first.

    Args:
        path: what the code calls it: of the prefix, the file or the folder.

    Raises:
        CheckpointError: it cannot be read.
    """
    if checkpoint.kind == SAVED_MODEL and not checkpoint.has_values:
        return tuple(of_tensorflow.of_saved_model(path, _graphs(root, checkpoint.path), None, None))
    with tensors.opened(root, checkpoint) as values:
        first, *others = _blocks(root, checkpoint, path, tensors.listing(checkpoint, values), values)
        lost = len(values.damaged) + len(getattr(values, "missing", ()))
        if lost and not first.note and checkpoint.kind != ORBAX:
            first = replace(first, note="A part of it cannot be read, so this may fail. Problems says why.")
        return first, *others


def _blocks(
    root: Path, checkpoint: Checkpoint, path: str, listing: Listing, values: Values
) -> Sequence[Block]:
    given = path, listing, values
    if checkpoint.kind in (KERAS, ORBAX):
        from core.inspect.code import of_keras
        from core.inspect.keras import KerasFile
        from core.inspect.orbax import OrbaxTree

        if isinstance(values, OrbaxTree):
            return of_keras.of_orbax(path, checkpoint, values)
        assert isinstance(values, KerasFile)
        with Source(root / checkpoint.path) as source:
            zipped = bytes(source.read(0, 2)) == b"PK"
        return of_keras.of_file(path, listing, values, zipped)
    if checkpoint.kind == SAVED_MODEL:
        return of_tensorflow.of_saved_model(path, _graphs(root, checkpoint.path), listing, values)
    if checkpoint.kind in _BY_KIND:
        return _BY_KIND[checkpoint.kind](*given)
    if isinstance(values, TFLiteFile):
        return of_tensorflow.of_tflite(path, values)
    if isinstance(values, TensorFlowJs):
        return of_others.of_tfjs(path, values.is_graph, listing, values)
    if is_object_based(values.entries):
        return of_tensorflow.of_objects(path, tensors.objects_of(values), listing, values)
    meta = next((name for name, _, _ in checkpoint.files if name.endswith(META)), "")
    graph = next(iter(_graphs(root, meta)), None) if meta else None
    return of_tensorflow.of_saver(path, graph, listing, values)


def _graphs(root: Path, path: str) -> Sequence[Graph]:
    """The graphs, as far as they can be read: their messages come with TensorFlow."""
    from core.tf.inspect import graphs_of

    with suppress(CheckpointError):
        return graphs_of(root, path)
    return ()
