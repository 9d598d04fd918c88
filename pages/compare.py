"""Saver restore beside SavedModel load, from the same checkpoint."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from core import jobs
from core.comparison import Comparison, Way
from core.jobs import JobFailed
from core.runs import RunNotFound
from core.tensor_bundle import CheckpointError
from pages.shared import checkpoint, frame, guards, lab_links, services

frame.require()


def draw(found: Comparison) -> None:
    """Both ways side by side, with what differs marked."""
    if found.same_values and found.same_prediction:
        st.success(found.conclusion(), icon=":material/check:")
    else:
        st.error(found.conclusion(), icon=":material/error:")
    st.dataframe(table(found), hide_index=True, height="content")
    for column, way in zip(st.columns(2), (found.saver, found.saved_model), strict=True):
        with column:
            side(way)
    st.caption(
        f"The SavedModel had to be written first: {found.export.median:.1f} ms (median of "
        f"{len(found.export.milliseconds)}). The recipe's own bare export, without signature and "
        f"asset, loaded as h {found.bare[0]:.6f}, v {found.bare[1]:.6f}."
    )


def table(found: Comparison) -> pd.DataFrame:
    """One row a question; the last column marks what differs."""
    rows = []

    def row(question: str, left: object, right: object) -> None:
        rows.append((question, str(left), str(right), "same" if left == right else "differs"))

    saver, saved = found.saver, found.saved_model
    for (name, left), (other, right) in zip(saver.values.items(), saved.values.items(), strict=True):
        row(f"{name[:3]}: value ({name} / {other})", f"{left:.9g}", f"{right:.9g}")
    predicted = [f"{len(way.prediction) // 4} values" for way in (saver, saved)]
    row("prediction on the run's x", predicted[0], predicted[1] if found.same_prediction else "other values")
    row("variables", len(saver.variables), len(saved.variables))
    row("tags", _listed(saver.tags), _listed(saved.tags))
    row("signatures", _listed(saver.signatures), _listed(saved.signatures))
    row("assets", _listed(saver.assets), _listed(saved.assets))
    row("files", len(saver.files), len(saved.files))
    row("bytes", f"{saver.bytes:,}", f"{saved.bytes:,}")
    row("operations in the graph", saver.operations, saved.operations)
    row("time, all phases (ms, median)", f"{saver.milliseconds:.1f}", f"{saved.milliseconds:.1f}")
    return pd.DataFrame(rows, columns=["what", saver.title, saved.title, "same or not"])


def side(way: Way) -> None:
    """One column: what it needs, its files, its times, and the code that ran."""
    st.subheader(way.title)
    st.markdown("**What the caller must bring**\n" + "\n".join(f"- {need}" for need in way.needs))
    if way.signatures:
        st.markdown("**Signature**\n" + "\n".join(f"- `{k}`: {v}" for k, v in way.signatures.items()))
    for name, text in way.assets.items():
        st.markdown(f"**Asset** `{name}`: {text}")
    files = pd.DataFrame({"file": list(way.files), "bytes": list(way.files.values())})
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
    st.markdown("**The code that ran**")
    st.code(way.code, language="python", wrap_lines=True)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


st.title("Compare")
run = guards.need_run("see what Saver.restore and a SavedModel bring back from one checkpoint")
try:
    name = checkpoint.choose(run)
    with st.spinner(f"Restoring and loading {name}, five times each…"):
        found = services.ask(jobs.compare, str(run.directory), name)
except (CheckpointError, RunNotFound, JobFailed, TimeoutError) as error:
    st.warning(str(error), icon=":material/warning:")
else:
    draw(found)
lab_links.to_cards("compare")
