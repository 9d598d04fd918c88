"""What a visitor takes along: chosen tensors as `.npz`, and the statistics of a series as CSV."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np

from core.bundle.values import Array
from core.inspect.compare import guarded
from core.inspect.over_time import Measured
from core.inspect.statistics import COLUMNS

LARGEST = 500_000_000  # bytes of values in one .npz


def npz(arrays: Mapping[str, Array]) -> bytes:
    """The arrays as a file for `numpy.load`; names that could leave a folder when unpacked are made harmless.

    Raises:
        ValueError: they are too many bytes for one download.
    """
    total = sum(each.nbytes for each in arrays.values())
    if total > LARGEST:
        raise ValueError(f"These tensors have {total:,} bytes; at most {LARGEST:,} go into one file.")
    content, taken = io.BytesIO(), set()
    with zipfile.ZipFile(content, "w") as archive:
        for name, value in arrays.items():
            inside = harmless(name)
            while inside in taken:
                inside += "_"
            taken.add(inside)
            with archive.open(f"{inside}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(
                    file, np.ascontiguousarray(value).reshape(value.shape), allow_pickle=False
                )
    return content.getvalue()


def harmless(name: str) -> str:
    """A name of a tensor as a name in an archive: no root, no `..`, nothing that cannot be printed."""
    printable = "".join(each if each.isprintable() and each not in '\\:*?"<>|' else "_" for each in name)
    parts = [part for part in printable.split("/") if part not in ("", ".", "..")]
    return re.sub(r"\s+", "_", "/".join(parts))[:200] or "unnamed"


def statistics_csv(series: Sequence[Measured]) -> str:
    """One line for each tensor at each step; numbers with so many digits that they come back as they were."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    shown = [each for each in COLUMNS if each != "digest"]
    places = [COLUMNS.index(each) for each in shown]
    writer.writerow(("checkpoint", "step", "tensor", "name", "slot", "dtype", "shape", *shown, "problem"))
    for measured in series:
        step = "" if measured.checkpoint.step is None else measured.checkpoint.step
        for tensor, row in zip(measured.listing.tensors, measured.table, strict=True):
            numbers = ["" if math.isnan(row[place]) else repr(float(row[place])) for place in places]
            problem = measured.problems.get(tensor.key)
            facts = (tensor.dtype, "x".join(map(str, tensor.shape)))
            writer.writerow(
                (
                    guarded(measured.checkpoint.path),
                    step,
                    guarded(tensor.key),
                    guarded(tensor.name),
                    tensor.slot,
                    *facts,
                    *numbers,
                    guarded(problem.sentence if problem else ""),
                )
            )
    return text.getvalue()
