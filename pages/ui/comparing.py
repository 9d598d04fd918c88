"""A Saver beside a SavedModel of the same checkpoint, drawn."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.checkpoint import H2, V2
from core.compare.comparison import WHICH, Comparison, Row, Side
from core.words import in_bytes
from pages.ui.plain import code, plain, sentence


def draw(found: Comparison) -> None:
    """The result in a sentence, the two sides, and what differs."""
    if found.note:
        st.warning(sentence(found.note), icon=":material/warning:")
    result = f"**{found.conclusion()}** They differ in what comes with the values."
    if found.same_values and found.same_prediction:
        st.success(result, icon=":material/check:")
    else:
        st.error(f"**{found.conclusion()}**", icon=":material/error:")
    sides = {"card-saver": found.saver, "card-saved-model": found.saved_model}
    for column, (key, way) in zip(st.columns(2), sides.items(), strict=True):
        with column, st.container(key=key):
            _side(way)
    with st.container(key="card-differences"):
        _differences(found.rows())
    st.markdown(f"**{WHICH}**")
    with st.expander("More: files, times and the code that ran"):
        _more(found)


def _side(way: Side) -> None:
    """One way: its files in proportion, and the lines that a caller writes."""
    st.markdown(f"**{way.title}** :gray[{way.milliseconds:.0f} ms to a prediction on this server]")
    st.html(_bar(way.files))
    st.code(call(way), language="python", wrap_lines=True)


def _bar(files: dict[str, int]) -> str:
    """The files as parts of one bar; the smallest are still seen."""
    parts = "".join(
        f'<span class="{_kind(name)}" style="flex:{max(size, 1) ** 0.5:.0f} 1 auto">'
        f"{html.escape(name.rpartition('/')[2])} <small>{in_bytes(size)}</small></span>"
        for name, size in files.items()
    )
    return f'<div class="file-bar">{parts}</div>'


def _kind(name: str) -> str:
    """What kind of file it is, as the style sheet calls it."""
    kinds = {".meta": "meta", ".pb": "meta", ".index": "index", "-of-00001": "data"}
    return next((kind for ending, kind in kinds.items() if name.endswith(ending)), "other")


def call(way: Side) -> str:
    """How the values come back, in a few lines, with what they were."""
    (h_name, h), (v_name, v) = way.values.items()
    # The SavedModel has plain variables; of a resource variable, as in `.meta`, the name alone is the handle.
    value = ":0" if way.tags else "/Read/ReadVariableOp:0"
    read = [f'session.run("{h_name}{value}")  # {h:.9g}', f'session.run("{v_name}{value}")  # {v:.9g}']
    if way.tags:
        return "\n".join([f"tf.saved_model.loader.load(session, {list(way.tags)}, directory)", *read])
    prefix = next(iter(way.files)).partition(".")[0]
    lines = [f'saver = tf.train.import_meta_graph("{prefix}.meta")', f'saver.restore(session, "{prefix}")']
    return "\n".join([*lines, *read])


def _differences(rows: Sequence[Row]) -> None:
    """The rows that differ; all of them when asked."""
    everything = st.toggle(f"Show all {len(rows)} rows", key="compare-all")
    shown = rows if everything else [row for row in rows if not row.same]
    st.table(
        pd.DataFrame(
            [(row.question, row.saver, row.saved_model) for row in shown],
            columns=["All rows" if everything else "Only what differs", "Saver", "SavedModel"],
        ).set_index("All rows" if everything else "Only what differs")
    )


def _more(found: Comparison) -> None:
    for way in (found.saver, found.saved_model):
        st.markdown(f"**{way.title}**")
        for key, names in way.signatures.items():
            st.markdown(f"Signature {code(key)}: {plain(names, 200)}")
        for name, text in way.assets.items():
            st.markdown(f"Asset {code(name)}: {plain(text, 200)}")
        times = [(each.name, round(each.median, 2), round(min(each.milliseconds), 2)) for each in way.phases]
        st.dataframe(pd.DataFrame(times, columns=["phase", "median ms", "fastest ms"]), hide_index=True)
        st.code(way.code, language="python", wrap_lines=True)
    st.caption(
        f"Writing the SavedModel took {found.export.median:.1f} ms. Its variables are {H2} and {V2}, as in "
        f"the recipe. The recipe's own export loaded as h {found.bare[0]:.6f}, v {found.bare[1]:.6f}."
    )
