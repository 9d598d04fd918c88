"""The heart: one slider over the saved checkpoints, every view of the step on it."""

import numpy as np
import pandas as pd
import streamlit as st

from core import jobs
from core.checkpoint import FINAL, CheckpointError, H, V
from core.comparison import Restored
from core.history import History
from core.jobs import JobFailed
from core.runs import Run, RunNotFound
from pages.shared import frame, guards, live, services, sidebar, tracks
from pages.shared.plain import plain, sentence
from pages.shared.remembered import Remembered
from pages.shared.state import publish, state
from pages.shared.timemachine import timemachine

frame.require()

_rested: Remembered[int] = Remembered("rested")
_restored: Remembered[Restored] = Remembered("restored")


def travel(run: Run, other: Run | None) -> bool:
    """The slider and its charts, and what a Saver restores where it rests; whether the run still moves."""
    current = state()
    moving = services.condition(run, run.manifest()).moving
    view = tracks.history_view(run, other, step=current.step, revision=current.revision, live=moving)
    history = tracks.history_of(run)
    rested = timemachine(view, key=f"history-{run.id}")
    if rested is not None and _rested.get(run.id) != rested:
        current.step = _rested.put(rested, run.id)
    elif rested is None:
        _rested.put(-1)  # a time machine that has just been opened
    publish()
    torn = {each.step: each for each in history.lost}
    if current.step in torn:
        lost = torn[current.step]
        st.warning(
            f"{plain(lost.name)} cannot be restored: {sentence(lost.reason)}", icon=":material/warning:"
        )
    elif not history.steps:
        nothing_yet = "No checkpoint can be read yet; they appear here as training writes them."
        nothing = run.manifest().note or "This run has no readable checkpoint."
        st.info(nothing_yet if moving else sentence(nothing), icon=":material/info:")
    elif moving and current.step is None:
        st.caption("Following the newest checkpoint. Move the slider to hold one and restore it.")
    else:
        step = history.steps[-1] if current.step is None else current.step
        restored(run, history, history.nearest(step) or 0)
    return moving


def restored(run: Run, history: History, step: int) -> None:
    """What a real Saver brings back from this step's files."""
    row = history.row(step)
    name = str(row["name"])
    try:
        # The last answer serves again while the checkpoint's files stay as they were.
        found = _restored.get_or(
            (run.id, name, history.rows[name][0]),
            lambda: services.result_of(jobs.restore, str(run.directory), name),
        )
    except (CheckpointError, JobFailed, TimeoutError) as error:
        st.warning(sentence(error), icon=":material/warning:")
        return
    st.subheader(f"{name}, restored")
    drawn = {H: row["h"], V: row["v"], **_slots(row)}
    table = pd.DataFrame(
        {
            "variable": list(found.values),
            "restored by Saver": [repr(np.float32(v))[11:-1] for v in found.values.values()],
            "bytes (little-endian)": [np.float32(v).tobytes().hex(" ") for v in found.values.values()],
            "equals the file": [
                "yes, bit for bit"
                if np.float32(value).tobytes() == np.float32(drawn[key]).tobytes()
                else f"no: {drawn[key]!r}"
                for key, value in found.values.items()
            ],
        }
    )
    same = all(answer.startswith("yes") for answer in table["equals the file"])
    st.caption(
        f"A Saver restored {name} in {found.milliseconds:.0f} ms (import_meta_graph and restore). "
        + ("Its values equal those drawn above, bit for bit." if same else "Its values differ!")
    )
    st.dataframe(table, hide_index=True)
    if name == FINAL:
        st.caption(f"{FINAL} is no further iteration: the last one's values, saved once more by that name.")


def _slots(row: pd.Series) -> dict[str, float]:
    return {key: row[key] for key in row.index if key not in ("name", "step", "h", "v", "cost")}


def overlay(run: Run) -> Run | None:
    """A second run on the same slider, if the visitor chose one."""
    current = state()
    mine = {each.id: each for each in services.runs().manifests(services.owner())}
    mine.pop(run.id, None)
    with st.expander("Lay a second run over this one", expanded=bool(current.other)):
        chosen = st.selectbox(
            "One of your runs",
            [*mine],
            index=[*mine].index(current.other) if current.other in mine else None,
            format_func=lambda run_id: sidebar.describe(mine[run_id]),
            placeholder="none",
            key=f"other-{run.id}-{len(mine)}",
        )
        typed = st.text_input(
            "or a run's link or id",
            value="" if current.other in mine else current.other or "",
            key=f"other-link-{run.id}",
        ).strip()
        wanted = typed.rpartition("run=")[2].partition("&")[0] or chosen
        current.other = wanted if wanted != run.id else None
        if current.other:
            try:
                return services.runs().open(current.other)
            except RunNotFound as error:
                st.warning(sentence(error), icon=":material/link_off:")
    return None


st.title("History")
run = guards.need_run("drag through every saved checkpoint and watch the fit")
manifest = run.manifest()
condition = services.condition(run, manifest)
st.caption(
    f"Run {sidebar.describe(manifest)}, {condition.words()}. Drag the slider: each curve comes from its file."
)
charts = st.container()
second = overlay(run)
with charts:
    live.show("History", travel, condition.moving, 0.5, run, second)
