"""A Saver's list or dict of variables: the table of what matches what, and one cell of it in full."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.pool import jobs
from core.pool.jobs import JobFailed
from core.retention.saver_options import Match
from pages.ui import services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered

_matches: Remembered[tuple[Match, ...]] = Remembered("saver options")


def show() -> None:
    """A list or a dict of variables: the matrix of what fits what, and one cell of it in full."""
    st.write("A Saver finds values by name: three files, four graphs.")
    pressed = st.button("Save and restore", icon=":material/play_arrow:", key="options-go")
    if pressed or services.is_unanswered(jobs.match_all):
        try:
            with st.spinner("Three saves, twelve restores…"):
                _matches.put(services.result_of(jobs.match_all))
        except (JobFailed, TimeoutError) as error:
            st.warning(sentence(error), icon=":material/warning:")
    matches = _matches.get()
    if matches is None:
        return
    saves = list(dict.fromkeys(match.saved for match in matches))
    restores = list(dict.fromkeys(match.restored for match in matches))
    cells = {(match.saved, match.restored): match for match in matches}
    matrix = pd.DataFrame(
        {"restored into": restores}
        | {saved: [_verdict(cells[saved, restored]) for restored in restores] for saved in saves}
    )
    st.dataframe(matrix, hide_index=True)
    left, right = st.columns(2)
    saved = left.selectbox("Saved by", saves, key="options-saved")
    restored = right.selectbox("Restored into", restores, key="options-restored")
    match = cells[saved or saves[0], restored or restores[0]]
    show = st.error if match.error else st.success if None not in match.values.values() else st.warning
    show(match.conclusion())
    if match.error:
        st.markdown("**TensorFlow's own message** (its stack traces left out)")
        st.code(match.error, language=None, wrap_lines=True)
    left, right = st.columns(2)
    with left:
        st.markdown("**In the file**")
        st.dataframe(
            pd.DataFrame(
                {"name": list(match.tensors), "value": [f"{x:.9g}" for x in match.tensors.values()]}
            ),
            hide_index=True,
        )
        st.markdown("**The code that saved**")
        st.code(match.save_code, language="python", wrap_lines=True)
    with right:
        st.markdown("**In the other graph, afterwards**")
        values = ["no value" if x is None else f"{x:.9g}" for x in match.values.values()]
        st.dataframe(pd.DataFrame({"variable": list(match.values), "value": values}), hide_index=True)
        st.markdown("**The code that restored**")
        st.code(match.restore_code, language="python", wrap_lines=True)


def _verdict(match: Match) -> str:
    if match.error:
        return f"✗ missing: {', '.join(match.missing)}"
    empty = [name for name, value in match.values.items() if value is None]
    return f"✓ all but {', '.join(empty)}" if empty else "✓ everything"
