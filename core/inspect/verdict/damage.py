"""What a loader says of a file that is missing, cut off or another format than its name says."""

from __future__ import annotations

import zipfile
from pathlib import Path

from core.bundle import Entry, Values
from core.bundle.bundle import Bundle, shard_name
from core.bundle.source import Source
from core.checkpoint import CheckpointError, Missing
from core.inspect.find import SHARDED
from core.inspect.verdict.records import GAP, Told
from core.inspect.verdict.saver import MISSING

NPZ = "model.weights.npz"
H5 = "model.weights.h5"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def of_keras(path: Path, error: CheckpointError) -> Told:
    """What `model.load_weights` does with a file that cannot be opened."""
    name = path.name
    try:
        with Source(path) as source:
            head = bytes(source.read(0, 8))
    except CheckpointError as gone:
        kind = "IsADirectoryError" if "directory" in str(gone) else "FileNotFoundError"
        return Told((), str(gone), kind, GAP)
    if name.endswith(".keras"):
        return _of_zip(path, head, error)
    if name.endswith(SHARDED):
        if error.kind == Missing.kind:
            message = f"[Errno 2] Unable to synchronously open file (unable to open file: name = {GAP}"
            return Told((), str(error), "FileNotFoundError", message)
        return Told((), str(error), "JSONDecodeError", GAP)
    if head == _SIGNATURE:
        cause = f"{name} is cut off or damaged: {_reason(error)}"
        message = f"Unable to synchronously open file ({GAP}"
        return Told((), cause, "OSError", message, card="h5_truncated")
    cause = f"{name} is no HDF5 file{', but a zip, as .keras files are' if head[:2] == b'PK' else ''}."
    return Told((), cause, "OSError", "Unable to synchronously open file (file signature not found)")


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    with Source(path) as source:
        return bytes(source.read(0, 2)) == b"PK"


def _of_zip(path: Path, head: bytes, error: CheckpointError) -> Told:
    name = path.name
    if head == _SIGNATURE:
        cause = f"{name} is an HDF5 file that is called .keras; a .keras file is a zip."
        return Told((), cause, "BadZipFile", "File is not a zip file")
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            members = set(archive.namelist()[:10_000])
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        cause = f"{name} is no whole zip: its end is missing or damaged."
        return Told((), cause, "BadZipFile", "File is not a zip file")
    if H5 not in members:
        cause = f"{name} has no {H5}, so there is nothing to load."
        if NPZ in members:
            cause = f"{name} keeps its weights as {NPZ}, which load_weights does not read; load_model does."
        return Told((), cause, "KeyError", repr(f"There is no item named '{H5}' in the archive"))
    return Told((), f"{name} is damaged: {_reason(error)}", "OSError", GAP)


def of_checkpoint(
    prefix: Path, values: Values | None, *, saver: bool, counted_saves: bool = False
) -> Told | None:
    """What TensorFlow does with a checkpoint of which a file is missing or too short; None where none is.

    Args:
        values: the checkpoint; None when its index cannot be read.
        saver: whether a Saver restores it; else `tf.train.Checkpoint`.
        counted_saves: whether the call is `restore`, which words a missing file in its own way.
    """
    if values is None:
        return _no_index(prefix, saver, counted_saves)
    if not isinstance(values, Bundle):
        return None
    shards = values.header.shards
    for shard in sorted({entry.shard for entry in _rows(values)}):
        path = Path(shard_name(str(prefix), shard, shards))
        if not path.exists():
            cause = f"{path.name} is missing: the index names it, and the values are in it."
            message = f"{GAP}{path.name}; No such file or directory"
            if saver:
                return Told((), cause, "NotFoundError", f"{MISSING}{message}", card="data_missing")
            return Told((), cause, "OpError", message, card="data_missing")
        size = path.stat().st_size
        needed = max(entry.offset + entry.size for entry in _rows(values) if entry.shard == shard)
        if size < needed:
            cause = f"{path.name} is cut off: it has {size:,} bytes, and the index counts on {needed:,}."
            if saver:
                message = f"{GAP}Read less bytes than requested"
                return Told((), cause, "OutOfRangeError", message, card="torn_data")
            return Told((), cause, "IndexError", "Read less bytes than requested")
    return None


def _rows(values: Bundle) -> list[Entry]:
    return [entry for entry in (*values.entries, *values.parts.values()) if not entry.slices]


def _no_index(prefix: Path, saver: bool, counted_saves: bool) -> Told:
    index = prefix.with_name(f"{prefix.name}.index")
    if index.exists():
        return Told((), f"{index.name} is damaged.", "DataLossError", GAP)
    cause = f"{index.name} is missing: it says which value is where."
    if saver:
        message = f"The passed save_path is not a valid checkpoint: {GAP}"
        return Told((), cause, "ValueError", message)
    message = f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {GAP}"
    if counted_saves:
        message = f"Error when restoring from checkpoint or SavedModel at {GAP}: {message}"
    return Told((), cause, "NotFoundError", message)


def _reason(error: CheckpointError) -> str:
    return str(error).partition(": ")[2] or str(error)
