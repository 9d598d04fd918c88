"""A Saver beside a SavedModel of the same checkpoint, drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.checkpoint import H2, V2
from core.compare.comparison import Comparison, Side
from core.words import listed
from pages.ui.plain import code, plain, sentence


def draw(found: Comparison) -> None:
    """Both ways side by side, with what differs marked."""
    if found.note:
        st.warning(sentence(found.note), icon=":material/warning:")
    if found.same_values and found.same_prediction:
        st.success(found.conclusion(), icon=":material/check:")
    else:
        st.error(found.conclusion(), icon=":material/error:")
    st.table(table(found).set_index("what"))
    for column, way in zip(st.columns(2), (found.saver, found.saved_model), strict=True):
        with column:
            side(way)
    st.caption(
        f"The export calls its variables {H2} and {V2}, as the recipe does. The SavedModel had to be written "
        f"first: {found.export.median:.1f} ms (median of {len(found.export.milliseconds)}). The recipe's own "
        f"bare export, without signature and asset, loaded as h {found.bare[0]:.6f}, v {found.bare[1]:.6f}."
    )
    for way in (found.saver, found.saved_model):
        st.markdown(f"**The code that ran: {way.title}**")
        st.code(way.code, language="python", wrap_lines=True)


def table(found: Comparison) -> pd.DataFrame:
    """One row a question; the last column marks what differs."""
    rows = []

    def row(question: str, left: object, right: object) -> None:
        rows.append((question, str(left), str(right), "same" if left == right else "differs"))

    saver, saved = found.saver, found.saved_model
    for (name, left), (other, right) in zip(saver.values.items(), saved.values.items(), strict=True):
        row(f"value of {name} / {other}", f"{left:.9g}", f"{right:.9g}")
    ours, theirs = (np.frombuffer(way.prediction, np.float32) for way in (saver, saved))
    row("prediction at the first x, the middle, the last", _ends(ours), _ends(theirs))
    difference = f"{found.largest_difference():.3g}"
    row(f"largest difference of all {len(ours)} predictions", difference, difference)
    row("was given", "every variable", "h and v")
    row("variables", len(saver.variables), len(saved.variables))
    row("tags", listed(saver.tags), listed(saved.tags))
    row("signatures", listed(saver.signatures), listed(saved.signatures))
    row("assets", listed(saver.assets), listed(saved.assets))
    row("files", len(saver.files), len(saved.files))
    row("bytes", f"{saver.bytes:,}", f"{saved.bytes:,}")
    row("operations in the graph", saver.operations, saved.operations)
    row("time, all phases (ms, median)", f"{saver.milliseconds:.1f}", f"{saved.milliseconds:.1f}")
    return pd.DataFrame(rows, columns=["what", saver.title, saved.title, "same or not"])


def side(way: Side) -> None:
    """One column: what it needs, its files and its times."""
    st.subheader(way.title)
    st.markdown("**What the caller must bring**\n" + "\n".join(f"- {need}" for need in way.needs))
    if way.signatures:
        signatures = [f"- {code(key)}: {plain(names, 200)}" for key, names in way.signatures.items()]
        st.markdown("\n".join(["**Signature**", *signatures]))
    for name, text in way.assets.items():
        st.markdown(f"**Asset** {code(name)}: {plain(text, 200)}")
    files = pd.DataFrame({"file": list(way.files), "bytes": [f"{size:,}" for size in way.files.values()]})
    st.dataframe(files, hide_index=True)
    times = pd.DataFrame(
        {
            "phase": [phase.name for phase in way.phases],
            "median ms": [round(phase.median, 2) for phase in way.phases],
            "fastest ms": [round(min(phase.milliseconds), 2) for phase in way.phases],
            "slowest ms": [round(max(phase.milliseconds), 2) for phase in way.phases],
        }
    )
    st.dataframe(times, hide_index=True)


def _ends(prediction: np.ndarray) -> str:
    """A few of many values."""
    few = (prediction[0], prediction[len(prediction) // 2], prediction[-1]) if len(prediction) else ()
    return ", ".join(f"{value:.6g}" for value in few)
