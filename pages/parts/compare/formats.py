"""All five formats of one checkpoint, tried out: what each keeps, what it costs, and the code."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.compare.formats import QUESTIONS, AllWays, Way
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.runs import Run, RunNotFound
from pages.ui import services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered

SECONDS = 180.0  # five formats, ten repeats each, and a fresh Python process

_tried: Remembered[AllWays] = Remembered("all ways")


def _draw(found: AllWays) -> None:
    """The matrix, then one way in full."""
    exact = all(each.exact for each in found.ways)
    st.success(found.conclusion(), icon=":material/check:") if exact else st.error(found.conclusion())
    st.dataframe(_table(found), height="content")
    st.caption(
        "✓ came back, ✗ did not, – nothing to keep. Every way was offered everything, then the asset's "
        "original was deleted and the folder moved before reading. Times are medians of "
        f"{len(found.ways[0].write.milliseconds)}, writing to files and reading up to a prediction."
    )
    titles = [each.title for each in found.ways]
    chosen = st.segmented_control("Look closer", titles, default=titles[0], required=True, key="way")
    _side(found.ways[titles.index(chosen or titles[0])])
    with st.expander("The script that knew nothing of the model"):
        st.caption("It ran in a separate Python process that cannot import this application.")
        st.code(found.codeless, language="python", wrap_lines=True)


def _table(found: AllWays) -> pd.DataFrame:
    """Questions down, ways across."""
    rows = {question: [each.findings[question].marked for each in found.ways] for question in QUESTIONS} | {
        "files": [str(len(each.files)) for each in found.ways],
        "bytes": [f"{each.bytes:,}" for each in found.ways],
        "write (ms)": [f"{each.write.median:.1f}" for each in found.ways],
        "read (ms)": [f"{each.read.median:.1f}" for each in found.ways],
    }
    return pd.DataFrame(
        rows.values(), index=pd.Index(rows, name="what"), columns=[each.title for each in found.ways]
    )


def _side(way: Way) -> None:
    """One way: what was done for each answer, its files, and the code that ran."""
    evidence = pd.DataFrame(
        {
            "what": list(QUESTIONS),
            "answer": [way.findings[question].marked for question in QUESTIONS],
            "how it was found": [sentence(way.findings[question].evidence) for question in QUESTIONS],
        }
    )
    st.table(evidence.set_index("what"))
    files = pd.DataFrame({"file": list(way.files), "bytes": list(way.files.values())})
    st.dataframe(files, hide_index=True, height="content")
    with st.expander(f"The code of {way.title}"):
        st.code(way.code, language="python", wrap_lines=True)


def show(run: Run, name: str) -> None:
    """Try them when asked to, and draw what came back."""
    st.caption("Saves this checkpoint in five formats and loads each back. Takes about 10 s.")
    try:
        # Ten seconds of work: not at every step that the slider comes by, and not twice.
        pressed = st.button("Try all formats", type="primary", icon=":material/science:", key="try-ways")
        if pressed or services.is_unanswered(jobs.try_all_ways, str(run.directory), name):
            with st.spinner(f"Saving {name} in five formats and loading each back…"):
                found = services.result_of(
                    jobs.try_all_ways, str(run.directory), name, seconds=SECONDS, heavy=True
                )
            _tried.put(found, (run.id, name))
    except (CheckpointError, RunNotFound, JobFailed, TimeoutError) as error:
        st.warning(sentence(error), icon=":material/warning:")
    else:
        if tried := _tried.get((run.id, name)):
            _draw(tried)
