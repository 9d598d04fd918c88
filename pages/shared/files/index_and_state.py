"""The two small files: the `.index` of a checkpoint, and the `checkpoint` file of a directory."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.bundle import Entry, read_index
from core.checkpoint import DATA
from core.files import state_file
from core.runs import Run


def open_state(run: Run) -> None:
    """The `checkpoint` file: its text, and what it lists and forgets."""
    found = state_file.read_state(run.checkpoints)
    st.caption(found.conclusion())
    left, right = st.columns(2)
    left.code(found.text[:5000], language=None, wrap_lines=True)
    with right:
        rows = [(each.name, "listed", "yes" if each.exists else "no") for each in found.listed]
        rows += [(name, "not listed", "yes") for name in found.unlisted]
        st.dataframe(
            pd.DataFrame(rows, columns=["checkpoint", "in this file", "on disk"]),
            hide_index=True,
            height=min(38 + 35 * len(rows), 400),
        )
        if found.latest is not None:
            st.caption(
                f"latest_checkpoint answers {found.latest.name}."
                if found.latest.exists
                else f"latest_checkpoint answers None, because {found.latest.name} is not there."
            )


def open_index(run: Run, name: str) -> None:
    """The `.index` file: a table of tensors."""
    entries = read_index(run.checkpoints / name)
    st.caption(
        f"A sorted table in LevelDB's format, read here without TensorFlow. It says where in {name}{DATA} "
        "each tensor lies. Its blocks carry checksums, and so does every tensor."
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
