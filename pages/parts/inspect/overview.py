"""What was found: formats, steps, bytes, and where in a model the bytes are."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core import palette
from core.checkpoint import CheckpointError
from core.figures import style
from core.inspect.find import SAVED_MODEL, Checkpoint, Found
from core.inspect.folder import Folder
from core.inspect.model import Listing
from core.words import counted, in_bytes
from pages.parts.inspect.plain import plain
from pages.parts.inspect.scrubber import shown
from pages.ui import chart

MOST_BOXES = 400
# What the model computes with, and what is kept beside it; white type stands out on both.
WEIGHTS, BESIDE = palette.colour("guess"), palette.KINDS["run's own"].light


def overview(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """The series, and the newest checkpoint in it."""
    st.dataframe(
        pd.DataFrame(
            {
                "series": [shown(name) for name in found.groups()],
                "kind": [group[0].kind for group in found.groups().values()],
                "checkpoints": [len(group) for group in found.groups().values()],
                "steps": [_steps(group) for group in found.groups().values()],
                "size": [in_bytes(sum(each.bytes for each in group)) for group in found.groups().values()],
            }
        ),
        hide_index=True,
        column_config={"series": st.column_config.TextColumn(width="large")},
        key="open-series-table",
    )
    newest = series[-1]
    try:
        listing = folder.listing(newest)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    st.subheader(plain(newest.name))
    for note in listing.notes:
        st.warning(plain(note.sentence), icon=":material/warning:")
    numbers(listing)
    if listing.tensors:
        chart.show(treemap(listing), "open-treemap", "bytes")
        table(listing)
    if newest.kind == SAVED_MODEL:
        signatures(folder, newest)


def numbers(listing: Listing) -> None:
    """How large, how much of it slots, and what it would weigh without them."""
    without = listing.bytes - listing.slot_bytes
    share = listing.slot_bytes / listing.bytes if listing.bytes else 0
    columns = st.columns(4)
    columns[0].metric("Parameters", f"{listing.parameters:,}")
    columns[1].metric("Values", in_bytes(listing.bytes))
    columns[2].metric("Optimizer slots", f"{share:.0%}")
    columns[3].metric("Without slots", in_bytes(without))
    st.caption(
        f"{counted(len(listing.tensors), 'tensor')}. Parameters are the numbers that the model computes "
        "with; slots are what the optimizer keeps beside them, and only training on needs them."
    )


def treemap(listing: Listing) -> go.Figure:
    """Bytes by layer; a layer's slots are a box of their own."""
    labels, parents, values, colours = ["all"], [""], [0], ["rgba(0, 0, 0, 0)"]
    layers = sorted(listing.by_layer().items(), key=lambda item: -sum(item[1].values()))[:MOST_BOXES]
    for layer, kinds in layers:
        for kind, size in kinds.items():
            labels.append(_plotly(f"{layer or 'no layer'} · {kind}"))
            parents.append("all")
            values.append(size)
            colours.append(WEIGHTS if kind == "weights" else BESIDE)
    figure = go.Figure(
        go.Treemap(
            labels=labels,
            parents=parents,
            values=values,
            marker={"colors": colours},
            textfont_color=["#808080", *["white"] * (len(labels) - 1)],
            hovertemplate="%{label}<br>%{value:,} bytes<extra></extra>",
        )
    )
    return style.styled(figure, 350)


def table(listing: Listing) -> None:
    """Every tensor."""
    with st.expander(f"Every tensor ({len(listing.tensors):,})"):
        rows = [
            (shown(each.name), shown(each.key), each.dtype, str(list(each.shape)), each.bytes, each.slot)
            for each in listing.tensors
        ]
        st.dataframe(
            pd.DataFrame(rows, columns=["name", "key in the file", "dtype", "shape", "bytes", "slot"]),
            hide_index=True,
            key="open-tensors",
        )
    for name, reason in list(listing.damaged.items())[:20]:
        st.warning(plain(reason or name), icon=":material/warning:")


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
            (shown(each.key), shown("; ".join(each.inputs)), shown("; ".join(each.outputs)))
            for each in graph.signatures
        ]
        st.dataframe(pd.DataFrame(rows, columns=["signature", "inputs", "outputs"]), hide_index=True)
        operations = pd.DataFrame(list(graph.operations.items()), columns=["operation", "how often"])
        operations["operation"] = operations["operation"].map(shown)
        with st.expander(f"Operations ({len(operations):,} kinds)"):
            st.dataframe(operations, hide_index=True)


def _steps(group: tuple[Checkpoint, ...]) -> str:
    steps = [each.step for each in group if each.step is not None]
    return f"{steps[0]:,} to {steps[-1]:,}" if len(steps) > 1 else str(steps[0]) if steps else "–"


def _plotly(text: str) -> str:
    """Plotly takes a few tags for markup."""
    return shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:200]
