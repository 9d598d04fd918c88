"""Fork a run from one of its checkpoints: from which, with what changed; and the family so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.history.history import History
from core.pool.queue import QueueFull
from core.run.manifest import Control, Manifest
from core.run.runs import Run, RunNotFound
from core.run.step_log import iterations_done
from core.settings import TrainSettings
from core.training.fork import (
    ForkError,
    Relative,
    family,
    fork,
    fork_settings,
    last_iteration,
    what_is_restored,
)
from pages.ui import fields, live, services, tracks
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered
from pages.ui.state import state

SAME_POINTS, OTHER_POINTS = "This run's points", "The points of the Playground"

_made: Remembered[str] = Remembered("forked")


def show(run: Run, manifest: Manifest) -> None:
    """From which checkpoint, with what changed; the new run; and the family so far."""
    st.markdown("Start a new run from one of this run's checkpoints, with other settings or points.")
    history = tracks.history_of(run)
    if not history.steps:
        st.info("This run has no readable checkpoint to start from yet.", icon=":material/info:")
    else:
        new_fork(run, manifest, history)
    mine = {each.id: each for each in services.my_runs()}
    relatives(family({run.id: manifest, **mine}.values(), run.id))


def new_fork(run: Run, manifest: Manifest, history: History) -> None:
    """The widgets, what will be restored, and the button."""
    names = [str(name) for name in history.table["name"]]
    wanted = state().step
    step = history.nearest(history.steps[len(names) // 2] if wanted is None else wanted)
    name = st.selectbox(
        "Fork from", names, index=history.steps.index(step or 0), key=f"fork-from-{run.id}-{wanted}"
    )
    name = name or names[-1]
    iteration = last_iteration(history, history.steps[names.index(name)])
    changed = _settings(run, manifest.train)
    left, right = st.columns(2)
    iterations = replace(TrainSettings.settings()["iterations"], label="Iterations to train")
    more = fields.widget(left, iterations, TrainSettings().iterations, f"fork-more-{run.id}")
    points = right.segmented_control(
        "Points", [SAME_POINTS, OTHER_POINTS], default=SAME_POINTS, required=True, key=f"fork-points-{run.id}"
    )
    try:
        st.info(what_is_restored(run, name, manifest.train, changed), icon=":material/call_split:")
        if st.button("Fork", type="primary", icon=":material/call_split:", key="fork"):
            current = state()
            own = points == OTHER_POINTS
            child = fork(
                services.runs(),
                run,
                name,
                iteration,
                fork_settings(changed, iteration, int(more)),
                current.sample() if own else run.sample(),
                (None if current.own else current.data) if own else manifest.data,
                services.owner(),
            )
            with services.kept_if_it_works(child):
                child.update(colour=services.next_colour(services.my_runs()))
                child.steer(Control())
                services.queue(child)
            _made.put(child.id)
    except (ForkError, CheckpointError, QueueFull, RunNotFound) as error:
        st.error(sentence(error), icon=":material/error:")


def _settings(run: Run, usual: TrainSettings) -> TrainSettings:
    """The parent's settings, as changed here."""
    known = usual.settings()
    changed: dict[str, Any] = {}

    def widgets(*names: str) -> None:
        for place, name in zip(st.columns(len(names)), names, strict=True):
            start, key = getattr(usual, name), f"fork-{name}-{run.id}"
            changed[name] = fields.widget(place, known[name], start, key)

    widgets("optimizer", "learning_rate")
    with st.expander("Order, batch size, momentum"):
        widgets("order", "batch", "momentum")
    return replace(usual, **changed)


def relatives(known: tuple[Relative, ...]) -> None:
    """The family tree, and a way to see a fork laid over its parent."""
    st.subheader("This run's family")
    current = state()
    forks = {each.manifest.id: each.manifest for each in known if each.manifest.parent}
    growing = [each for each in forks if services.pool().place(each) is not None]
    live.show("Resume and fork", growth, bool(growing), live.TICK, growing)
    rows = [
        {
            "run": "\u2003" * each.depth + ("└ " if each.depth else "") + each.manifest.id[:6],
            "": "this run" if each.manifest.id == current.run else "",
            "forked after iteration": str(each.manifest.parent.iteration) if each.manifest.parent else "–",
            "optimizer": each.manifest.train.optimizer,
            "learning rate": f"{each.manifest.train.learning_rate:g}",
            "to iteration": each.manifest.train.iterations - 1,
            "status": each.manifest.status,
        }
        for each in known
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
    if not forks:
        st.caption("No forks yet.")
        return
    made = _made.get()
    options = list(forks)
    chosen = st.selectbox(
        "Fork to look at",
        options,
        index=options.index(made) if made in forks else len(options) - 1,
        format_func=lambda run_id: services.name_of(forks[run_id]),
        key=f"family-{len(options)}-{made}",
    )
    if chosen and st.button(
        "Compare with its parent in History", icon=":material/history:", key="fork-history"
    ):
        current.show(chosen)
        parent = forks[chosen].parent
        current.others = (parent.run,) if parent else ()
        st.switch_page("pages/history.py")


def growth(forks: list[str]) -> bool:
    """How far forks have got that still train or wait; whether all of them still do."""
    still = True
    for each in forks:
        child = services.runs().open(each)
        manifest, done = child.manifest(), iterations_done(child.steps_file)
        condition = services.condition(child, manifest)
        last = manifest.train.iterations
        words = f"Fork {each[:6]}, {condition.words()}: {done} of {last} iterations"
        st.progress(min(1.0, done / last), text=words)
        still = still and condition.moving
    return still
