"""The heart: one slider over the saved checkpoints, every view of the step on it."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from core import jobs, run_names
from core.checkpoint import CheckpointError, H, V
from core.comparison import Restored
from core.convergence import when_it_was_done
from core.data import optimum
from core.history import History
from core.jobs import JobFailed
from core.manifest import Manifest
from core.runs import Run, RunNotFound
from pages.shared import code_shown, first_pass, frame, guards, live, services, tracks, words
from pages.shared.plain import plain, sentence
from pages.shared.remembered import Remembered
from pages.shared.state import MOST_OTHERS, publish, state
from pages.shared.timemachine import timemachine

frame.require()

_rested: Remembered[int] = Remembered("rested")
_restored: Remembered[Restored] = Remembered("restored")


def travel(run: Run, others: list[Run], names: dict[str, str]) -> bool:
    """The slider and its charts, and what a Saver restores where it rests; whether the run still moves."""
    current = state()
    condition = services.condition(run, run.manifest())
    moving = condition.moving
    view = tracks.history_view(
        run, others, names=names, step=current.step, revision=current.revision, live=moving
    )
    history = tracks.just_read(run)
    rested = timemachine(view, key=f"history-{run.id}")
    if others:
        st.caption(distances([run, *others], names))
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
        st.caption(
            f"{condition.words().capitalize()}. Following the newest checkpoint. Move the slider to hold one "
            "and restore it."
        )
    else:
        step = history.steps[-1] if current.step is None else current.step
        restored(run, history, history.nearest(step) or 0)
    return moving


def distances(shown: list[Run], names: dict[str, str]) -> str:
    """How far each of the runs is, in its newest checkpoint, from the truth of its own points."""
    found = []
    for each in shown:
        table, truth = tracks.just_read(each).table, tracks.sample_of(each).truth
        if truth is not None and len(table):
            away = math.dist(table[["h", "v"]].iloc[-1], truth)
            found.append(f"“{plain(names[each.id], run_names.LONGEST)}” {away:.3f}")
    if not found:
        return ""
    return f"Distance of the newest checkpoint from the truth of its own points: {', '.join(found)}."


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
    code_shown.restoring()


def _slots(row: pd.Series) -> dict[str, float]:
    return {key: row[key] for key in row.index if key not in ("name", "step", "h", "v", "cost")}


def overlaid(run: Run) -> tuple[list[Run], dict[str, str]]:
    """The runs laid over this one, each with a way to take it off; and what all of them are called."""
    current, found = state(), []
    names = {run.id: services.name_of(run.manifest())}
    for run_id in current.others:
        try:
            other = services.runs().open(run_id)
            names[run_id] = services.name_of(other.manifest())
            found.append(other)
        except RunNotFound as error:
            st.warning(sentence(error), icon=":material/link_off:")
    if found:
        shown = [other.id for other in found]
        left = st.pills(
            "Over it",
            shown,
            selection_mode="multi",
            default=shown,
            format_func=lambda each: f"{plain(names[each], run_names.LONGEST)} ×",
            key=f"over-{run.id}-{shown}",
            label_visibility="collapsed",
            help="Press one to take it off.",
        )
        if set(left) != set(shown):
            current.others = tuple(run_id for run_id in shown if run_id in left)
            st.rerun()
    return found, names


def lay_over(run: Run) -> None:
    """More runs on the same slider."""
    current = state()
    mine = {each.id: each for each in services.my_runs() if each.id not in (run.id, *current.others)}
    with st.popover("Lay a run over this one", icon=":material/layers:", type="tertiary", key="lay-over"):
        if len(current.others) >= MOST_OTHERS:
            st.caption(f"{MOST_OTHERS} runs lie over it; take one off to add another.")
            return
        names = run_names.names_of(services.my_runs())
        chosen = st.selectbox(
            "One of your runs",
            [*mine],
            index=None,
            format_func=lambda run_id: names[run_id],
            placeholder="none",
            key=f"other-{run.id}-{len(mine)}-{current.others}",
        )
        typed = st.text_input("or a run's link or id", key=f"other-link-{run.id}-{current.others}").strip()
        wanted = typed.rpartition("run=")[2].partition("&")[0] or chosen
        if not wanted or wanted == run.id:
            return
        try:
            services.runs().open(wanted)
        except RunNotFound as error:
            st.warning(sentence(error), icon=":material/link_off:")
        else:
            current.others = (*current.others, wanted)
            st.rerun()


def settings_in_words(manifest: Manifest, pace: float | None) -> str:
    """What was trained, for how long."""
    train = manifest.train
    took = f", {manifest.seconds:.2f} s with every save" if manifest.seconds else ""
    if took and pace is not None:
        took += f", held to {pace:g} iterations a second"
    return f"{train.optimizer}, learning rate {train.learning_rate:g}, {train.iterations:,} iterations{took}"


st.title("History")
run = guards.need_run("drag through every saved checkpoint and watch the fit")
manifest = run.manifest()
condition = services.condition(run, manifest)
said = settings_in_words(manifest, run.control().pace)
said += "." if condition.moving else f"; {condition.words()}."  # while it moves, the slider's part says so
early = (
    "" if condition.moving else when_it_was_done(tracks.just_read(run).table, optimum(tracks.sample_of(run)))
)
st.caption(
    f"{said} {early or 'Drag the slider: each curve comes from its file.'} An iteration is one pass over all "
    "samples, counted from 0; model_final holds the last one's values, saved once more."
)
# Above the slider, where one sees what it does.
with st.container(horizontal=True, vertical_alignment="center"):
    words.explained(
        "checkpoint", "iteration", "update", "cost", "optimum", "restore", "graph", "session", "slot"
    )
    lay_over(run)
    others, names = overlaid(run)
live.show("History", travel, condition.moving, 0.5, run, others, names)
if not condition.moving:
    first_pass.show(run, manifest)
