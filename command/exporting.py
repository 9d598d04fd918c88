"""`export`: tensors as .npz, .npy or .csv."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

import numpy as np

from command.inspecting import find_tensor
from command.patterns import matches
from command.place import named
from command.told import Line, Table, Told, shape
from core.bundle.values import Array
from core.checkpoint import CheckpointError
from core.inspect.model import Tensor
from core.inspect.take_home import npz
from core.words import counted, in_bytes

FORMATS = (".npz", ".npy", ".csv")


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    place = named(asked.path)
    one = place.chosen()
    listing = place.folder.listing(one)
    out = Path(asked.output)
    if out.suffix not in FORMATS:
        raise CheckpointError(f"{out.name} has no ending of {', '.join(FORMATS)}.")
    wanted: list[Tensor] = []
    for text in asked.tensors:
        wild = any(each in text for each in "*?[")
        some = [each for each in listing.tensors if matches(text, each.name, each.key)] if wild else []
        wanted += some or [find_tensor(listing, text)]
    wanted = list(dict.fromkeys(wanted)) if asked.tensors else list(listing.weights())
    if out.suffix != ".npz" and len(wanted) != 1:
        raise CheckpointError(f"{out.suffix} holds one tensor; {len(wanted):,} are asked for. Take .npz.")
    place.need([one], [each.key for each in wanted])
    arrays = place.folder.arrays(one, [each.key for each in wanted])
    names = _names(wanted)
    content = _content(out.suffix, {names[key]: value for key, value in arrays.items()})
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CheckpointError(f"{out} cannot be written: {error.strerror}.") from None
    rows = [
        {"name": names[each.key], "key": each.key, "dtype": each.dtype, "shape": each.shape}
        for each in wanted
    ]
    data = {"command": "export", "file": str(out), "bytes": len(content), "tensors": rows}
    line = Line(f"{counted(len(wanted), 'tensor')} in {out}, {in_bytes(len(content))}.", "good")
    table = Table(("name", "type", "shape"), tuple((names[e.key], e.dtype, shape(e.shape)) for e in wanted))
    return Told(data, [line, table])


def _names(wanted: list[Tensor]) -> dict[str, str]:
    """Key to the name in the file: what people call it, or the key where two are called the same."""
    called = [each.name for each in wanted]
    return {each.key: each.name if called.count(each.name) == 1 else each.key for each in wanted}


def _content(ending: str, arrays: dict[str, Array]) -> bytes:
    """The file's bytes.

    Raises:
        CheckpointError: it is too large for one file, or has too many dimensions for CSV.
    """
    if ending == ".npz":
        try:
            return npz(arrays)
        except ValueError as error:
            raise CheckpointError(str(error)) from None
    (value,) = arrays.values()
    if ending == ".npy":
        content = io.BytesIO()
        np.save(content, value, allow_pickle=False)
        return content.getvalue()
    if value.ndim > 2:
        raise CheckpointError(f"A CSV file has two dimensions, this tensor {value.ndim}. Take .npy.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = value if value.ndim == 2 else value.reshape(-1, 1)
    writer.writerows(
        [each.decode(errors="replace") if isinstance(each, bytes) else each for each in row]
        for row in rows.tolist()
    )
    return text.getvalue().encode()
