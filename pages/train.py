"""Training, live: the curve, the cost and the files move while a worker trains."""

import streamlit as st

from core.run.manifest import FINISHED, Control, Manifest
from core.run.names import LONGEST
from core.run.runs import Run
from core.run.status import Condition
from core.settings import PACES, TrainSettings
from pages.parts.files.last_written import last_written
from pages.ui import code_shown, fields, frame, glossary, live, services, tracks
from pages.ui.plain import plain, sentence
from pages.ui.state import state
from pages.ui.timemachine import timemachine

frame.require()


def settings() -> None:
    """The settings of the next run, and the button that starts it."""
    current = state()
    st.caption(
        f"Trains on {plain(current.points())}, from the page Data. After every iteration a TensorFlow Saver "
        "writes a checkpoint."
    )
    fields.edit("train", ("optimizer", "learning_rate", "iterations"))
    with st.expander("Samples, batch and what the Saver keeps"):
        fields.edit("train", ("order", "batch", "momentum"))
        fields.edit("train", ("max_to_keep", "keep_checkpoint_every_n_hours"))
        st.caption("The recipe's Saver has TensorFlow's own max_to_keep, 5; empty keeps every checkpoint.")
    fields.complain()
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    paces = list(PACES)
    pace = left.selectbox("Pace", paces, index=paces.index(current.pace), key="pace") or current.pace
    current.pace = pace
    if middle.button("Train", type="primary", icon=":material/play_arrow:", key="train"):
        own = current.own
        sample = current.sample()
        services.start_run(sample, None if own else current.data, current.train, PACES[pace])
        st.rerun()
    if current.train != TrainSettings() and right.button("Back to the recipe", key="reset-train"):
        current.train = TrainSettings()
        st.rerun()


def which(run: Run, manifest: Manifest) -> None:
    """Which run is seen here, and whether its points are those that the next one would train on."""
    current = state()
    condition = services.condition(run, manifest)
    over = condition.mine and condition.kind == "ended"
    same = manifest.data is None if current.own else manifest.data == current.data
    others = "" if same else f" Its points are not those of the page Data ({plain(current.points())})"
    how = "" if same else ": train again for those." if over else "."
    name = plain(services.name_of(manifest), LONGEST)
    st.caption(f":material/play_shapes: {'Last run:' if over else 'Run'} “{name}”.{others}{how}")


def watch(run: Run) -> bool:
    """The run as it is now; whether it still moves."""
    manifest, steps = run.manifest(), run.steps()
    condition = services.condition(run, manifest)
    done = 0 if steps.empty else int(steps["iteration"].iloc[-1]) + 1
    complaint = _complaint(manifest, condition, done)
    # A complaint stands beside them, so that the charts below stay where they are; without one a full bar
    # is as wide as the page.
    left, right = st.columns(2) if complaint else (st.container(), None)
    with left:
        _progress(manifest, condition, done, steps["seconds"].tail(50).mean())
        if condition.mine:
            _controls(run, condition)
        else:
            st.caption("You opened somebody else's run by its link: you can look, not steer.")
    if right:
        right.warning(complaint, icon=":material/warning:")
    timemachine(tracks.live_view(run, steps, live=condition.moving), key=f"live-{run.id}")
    last_written(run, steps["iteration"].tail(3).tolist())
    if condition.kind == "waits":
        st.caption(f"At most {services.pool().trainers} are trained at a time; you may leave this page.")
    if manifest.status == FINISHED and not condition.moving:
        st.caption(f"{done} iterations in {manifest.seconds:.2f} s, every save included.")
    return condition.moving


def _progress(manifest: Manifest, condition: Condition, done: int, seconds: float) -> None:
    total = manifest.train.iterations
    words = condition.words()
    if condition.kind == "starts" and not services.pool().wait(0):
        words = "TensorFlow is starting in a worker process"
    rate = f", {seconds * 1000:.1f} ms of work each" if condition.kind == "trains" and done > 1 else ""
    st.progress(min(1.0, done / total), text=f"{words}: {done} of {total} iterations{rate}")


def _complaint(manifest: Manifest, condition: Condition, done: int) -> str:
    """What went wrong with the training; nothing if nothing did."""
    if condition.kind == "interrupted":
        return (
            f"This training was interrupted after {done} of {manifest.train.iterations} iterations: the "
            "server ended, or its disk was full. Its checkpoints are readable; press Resume to go on."
        )
    return sentence(manifest.note) if manifest.note else ""


def _controls(run: Run, condition: Condition) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="train-controls"):
        if condition.kind in ("starts", "trains") and st.button(
            "Pause", icon=":material/pause:", key="pause-run"
        ):
            services.pool().pause(run)
        if condition.can_go_on and st.button(
            "Resume", icon=":material/resume:", key="resume-run", type="primary"
        ):
            run.steer(Control(pace=run.control().pace))
            services.queue(run)
            st.rerun()
        if condition.can_stop and st.button("Stop training", icon=":material/stop:", key="stop-run"):
            services.stop(run)
            st.rerun()
        # A link, not a button: a page that the server switches while a fragment ticks can come up
        # blank, because a late tick then tells the browser that the old page is back.
        st.page_link("pages/history.py", label="Look back", icon=":material/history:")


st.title("Train")
glossary.explained("Saver", "checkpoint", "iteration", "update", "cost", "optimizer", "graph", "worker")
run = services.current_run()
if run:
    which(run, run.manifest())
# It opens by the visitor's hand alone, and over the charts, so that they stay in sight and in their place.
with (
    st.popover("Train again: settings of the next run", width="stretch", key=f"next-{run.id}")
    if run
    else st.container()
):
    settings()
if run is None:
    st.info(
        "Press Train: the curve falls into the points here, step by step, and the checkpoint files "
        "appear below it.",
        icon=":material/info:",
    )
else:
    moving = services.condition(run, run.manifest()).moving
    live.show("Train", watch, moving, live.seconds_between(run), run)
code_shown.saving()
