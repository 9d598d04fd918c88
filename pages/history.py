"""The heart: one slider over the saved checkpoints, every view of the step on it."""

import streamlit as st

from core.history.outcome import outcome_of_run
from core.run.manifest import Manifest
from core.run.runs import Run
from core.run.status import Condition
from pages.parts.history import first_pass, overlay, restored
from pages.ui import frame, guards, header, live, services, tracks
from pages.ui.links import publish
from pages.ui.plain import plain, sentence
from pages.ui.remembered import Remembered
from pages.ui.state import state
from pages.ui.timemachine import timemachine

frame.require()

_rested: Remembered[int] = Remembered("rested")


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
        st.caption(overlay.distances([run, *others], names))
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
        nothing_yet = "No checkpoint yet. They appear here as training writes them."
        nothing = run.manifest().note or "This run has no readable checkpoint."
        st.info(nothing_yet if moving else sentence(nothing), icon=":material/info:")
    elif moving and current.step is None:
        st.caption("Following the newest checkpoint. Move the slider to restore one.")
    else:
        step = history.steps[-1] if current.step is None else current.step
        restored.show(run, history, history.nearest(step) or 0)
    return moving


def settings_in_words(manifest: Manifest, condition: Condition) -> str:
    """What was trained, for how long, and how it ended."""
    train = manifest.train
    took = f", {manifest.seconds:.2f} s" if manifest.seconds else ""
    return (
        f"{train.optimizer}, learning rate {train.learning_rate:g}, {train.iterations:,} iterations{took}: "
        f"{condition.words()}."
    )


run = guards.need_run()
manifest = run.manifest()
header.show(
    "History",
    "Every checkpoint of a run on one slider.",
    "Drag it, or compare with another run.",
    terms=(
        "checkpoint",
        "iteration",
        "update",
        "cost",
        "optimum",
        "restore",
        "outcome",
        "graph",
        "session",
        "slot",
    ),
    run=run,
)
condition = services.condition(run, manifest)
# Above the slider, where one sees what it does.
with st.container(horizontal=True, vertical_alignment="center"):
    overlay.lay_over(run)
    others, names = overlay.overlaid(run)
    st.caption(settings_in_words(manifest, condition))
live.show("History", travel, condition.moving, live.TICK, run, others, names)
if not condition.moving:
    if outcome := outcome_of_run(run, tracks.sample_of(run)):
        st.markdown(outcome.words)
    first_pass.show(run, manifest)
