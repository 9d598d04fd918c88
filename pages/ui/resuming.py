"""Interrupt a training and go on, with and without its slot variables: what to interrupt, and the outcome."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.checkpoint import optimizer_words
from core.figures.interruption import interruption_figure
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.manifest import Manifest
from core.run.runs import Run, RunNotFound
from core.settings import OPTIMIZERS, TrainSettings
from core.training.resume import Interruption, Resumed
from core.training.step import TrainingError
from pages.ui import chart, services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered, kept

MOST = 500  # iterations of an experiment: it trains each optimizer three times
EARLY = 20  # while h and v still move, missing slots show best
ONCE, OWN = "one, of all samples", "as in this run"
WITH, WITHOUT = "every variable", "h and v only"

_found: Remembered[list[Interruption]] = Remembered("interruptions")


def show(run: Run, manifest: Manifest) -> None:
    """What to interrupt, the experiment, and its outcome."""
    st.markdown(
        "Train on this run's points, interrupt, restore from the files, go on. Is the result the same as "
        "without the interruption?"
    )
    optimizers = st.pills(
        "Optimizers",
        OPTIMIZERS,
        selection_mode="multi",
        default=kept("cut-optimizers", OPTIMIZERS),
        key="cut-optimizers",
    )
    left, right = st.columns(2)
    usual = min(max(2, manifest.train.iterations), 100)
    key = f"cut-iterations-{run.id}"
    iterations = left.number_input("Iterations", 2, MOST, kept(key, usual), key=key)
    last = max(0, int(iterations) - 2)
    key = f"cut-step-{run.id}-{iterations}"
    iteration = right.slider(
        "Interrupt after iteration", 0, max(1, last), kept(key, min(EARLY, last)), key=key
    )
    key = f"cut-updates-{run.id}"
    updates = st.segmented_control(
        "Updates a pass", [ONCE, OWN], default=kept(key, ONCE), required=True, key=key
    )
    st.caption(
        f"Learning rate {manifest.train.learning_rate:g} and momentum {manifest.train.momentum:g}, as in "
        "this run. With an update for every sample, as in the recipe, a pass makes so many that new slots "
        "have filled before the next checkpoint: losing them hardly shows, and by luck it can even help. "
        "With one update a pass it costs what it costs a large model: Momentum has to gather speed again."
    )
    kill = st.toggle(
        "Kill its process for real",
        kept("cut-kill", False),
        key="cut-kill",
        help="Each training gets a process of its own, which is ended with SIGKILL (kill -9) as soon as "
        "that iteration is on disk. Starting such a process takes some seconds.",
    )
    if st.button(
        "Interrupt and go on",
        type="primary",
        icon=":material/power_settings_new:",
        key="cut",
        disabled=not optimizers,
    ):
        iteration = min(iteration, last)
        batch = 0 if updates == ONCE else manifest.train.batch
        settings = replace(manifest.train, iterations=int(iterations), batch=batch)
        _found.put(experiment(run, settings, optimizers, iteration, kill), run.id)
    if found := _found.get(run.id):
        outcome(found)


def experiment(
    run: Run, settings: TrainSettings, optimizers: list[str], iteration: int, kill: bool
) -> list[Interruption]:
    """Interrupt every optimizer in turn; what cannot be done is said and left out."""
    found = []
    bar = st.progress(0.0)
    for number, optimizer in enumerate(optimizers):
        bar.progress(number / len(optimizers), f"{optimizer}: training, interrupting, going on…")
        try:
            chosen = replace(settings, optimizer=optimizer)
            found.append(
                services.result_of(jobs.interrupt, str(run.directory), chosen, iteration, kill, heavy=True)
            )
        except (TrainingError, JobFailed, TimeoutError, RunNotFound) as error:
            st.warning(f"{optimizer}: {sentence(error)}", icon=":material/warning:")
    bar.empty()
    return found


def outcome(found: list[Interruption]) -> None:
    """The table of all optimizers, and one of them drawn."""
    st.dataframe(table(found), hide_index=True, height="content")
    if any(each.killed for each in found):
        torn = sorted({name for each in found for name in each.left_over})
        st.caption(
            f"The kill left {len(torn)} file(s) of a half-finished save behind: {', '.join(torn)}. "
            "Going on removed them."
            if torn
            else "The kill happened to leave no half-finished save behind."
        )
    names = [each.optimizer for each in found]
    most = max(found, key=lambda each: each.without_slots.largest)
    telling = most.optimizer
    left, right = st.columns(2)
    drawn = left.segmented_control("Draw", names, default=telling, required=True, key=f"cut-draw-{names}")
    value = right.segmented_control(
        "Value",
        ["h", "v", "cost"],
        default=most.without_slots.variable,  # where the harm shows
        required=True,
        key=f"cut-value-{names}",
    )
    each = found[names.index(drawn or telling)]
    st.caption(f"{each.sentence()} {each.harm()}")
    figure = interruption_figure(each, value or "h")
    chart.show(figure, "cut-chart", "interrupted")


def table(found: list[Interruption]) -> pd.DataFrame:
    """Two rows an optimizer: everything restored, and h and v alone."""
    rows = [
        {
            "optimizer": each.optimizer,
            "restored": WITH if side.slots else WITHOUT,
            "in the file beside h, v": optimizer_words(each.slots),
            "result": side.verdict(),
            "most apart": f"{side.largest:.3g}",
            "cost then": _cost_then(each, side),
            "h, v apart at the end": f"{side.at_end[0]:.3g}, {side.at_end[1]:.3g}",
            "final cost": f"{each.cost_at(side, len(each.cost) - 1):.5g}",
        }
        for each in found
        for side in (each.with_slots, each.without_slots)
    ]
    return pd.DataFrame(rows)


def _cost_then(each: Interruption, side: Resumed) -> str:
    """The cost at the iteration where missing slots show most; nothing where they never do."""
    lost = each.without_slots
    if lost.departs is None:
        return "–"
    return f"{each.cost_at(side, lost.farthest):.5g} at {lost.farthest}"
