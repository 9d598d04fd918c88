"""The heart: one slider over the saved checkpoints, every view of the step on it."""

import streamlit as st

from core.data import optimum
from core.history.convergence import when_it_was_done
from core.run.manifest import Manifest
from core.run.runs import Run
from pages.parts.history import first_pass, overlay, restored
from pages.ui import frame, glossary, guards, live, services, tracks
from pages.ui.plain import plain, sentence
from pages.ui.remembered import Remembered
from pages.ui.state import publish, state
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
        restored.show(run, history, history.nearest(step) or 0)
    return moving


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
    # As long as what will stand there, so that the slider stays in its place when the training ends.
    "The slider follows the newest checkpoint until one moves it. Here will stand how long the training "
    "took, and after how many iterations its cost was practically the best possible."
    if condition.moving
    else when_it_was_done(tracks.just_read(run).table, optimum(tracks.sample_of(run)))
)
st.caption(
    f"{said} {early or 'Drag the slider: each curve comes from its file.'} An iteration is one pass over all "
    "samples, counted from 0; model_final holds the last one's values, saved once more."
)
# Above the slider, where one sees what it does.
with st.container(horizontal=True, vertical_alignment="center"):
    glossary.explained(
        "checkpoint", "iteration", "update", "cost", "optimum", "restore", "graph", "session", "slot"
    )
    overlay.lay_over(run)
    others, names = overlay.overlaid(run)
live.show("History", travel, condition.moving, live.TICK, run, others, names)
if not condition.moving:
    first_pass.show(run, manifest)
