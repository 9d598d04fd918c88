"""An index file as a table: where each tensor is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.bundle import Entry, read_index
from core.checkpoint import DATA
from core.run.runs import Run


def open_index(run: Run, name: str) -> None:
    """The `.index` file: a table of tensors."""
    entries = read_index(run.checkpoints / name)
    st.caption(
        f"A sorted table in LevelDB's format: where each tensor is in {name}{DATA}. Every block and every "
        "tensor has a checksum."
    )
    st.dataframe(_index_table(entries), hide_index=True)
    exported = run.saved_model / name / "variables" / "variables"
    if exported.with_name("variables.index").is_file():
        st.markdown("**The SavedModel's own index**, `variables/variables.index`")
        st.dataframe(_index_table(read_index(exported)), hide_index=True)


def _index_table(entries: tuple[Entry, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [each.name for each in entries],
            "dtype": [each.dtype for each in entries],
            "shape": [str(each.shape) if each.shape else "() scalar" for each in entries],
            "offset": [each.offset for each in entries],
            "size": [each.size for each in entries],
            "checksum (masked CRC-32C)": [f"0x{each.crc32c:08x}" for each in entries],
        }
    )
