"""The files of one checkpoint: their bytes, the index with its offsets and checksums."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.find import SAVED_MODEL, Checkpoint, Found
from core.inspect.folder import Folder
from core.inspect.model import Listing
from core.inspect.shards import ORDER
from core.words import in_bytes, printable
from pages.parts.inspect import code
from pages.parts.inspect.plain import plain
from pages.parts.inspect.signatures import signatures

_WHOLE = st.column_config.NumberColumn(format="localized")


def files(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """Choose a checkpoint; see its files, which bytes are which tensor, and its graph."""
    paths = {each.path: each for each in found.checkpoints}
    start = list(paths).index(series[-1].path)
    path = st.selectbox("Checkpoint", list(paths), index=start, format_func=printable, key="open-file")
    checkpoint = paths[path or series[-1].path]
    st.dataframe(
        pd.DataFrame(
            {
                "file": [printable(name) for name, _, _ in checkpoint.files],
                "size": [in_bytes(size) for _, size, _ in checkpoint.files],
                "bytes": [size for _, size, _ in checkpoint.files],
            }
        ),
        hide_index=True,
        column_config={"bytes": _WHOLE},
        key="open-files-table",
    )
    try:
        _places(folder, checkpoint, folder.listing(checkpoint))
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
    if checkpoint.kind == SAVED_MODEL:
        signatures(folder, checkpoint)
    for name, size, _ in checkpoint.files:
        if name.endswith(".meta"):
            _graph(folder, name, size)
    code.show(folder, checkpoint, "files")


def _places(folder: Folder, checkpoint: Checkpoint, listing: Listing) -> None:
    entries = folder.entries(checkpoint)
    st.markdown(f"**Where the {len(listing.tensors):,} tensors are**")
    columns = ["name", "dtype", "shape", "data file", "offset", "size", "checksum (masked CRC-32C)"]
    rows = [
        (printable(name), dtype, str(list(shape)), shard, offset, size, f"0x{crc:08x}" if crc else "–")
        for name, dtype, shape, offset, size, crc, shard, _ in entries
    ]
    table = pd.DataFrame(rows, columns=columns)
    if not any(crc for *_, crc, _, _ in entries):  # of a format without checksums
        # 0 is not known. Above that number of bits is which of several files it is.
        table["offset"] = [each % (1 << ORDER) or None for each in table["offset"]]
        table = table.drop(columns=columns[-1])
        if not table["data file"].any():
            table = table.drop(columns="data file")
    st.dataframe(table, hide_index=True, column_config={"offset": _WHOLE, "size": _WHOLE}, key="open-entries")
    names = [row[0] for row in entries]
    name = st.selectbox("First bytes of", names, format_func=printable, key="open-bytes")
    if name is not None:
        st.code(folder.first_bytes(checkpoint, name), language=None)


def _graph(folder: Folder, path: str, size: int) -> None:
    try:
        (graph,) = folder.graphs(path, size)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    st.markdown(
        f"**{plain(path)}**: {graph.nodes:,} nodes, written by TensorFlow {plain(graph.version or 'unknown')}"
    )
    for note in graph.notes:
        st.caption(plain(note))
    operations = pd.DataFrame(list(graph.operations.items()), columns=["operation", "how often"])
    operations["operation"] = operations["operation"].map(printable)
    st.dataframe(operations, hide_index=True)
