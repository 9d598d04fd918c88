"""A run's checkpoint files as a small table."""

from __future__ import annotations

import os

import pandas as pd
import streamlit as st

from core.runs import Run


def newest_files(run: Run, count: int) -> None:
    """How many files there are, and the newest ones."""
    found = []
    with os.scandir(run.checkpoints) as entries:
        for entry in entries:
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue  # deleted by retention this very moment
            found.append((status.st_mtime_ns, entry.name, status.st_size))
    found.sort(reverse=True)
    st.subheader("Files on disk")
    if not found:
        st.caption("No checkpoint has been written yet.")
        return
    st.caption(f"{len(found)} files in checkpoints/; the newest:")
    table = pd.DataFrame(
        {
            "file": [name for _, name, _ in found[:count]],
            "bytes": [size for _, _, size in found[:count]],
            "written": [
                pd.Timestamp(stamp, unit="ns", tz="UTC").strftime("%H:%M:%S.%f")[:-3]
                for stamp, _, _ in found[:count]
            ],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={"written": st.column_config.TextColumn("written (UTC)")},
    )
