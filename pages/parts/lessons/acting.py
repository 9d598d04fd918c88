"""What a learner does in a step, and what comes of it."""

from __future__ import annotations

import time

import streamlit as st

from core.checkpoint import CheckpointError
from core.lessons.facts import Facts
from core.lessons.lesson import Deed, Lesson
from core.pool.jobs import JobFailed
from core.run.runs import RunNotFound
from core.training.step import TrainingError
from pages.parts.lessons import deeds, drawing, training
from pages.parts.lessons.language import say
from pages.parts.lessons.progress import Progress

_PROBLEMS = (CheckpointError, RunNotFound, JobFailed, TrainingError, TimeoutError)


def act(deed: Deed, lesson: Lesson, progress: Progress, number: int) -> Facts | None:
    """Let the learner do it; the facts when it was done, None before.

    Where something fails, the fix is drawn as soon as the learner has found the missing line.
    """
    try:
        run = None
        if deed.action.trained:
            run = training.trained(lesson, progress, training_is_the_step=deed.name == "train")
            if run is None:
                return None
        doing = deeds.Doing(deed, lesson, progress, number, run)
        facts: Facts | None = getattr(deeds, deed.name)(doing)
    except _PROBLEMS as error:
        progress.done.discard(number)
        drawing.problem(say("went_wrong"), str(error))
        st.button(say("try_again"), icon=":material/refresh:", key=f"try-again-{number}")
        return None
    if doing.ran:  # one of a class may have asked for the same before
        st.caption(say("ran_at", time=time.strftime("%H:%M:%S", time.gmtime(doing.ran))))
    if facts is not None:
        progress.done.add(number)
    return facts
