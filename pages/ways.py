"""All ways to keep one checkpoint, tried out: what each keeps, what it costs, and the code."""

import pandas as pd
import streamlit as st

from core import deep_jobs
from core.jobs import JobFailed
from core.matrix import QUESTIONS, Answer, Column, Matrix
from core.runs import RunNotFound
from core.tensor_bundle import CheckpointError
from pages.shared import checkpoint, frame, guards, services

frame.require()

SECONDS = 180.0  # five ways, ten repeats each, and a fresh Python process


def draw(found: Matrix) -> None:
    """The matrix, then one way in full."""
    exact = all(each.exact for each in found.columns)
    st.success(found.conclusion(), icon=":material/check:") if exact else st.error(found.conclusion())
    st.dataframe(table(found), height="content")
    st.caption(
        "✓ came back, ✗ did not, – nothing to keep. Every way was offered everything, then the asset's "
        "original was deleted and the directory moved before reading. Times are medians of "
        f"{len(found.columns[0].write.milliseconds)}, writing to files and reading up to a prediction."
    )
    titles = [each.title for each in found.columns]
    chosen = st.segmented_control("Look closer", titles, default=titles[0], required=True, key="way")
    side(found.columns[titles.index(chosen or titles[0])])
    with st.expander("The script that knew nothing of the model"):
        st.caption("It ran in a Python process of its own that cannot import this application.")
        st.code(found.codeless, language="python", wrap_lines=True)


def table(found: Matrix) -> pd.DataFrame:
    """Questions down, ways across."""
    rows = {
        question: [_marked(each.answers[question]) for each in found.columns] for question in QUESTIONS
    } | {
        "files": [str(len(each.files)) for each in found.columns],
        "bytes": [f"{each.bytes:,}" for each in found.columns],
        "write (ms)": [f"{each.write.median:.1f}" for each in found.columns],
        "read (ms)": [f"{each.read.median:.1f}" for each in found.columns],
    }
    return pd.DataFrame(
        rows.values(), index=pd.Index(rows, name="what"), columns=[each.title for each in found.columns]
    )


def side(column: Column) -> None:
    """One way: what was done for each answer, its files, and the code that ran."""
    evidence = pd.DataFrame(
        {
            "what": list(QUESTIONS),
            "answer": [_marked(column.answers[question]) for question in QUESTIONS],
            "how it was found": [column.answers[question].evidence for question in QUESTIONS],
        }
    )
    st.table(evidence.set_index("what"))
    files = pd.DataFrame({"file": list(column.files), "bytes": list(column.files.values())})
    st.dataframe(files, hide_index=True, height="content")
    with st.expander(f"The code of {column.title}"):
        st.code(column.code, language="python", wrap_lines=True)


def _marked(answer: Answer) -> str:
    mark = {True: "✓", False: "✗", None: "–"}[answer.kept]
    return f"{mark} {answer.text}"


st.title("All ways")
run = guards.need_run("see five ways to keep one checkpoint, and what each of them keeps")
st.caption(
    "The same model, kept by a Saver, as a SavedModel of both kinds, by tf.train.Checkpoint and by Keras. "
    "Nothing here is looked up: each answer comes from doing it, now, with this run's checkpoint, in files "
    "made for this; the bytes differ from Compare's, since every way is offered all there is to keep."
)
try:
    name = checkpoint.choose(run)
    # Ten seconds of work: not at every step that the slider comes by, and not twice.
    tried: tuple[str, str, Matrix] | None = st.session_state.get("ways")
    if st.button("Try all ways", type="primary", icon=":material/science:", key="try-ways"):
        with st.spinner(f"Keeping {name} in five ways and bringing it back; about ten seconds…"):
            matrix = services.ask(deep_jobs.matrix, str(run.directory), name, seconds=SECONDS)
        tried = st.session_state["ways"] = (run.id, name, matrix)
except (CheckpointError, RunNotFound, JobFailed, TimeoutError) as error:
    st.warning(str(error), icon=":material/warning:")
else:
    if tried is not None and tried[:2] == (run.id, name):
        draw(tried[2])
