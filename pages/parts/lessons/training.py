"""The training of a lesson's run, live; every later step looks at the run that it makes."""

from __future__ import annotations

import streamlit as st

from core.lessons.lesson import Lesson
from core.run.manifest import FINISHED, Control
from core.run.runs import Run
from core.run.step_log import iterations_done
from pages.parts.lessons import course, drawing
from pages.parts.lessons.language import say, speaking, spoken
from pages.parts.lessons.progress import Progress
from pages.ui import live, services, tracks
from pages.ui.timemachine import timemachine


def trained(lesson: Lesson, progress: Progress, *, training_is_the_step: bool) -> Run | None:
    """The lesson's run when it is finished; until then what there is to press or to watch.

    Args:
        training_is_the_step: whether to show the training also when it is over.
    """
    run = course.run_of(lesson, progress)
    if run is None:
        if not training_is_the_step:
            st.markdown(say("needs_run"))
        if st.button(say("do_train"), type="primary", icon=":material/play_arrow:", key="lesson-train"):
            course.train(lesson, progress)
            st.rerun()
        return None
    condition = services.condition(run, run.manifest())
    finished = run.manifest().status == FINISHED and not condition.moving
    if training_is_the_step or not finished:
        live.show("Lessons", _watch, condition.moving, live.seconds_between(run, condition), run)
    if finished:
        return run
    if not condition.moving:
        _again(lesson, progress, run, condition.mine and condition.can_go_on)
    return None


def _watch(run: Run) -> bool:
    """The curve, h, v, the cost and the files, as on the Playground."""
    manifest = run.manifest()
    condition = services.condition(run, manifest)
    done, total = iterations_done(run.steps_file), manifest.train.iterations
    st.progress(min(1.0, done / total), text=say("trained", done=done, total=total))
    view = speaking(tracks.live_view(run, live=condition.moving))
    timemachine(view, key=f"lesson-live-{run.id}-{spoken()}")
    return condition.moving


def _again(lesson: Lesson, progress: Progress, run: Run, can_go_on: bool) -> None:
    """A run that came to rest before its end goes on, or another one takes its place."""
    drawing.problem(say("stopped"), run.manifest().note)
    if can_go_on and st.button(say("go_on"), type="primary", key="lesson-resume"):
        run.steer(Control())
        services.pool().submit(run, services.address())
        st.rerun()
    if st.button(say("train_anew"), key="lesson-train-anew"):
        course.train(lesson, progress)
        st.rerun()
