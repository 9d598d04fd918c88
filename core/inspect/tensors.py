"""Opens a checkpoint of any format, and tells what its tensors are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from core.bundle import Entry, Values, open_values
from core.bundle.bundle import Bundle
from core.bundle.graph import KEY, Object, objects
from core.checkpoint import CheckpointError, Missing
from core.inspect.find import (
    FLAX,
    FROZEN,
    KERAS,
    ORBAX,
    SAFETENSORS,
    SAVED_MODEL,
    SHARDED,
    TFJS,
    TFLITE,
    Checkpoint,
)
from core.inspect.flax import FlaxFile
from core.inspect.formats import keras_names, keras_paths, variables
from core.inspect.formats import objects as by_objects
from core.inspect.formats.objects import Meaning
from core.inspect.frozen import FrozenGraph
from core.inspect.model import (
    CODE,
    CONSTANT,
    COPY,
    NAMES,
    QUANTIZED,
    SIGNATURE,
    WEIGHT,
    Listing,
    Note,
    Tensor,
)
from core.inspect.safetensors import SafetensorsFile
from core.inspect.tfjs import TensorFlowJs
from core.inspect.tflite import TFLiteFile, described
from core.words import natural

_READERS: dict[str, Callable[[Path], Values]] = {
    SAFETENSORS: SafetensorsFile,
    FLAX: FlaxFile,
    TFLITE: TFLiteFile,
    TFJS: TensorFlowJs,
    FROZEN: FrozenGraph,
}
_INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "string")
_NOT_MARKED = "Nothing in this HDF5 file says that Keras wrote it: its arrays may be no model's parameters."


def opened(root: Path, checkpoint: Checkpoint) -> Values:
    """The checkpoint's values, open for reading.

    Raises:
        CheckpointError: there are none, or they are damaged.
    """
    if checkpoint.kind == KERAS:
        from core.inspect.keras import KerasFile  # most directories have none
        from core.inspect.shards import ShardedKerasFile

        kind = ShardedKerasFile if checkpoint.path.endswith(SHARDED) else KerasFile
        return kind(root / checkpoint.path)
    if checkpoint.kind == ORBAX:
        from core.inspect.orbax import OrbaxTree

        return OrbaxTree(root / checkpoint.path)
    if checkpoint.kind in _READERS:
        return _READERS[checkpoint.kind](root / checkpoint.path)
    if checkpoint.kind == SAVED_MODEL:
        if not checkpoint.has_values:
            raise Missing(f"{checkpoint.path or checkpoint.name} keeps no variables.")
        return Bundle(root / checkpoint.path / "variables" / "variables")
    return open_values(root / checkpoint.path)


def listing(checkpoint: Checkpoint, values: Values) -> Listing:
    """What it holds, by the names that people know."""
    if checkpoint.kind == KERAS:
        return _of_keras(checkpoint, values)
    if checkpoint.kind == ORBAX:
        return _of_orbax(checkpoint, values)
    if isinstance(values, FlaxFile):
        known = values.meanings()
        tensors = [_tensor(entry, known[entry.name], entry.size) for entry in values.entries]
        return Listing(checkpoint.path, checkpoint.kind, _sorted(tensors), dict(values.damaged))
    if isinstance(values, FrozenGraph | TFLiteFile) or (isinstance(values, TensorFlowJs) and values.is_graph):
        return _of_graph(checkpoint, values)
    if not by_objects.is_object_based(values.entries):
        told = tuple((e.name, e.dtype, e.shape, e.size or _size(e, values)) for e in values.entries)
        # A thousand steps of one model differ in checksums only: their tensors are named once.
        return Listing(checkpoint.path, checkpoint.kind, _by_their_own_names(told), dict(values.damaged))
    notes: list[Note] = []
    try:
        known = by_objects.meanings(objects_of(values), values.entries)
    except (CheckpointError, ValueError, TypeError) as error:
        notes.append(Note(NAMES, f"The names of layers are not known: {error}"))
        known = {}
    missing = [entry for entry in values.entries if entry.name not in known]
    known = {**by_objects.by_keys(missing), **known}
    tensors = [_tensor(entry, known[entry.name], _size(entry, values)) for entry in values.entries]
    return Listing(checkpoint.path, checkpoint.kind, _sorted(tensors), dict(values.damaged), tuple(notes))


def objects_of(values: Values) -> list[Object]:
    """The objects that a checkpoint keeps; none of a Saver's.

    Raises:
        CheckpointError: they are damaged.
    """
    entry = next((each for each in values.entries if each.name == KEY), None)
    return objects(bytes(values.read(entry).item())) if entry else []


def _of_keras(checkpoint: Checkpoint, values: Values) -> Listing:
    from core.inspect.keras import KerasFile

    assert isinstance(values, KerasFile)
    entries = sorted(values.entries, key=lambda each: (each.offset, natural(each.name)))
    notes: list[Note] = []
    lambdas = values.lambdas()
    if lambdas:
        names = ", ".join(filter(None, lambdas))
        sentence = (
            f"It has Lambda layers ({names}), whose Python code is stored in the file. Keras runs it when it "
            "loads the model; here it was not run."
        )
        notes.append(Note(CODE, sentence))
    if values.is_numbered:
        found = keras_paths.meanings(entries, values.layers, values.config)
    else:
        found = keras_names.meanings(entries, values.config)
    return Listing(
        checkpoint.path,
        checkpoint.kind,
        tuple(_tensor(values.named(key), known, values.named(key).size) for key, known in found.keys.items()),
        dict(values.damaged),
        tuple(notes),
        found.kinds,
        (f"Keras {values.version}",) if values.version else (),
        "" if values.is_marked else _NOT_MARKED,
    )


def _of_orbax(checkpoint: Checkpoint, values: Values) -> Listing:
    from core.inspect.orbax import OrbaxTree

    assert isinstance(values, OrbaxTree)
    known = values.meanings()
    tensors = [_tensor(entry, known[entry.name], entry.size) for entry in values.entries]
    have = "has a shape" if len(values.damaged) == 1 else "have shapes"
    said = [f"{len(values.damaged):,} {have} that no file gives."] if values.damaged else []
    if count := len(values.of_one_device):
        said.append(f"For {count:,}, the files have the shape that one device wrote, and no type.")
    unsure = " ".join(said)
    kinds = values.kinds
    return Listing(
        checkpoint.path, checkpoint.kind, _sorted(tensors), dict(values.damaged), (), kinds, (), unsure
    )


def _of_graph(checkpoint: Checkpoint, values: Values) -> Listing:
    """A graph that keeps its weights as constants, beside others such as shapes."""
    copies, notes, writer = getattr(values, "copies", {}), [], getattr(values, "writer", "")
    quantized = values.quantized if isinstance(values, TFLiteFile) else {}
    tensors = []
    for entry in values.entries:
        owner = copies.get(entry.name, "")
        whole = entry.dtype in _INTEGERS and entry.name not in quantized
        role = COPY if owner else CONSTANT if whole or not entry.shape else WEIGHT
        layer = entry.name.rpartition("/")[0] if role == WEIGHT else ""
        tensors.append(_tensor(entry, Meaning(entry.name, layer, role, "", owner), entry.size))
    if isinstance(values, TFLiteFile):
        notes = [Note(SIGNATURE, each) for each in values.signatures]
        notes += [Note(QUANTIZED, each) for each in (described(quantized),) if each]
    unsure = (
        "A graph does not say which of its constants were weights: those with a dimension that are no plain "
        "integers are counted."
    )
    return Listing(
        checkpoint.path,
        checkpoint.kind,
        _sorted(tensors),
        dict(values.damaged),
        tuple(notes),
        writer=(writer,) if writer else (),
        unsure=unsure,
    )


@lru_cache(maxsize=64)
def _by_their_own_names(entries: tuple[tuple[str, str, tuple[int, ...], int], ...]) -> tuple[Tensor, ...]:
    rows = [Entry(name, dtype, shape, 0, size, 0) for name, dtype, shape, size in entries]
    known = variables.meanings(rows)
    return _sorted([_tensor(row, known[row.name], row.size) for row in rows])


def _tensor(entry: Entry, known: Meaning, size: int) -> Tensor:
    return Tensor(
        key=entry.name,
        name=known.name,
        layer=known.layer,
        role=known.role,
        slot=known.slot,
        owner=known.owner,
        dtype=entry.dtype,
        shape=entry.shape,
        bytes=size,
        elements=entry.elements,
    )


def _sorted(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return tuple(sorted(tensors, key=lambda each: natural(each.name)))


def _size(entry: Entry, values: Values) -> int:
    """Bytes of a tensor; of a partitioned variable those of its slices, as many as there are."""
    if entry.size or not isinstance(values, Bundle):
        return entry.size
    size = 0
    for slice_ in entry.slices:
        with suppress(CheckpointError):
            size += values.part(entry, slice_).size
    return size
