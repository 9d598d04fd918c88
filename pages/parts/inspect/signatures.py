"""What a stranger must know to call a SavedModel: its graphs, and the signatures of each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.words import counted, printable
from pages.parts.inspect.plain import plain


def signatures(folder: Folder, checkpoint: Checkpoint) -> None:
    """What a stranger must know to call a SavedModel."""
    size = next((size for path, size, _ in checkpoint.files if "saved_model." in path), 0)
    try:
        graphs = folder.graphs(checkpoint.path, size)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    for graph in graphs:
        tags = ", ".join(graph.tags) or "none"
        st.markdown(
            f"**Graph** with tags {plain(tags)}, written by TensorFlow {plain(graph.version or 'unknown')}: "
            f"{counted(graph.nodes, 'node')}, {counted(graph.functions, 'function')}, "
            f"assets {plain(', '.join(graph.assets) or 'none')}."
        )
        for note in graph.notes:
            st.caption(plain(note))
        rows = [
            (printable(each.key), printable("; ".join(each.inputs)), printable("; ".join(each.outputs)))
            for each in graph.signatures
        ]
        st.dataframe(pd.DataFrame(rows, columns=["signature", "inputs", "outputs"]), hide_index=True)
        operations = pd.DataFrame(list(graph.operations.items()), columns=["operation", "how often"])
        operations["operation"] = operations["operation"].map(printable)
        with st.expander(f"Operations ({len(operations):,} kinds)"):
            st.dataframe(operations, hide_index=True)
