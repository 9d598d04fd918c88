"""What a loader says of a file that is missing, cut off or another format than its name says."""

from __future__ import annotations

import zipfile
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

from core.bundle import Entry, Values
from core.bundle.bundle import Bundle, shard_name
from core.bundle.graph import KEY
from core.bundle.source import Source
from core.checkpoint import CheckpointError, Missing, TooLarge, WrongChecksum
from core.inspect.find import SHARDED
from core.inspect.verdict.saver import MISSING
from core.inspect.verdict.verdict import GAP, Told

NPZ = "model.weights.npz"
H5 = "model.weights.h5"
GONE, CUT, OTHER_BYTES = "gone", "cut off", "other bytes"
_MESSAGES = {
    GONE: "; No such file or directory",
    CUT: "Read less bytes than requested",
    OTHER_BYTES: f"Checksum does not match: stored {GAP} vs. calculated on the restored bytes {GAP}",
}
CARDS = ("data_missing", "torn_data")
CHECKED = 256 << 20  # bytes of values whose checksums are looked at
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
    if error.kind == TooLarge.kind:
        return Told((), str(error), undecided=True)  # a limit of this reader, not of Keras'
    return Told((), f"{name} is damaged: {_reason(error)}", "OSError", GAP)


def of_checkpoint(
    prefix: Path,
    values: Values | None,
    asked: AbstractSet[str],
    *,
    saver: bool,
    counted_saves: bool = False,
) -> Told | None:
    """What TensorFlow does with a checkpoint whose bytes are missing, cut off or others; None where none is.

    A reader opens the data file of a value as it comes to it, so what nobody asks for does not count
    (tensorflow/core/util/tensor_bundle/tensor_bundle.cc, BundleReader::GetValue).

    Args:
        values: the checkpoint; None when its index cannot be read.
        asked: keys of the values that are read, beside the graph of objects.
        saver: whether a Saver restores it; else `tf.train.Checkpoint`, which reads its objects first.
        counted_saves: whether the call is `restore`, which words a missing file in its own way.
    """
    if values is None:
        return _no_index(prefix, saver, counted_saves)
    if not saver and (graph := of_objects(prefix, values)):
        return graph
    cause, what = _of_rows(prefix, values, asked - {KEY})
    if not what:
        return None
    error = {GONE: "NotFoundError", CUT: "OutOfRangeError", OTHER_BYTES: "DataLossError"}[what]
    message = f"{GAP}{_MESSAGES[what]}"
    if what == GONE:
        told = f"Error when restoring from checkpoint or SavedModel at {GAP}: " if counted_saves else ""
        message = f"{MISSING if saver else told}{message}"
    return Told((), cause, error, message, card=CARDS[0] if what == GONE else CARDS[1])


def of_objects(prefix: Path, values: Values | None) -> Told | None:
    """What a reader raises whose graph of objects cannot be read (py_checkpoint_reader.error_translator)."""
    cause, what = _of_rows(prefix, values, {KEY})
    if not what:
        return None
    message = _MESSAGES[what] if what == CUT else f"{GAP}{_MESSAGES[what]}"
    error = "IndexError" if what == CUT else "OpError"
    return Told((), cause, error, message, card=CARDS[0] if what == GONE else CARDS[1])


def _of_rows(prefix: Path, values: Values | None, keys: AbstractSet[str]) -> tuple[str, str]:
    """What is the matter with the bytes of these values, and of what kind it is; "" for nothing."""
    if not isinstance(values, Bundle):
        return "", ""
    left = CHECKED
    rows = [
        (entry.name, row) for entry in values.entries if entry.name in keys for row in _stored(values, entry)
    ]
    for shard in sorted({row.shard for _, row in rows}):
        path = Path(shard_name(str(prefix), shard, values.header.shards))
        if not path.exists():
            return f"{path.name} is missing: the index names it, and the values are in it.", GONE
        size = path.stat().st_size
        needed = max(row.offset + row.size for _, row in rows if row.shard == shard)
        if size < needed:
            return f"{path.name} is cut off: it has {size:,} bytes, and the index counts on {needed:,}.", CUT
    for name, row in rows:
        if row.size <= left:
            left -= row.size
            try:
                for _ in values.pieces(row):
                    pass
            except WrongChecksum:
                return f"The checksum of {name} does not match its bytes.", OTHER_BYTES
            except CheckpointError:
                continue  # of a type that is not read here, which says nothing of its bytes
    return "", ""


def unchecked(values: Values | None, asked: AbstractSet[str]) -> bool:
    """Whether so many bytes are asked for that their checksums are not all looked at."""
    if not isinstance(values, Bundle):
        return False
    wanted = (entry for entry in values.entries if entry.name in asked)
    return sum(each.size for entry in wanted for each in _stored(values, entry)) > CHECKED


def _stored(values: Bundle, entry: Entry) -> list[Entry]:
    """The rows that tell where the value's bytes are: its own, or those of its slices."""
    if not entry.slices:
        return [entry]
    found = []
    for each in entry.slices:
        with suppress(CheckpointError):
            found.append(values.part(entry, each))
    return found


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
