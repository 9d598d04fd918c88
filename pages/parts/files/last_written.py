"""The files that a training wrote last, as a small table."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.checkpoint import FINAL, STATE_FILE, files_of, name_of
from core.run.runs import Run

FILES_SHOWN = 8


def last_written(run: Run, iterations: Sequence[int], *, numbers: bool = True) -> None:
    """The last files, of the last `iterations`; with `numbers`, how many there are and their bytes."""
    st.subheader("Files on disk")
    try:
        count = len(os.listdir(run.checkpoints))
    except OSError as error:
        st.warning(f"The folder checkpoints/ of this run cannot be read: {error.strerror}.")
        return
    if not count:
        st.caption("No checkpoint has been written yet.")
        return
    st.caption(f"{count} files in checkpoints/; those written last:" if numbers else "Those written last:")
    # Only these are looked at: thousands of older ones lie beside them.
    names = [STATE_FILE]
    for checkpoint in (FINAL, *map(name_of, iterations)):
        names += files_of(checkpoint)
    found = []
    for name in names:
        try:
            status = (run.checkpoints / name).stat()
        except FileNotFoundError:
            continue  # not written yet, or deleted by retention
        found.append((status.st_mtime_ns, name, status.st_size))
    found = sorted(found, reverse=True)[:FILES_SHOWN]
    table = pd.DataFrame(
        {
            "file": [name for _, name, _ in found],
            "bytes": [size for _, _, size in found],
            "written": [
                pd.Timestamp(stamp, unit="ns", tz="UTC").strftime("%H:%M:%S.%f")[:-3] for stamp, _, _ in found
            ],
        }
    )
    st.dataframe(
        table if numbers else table.drop(columns="bytes"),
        hide_index=True,
        column_config={"written": st.column_config.TextColumn("written (UTC)")},
    )
