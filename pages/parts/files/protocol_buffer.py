"""A `.meta` or `saved_model.pb` file: what stands out, the graph as a drawing, and the text to search."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import META, CheckpointError
from core.files import protobuf
from core.files.protobuf import Decoded
from core.pool import jobs
from core.run.runs import Run
from pages.parts.files.export import exported
from pages.ui import services
from pages.ui.plain import code, plain

_LINES = 200  # of the text, at a time


def open_protocol_buffer(run: Run, name: str, what: str) -> None:
    """`.meta` or `saved_model.pb`: what stands out, the graph, and the text to search."""
    if what == "saved_model" and not exported(run, name):
        return
    graph, export = run.checkpoints / (name + META), run.saved_model / name / "saved_model.pb"
    path = graph if what == "meta" else export
    try:
        status = path.stat()
    except FileNotFoundError:
        raise CheckpointError(f"{path.name} is missing.") from None
    inside = path.relative_to(run.directory).as_posix()
    recorded = run.recorded([inside]).get(inside, "")
    found = _decode(str(run.directory), name, what, (status.st_mtime_ns, status.st_size, recorded))
    lines = found.text.count("\n")
    st.caption(
        f"A {found.message} protocol buffer: {found.size:,} bytes, {lines:,} lines as text. It has no "
        "checksum" + (", so the run keeps its SHA-256." if recorded else ".")
    )
    left, right = st.columns([2, 3])
    with left:
        st.markdown("**At a glance**")
        st.markdown("\n".join(f"- {what}: {code(answer, 200)}" for what, answer in found.facts))
    with right:
        st.markdown("**Its graph, in groups**")
        st.graphviz_chart(_dot(found), width="content", alt=found.describe_graph())
        st.caption(
            "A number on an arrow counts tensors; dashed arrows only say “after”. A variable hands out its "
            "handle, so the arrow to what updates it starts at the variable."
        )
    with st.expander("The graph in words"):
        st.write(found.describe_graph())
        st.dataframe(
            pd.DataFrame(
                [(each.name, each.nodes, ", ".join(each.examples)) for each in found.groups],
                columns=["group", "nodes", "for example"],
            ),
            hide_index=True,
        )
    st.markdown("**The whole text**")
    _search(found, lines, what)


@st.cache_data(max_entries=16, show_spinner="Decoding the protocol buffer…")
def _decode(directory: str, name: str, what: str, stamp: tuple[int, int, str]) -> Decoded:
    """Decoded once for each state of a file, which `stamp` tells."""
    job = jobs.decode_meta if what == "meta" else jobs.decode_saved_model
    return services.result_of(job, directory, name, about=stamp)


def _search(found: Decoded, lines: int, key: str) -> None:
    """The text, filtered by what the visitor types."""
    left, right = st.columns([3, 1])
    wanted = left.text_input(
        "Show lines that contain",
        placeholder="hor_estimate, VarHandleOp, saver_def …",
        key=f"search-{key}",
        max_chars=100,
    )
    context = right.number_input("Lines around each", 0, 20, 2, key=f"context-{key}")
    seen = protobuf.find_lines(found.text, wanted, int(context), _LINES)
    if not wanted.strip():
        st.caption(f"The first {len(seen.lines):,} of {lines:,} lines; type to find others.")
    elif not seen.hits:
        st.caption(f"No line of {lines:,} contains {plain(repr(wanted.strip()))}.")
        return
    else:
        st.caption(
            f"{seen.hits:,} of {lines:,} lines contain {plain(repr(wanted.strip()))}"
            + (f"; the first {seen.shown:,} are shown." if seen.shown < seen.hits else ".")
        )
    shown, before = [], 0
    for number, line, hit in seen.lines:
        if before and number != before + 1:
            shown.append("      …")
        shown.append(f"{number:>6}{'▸' if hit else ' '} {line[:200]}")
        before = number
    st.code("\n".join(shown), language=None, height=400)


def _dot(found: Decoded) -> str:
    """The groups as a drawing in Graphviz's language, in colours that both themes can carry."""
    number = {group.name: f"g{n}" for n, group in enumerate(found.groups)}
    lines = [
        'digraph {bgcolor="transparent"; rankdir=TB; nodesep=0.1; ranksep=0.4;',
        'node [shape=box, style="rounded,filled", fillcolor="#d7e8f3", color="#0072b2", '
        'fontcolor="#102030", fontname="sans-serif", fontsize=13, margin="0.06,0.04", width=0.4];',
        'edge [color="#787d86", fontcolor="#787d86", fontname="sans-serif", fontsize=12, arrowsize=0.7];',
    ]
    for group in found.groups:
        below = "" if not group.nodes else f"\\n{group.nodes} node{'' if group.nodes == 1 else 's'}"
        outside = "" if group.nodes else ', fillcolor="#fbe3cf", color="#d55e00"'
        lines.append(f'{number[group.name]} [label="{_wrapped(group.name)}{below}"{outside}];')
    for edge in found.edges:
        label = str(edge.tensors) if edge.tensors else ""
        style = "" if edge.tensors else ", style=dashed"
        lines.append(f'{number[edge.source]} -> {number[edge.target]} [label="{label}"{style}];')
    return "\n".join([*lines, "}"])


def _wrapped(text: str) -> str:
    """A quoted label, one or two words a line, so that the drawing fits a telephone."""
    first, _, rest = text.replace("\\", "\\\\").replace('"', '\\"').partition(" ")
    return f"{first} {rest}" if len(text) < 10 else f"{first}\\n{rest}" if rest else first
