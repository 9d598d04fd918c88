"""Interrupt a training and go on, with and without its slot variables: what to interrupt, and the outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from core.checkpoint import optimizer_words
from core.figures.interruption import interruption_figure
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.manifest import Manifest
from core.run.runs import Run, RunNotFound
from core.settings import OPTIMIZERS, TrainSettings
from core.training.resume import TELLING, TELLING_CUT, Interruption, Resumed
from core.training.step import TrainingError
from core.words import counted
from pages.ui import chart, links, services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered, kept

MOST = 500  # iterations of an experiment: it trains each optimizer three times
ONCE, OWN = "1 (full batch)", "as in this run"
WITH, WITHOUT = "every variable", "h and v only"


@dataclass(frozen=True)
class Asked:
    """What was interrupted: how each optimizer trained, after which iteration, and whether by a kill."""

    settings: TrainSettings
    optimizers: tuple[str, ...]
    iteration: int
    kill: bool


_begun: Remembered[tuple[Asked, dict[str, Interruption | str]]] = Remembered("interruptions begun")
_found: Remembered[tuple[Asked, list[Interruption]]] = Remembered("interruptions")


def show(run: Run, manifest: Manifest) -> None:
    """What to interrupt, the experiment, and its outcome."""
    st.markdown("Is the result the same as without the interruption?")
    linked = tuple(each for each in links.chosen("optimizers").split(",") if each in OPTIMIZERS)
    optimizers = st.pills(
        "Optimizers",
        OPTIMIZERS,
        selection_mode="multi",
        default=kept("cut-optimizers", linked or (TELLING.optimizer,)),
        key="cut-optimizers",
        help="Each trains on the points of this run.",
    )
    left, middle, right = st.columns(3)
    field = TrainSettings.settings()["learning_rate"]
    key = f"cut-rate-{run.id}"
    start = links.number("rate", TELLING.learning_rate, field.low, field.high)
    rate = left.number_input(field.label, field.low, field.high, kept(key, start), format="%g", key=key)
    key = f"cut-iterations-{run.id}"
    length = int(links.number("iterations", TELLING.iterations, 2, MOST))
    iterations = middle.number_input("Iterations", 2, MOST, kept(key, length), key=key)
    last = max(0, int(iterations) - 2)
    key = f"cut-step-{run.id}-{iterations}"
    cut = int(links.number("after", min(TELLING_CUT, last), 0, last))
    iteration = right.slider("Interrupt after iteration", 0, max(1, last), kept(key, cut), key=key)
    key = f"cut-updates-{run.id}"
    each = OWN if links.chosen("updates") else ONCE
    updates = st.segmented_control(
        "Updates per iteration", [ONCE, OWN], default=kept(key, each), required=True, key=key
    )
    st.caption("With one update per iteration the next checkpoint shows what the lost slots cost.")
    kill = st.toggle(
        "Kill its process",
        kept("cut-kill", bool(links.chosen("kill"))),
        key="cut-kill",
        help="Each training runs in a separate process. SIGKILL (kill -9) ends it as soon as that "
        "iteration is on disk. Starting such a process takes some seconds.",
    )
    settings = replace(
        manifest.train,
        learning_rate=float(rate),
        iterations=int(iterations),
        batch=TELLING.batch if updates == ONCE else manifest.train.batch,
    )
    asked = Asked(settings, tuple(optimizers), min(iteration, last), kill)
    pressed = st.button(
        "Interrupt and resume",
        type="primary",
        icon=":material/power_settings_new:",
        key="cut",
        disabled=not optimizers,
    )
    if (links.asks_result("resume") and optimizers) or pressed:
        _begun.put((asked, {}), run.id)
        links.answered("resume")
    if begun := _begun.get(run.id):
        now, answers = begun
        with _begun.until_done():
            interrupted(run, now, answers)
            _found.put((now, [each for each in answers.values() if not isinstance(each, str)]), run.id)
    shown, found = _found.get(run.id) or (asked, [])
    links.choose(
        optimizers="" if asked.optimizers == (TELLING.optimizer,) else ",".join(asked.optimizers),
        rate="" if rate == TELLING.learning_rate else f"{rate:g}",
        iterations="" if iterations == TELLING.iterations else str(iterations),
        after="" if iteration == min(TELLING_CUT, last) else str(iteration),
        updates="" if updates == ONCE else "own",
        kill="1" if kill else "",
        result="1" if found and shown == asked else "",
    )
    if found and shown != asked:
        st.warning(
            f"This result is of other settings: learning rate {shown.settings.learning_rate:g}, "
            f"{counted(shown.settings.iterations, 'iteration')}, interrupted after iteration "
            f"{shown.iteration}. Press Interrupt and resume to update it.",
            icon=":material/update:",
        )
    if found:
        outcome(found)


def interrupted(run: Run, asked: Asked, answers: dict[str, Interruption | str]) -> None:
    """Interrupt every optimizer in turn that has no answer yet; one that cannot be has the reason for it."""
    bar = st.progress(0.0)
    for number, optimizer in enumerate(asked.optimizers):
        if optimizer not in answers:
            bar.progress(number / len(asked.optimizers), f"{optimizer}: training, interrupting, resuming…")
            settings = replace(asked.settings, optimizer=optimizer)
            try:
                answers[optimizer] = services.result_of(
                    jobs.interrupt, str(run.directory), settings, asked.iteration, asked.kill, heavy=True
                )
            except (TrainingError, JobFailed, TimeoutError, RunNotFound) as error:
                answers[optimizer] = f"{optimizer}: {sentence(error)}"
        if isinstance(reason := answers[optimizer], str):
            st.warning(reason, icon=":material/warning:")
    bar.empty()


def outcome(found: list[Interruption]) -> None:
    """What the loss of the slots does, the table of all optimizers, and one of them drawn."""
    most = max(found, key=lambda each: each.jump()[0])
    st.markdown(f"**{most.headline()}**")
    st.dataframe(table(found), hide_index=True, height="content")
    if any(each.killed for each in found):
        torn = sorted({name for each in found for name in each.left_over})
        st.caption(
            f"The kill left {len(torn)} file(s) of a half-finished save behind: {', '.join(torn)}. "
            "Resuming removed them."
            if torn
            else "The kill happened to leave no half-finished save behind."
        )
    names = [each.optimizer for each in found]
    telling = most.optimizer
    left, right = st.columns(2)
    drawn = left.segmented_control("Draw", names, default=telling, required=True, key=f"cut-draw-{names}")
    value = right.segmented_control(
        "Value",
        ["cost", "h", "v"],
        default="cost",
        required=True,
        key=f"cut-value-{names}",
    )
    each = found[names.index(drawn or telling)]
    st.caption(f"{each.sentence()} {each.harm()}")
    figure = interruption_figure(each, value or "cost")
    chart.show(figure, "cut-chart", "interrupted")


def table(found: list[Interruption]) -> pd.DataFrame:
    """Two rows an optimizer: everything restored, and h and v alone."""
    rows = [
        {
            "optimizer": each.optimizer,
            "restored": WITH if side.slots else WITHOUT,
            "in the file beside h, v": optimizer_words(each.slots),
            "result": side.verdict(),
            "h or v differs by at most": "–" if side.diverges is not None else f"{side.largest:.3g}",
            "cost then": _cost_then(each, side),
            "h, v apart at the end": ", ".join(_number(gap, 3) for gap in side.at_end),
            "final cost": _number(each.cost_at(side, len(each.cost) - 1), 5),
        }
        for each in found
        for side in (each.with_slots, each.without_slots)
    ]
    return pd.DataFrame(rows)


def _cost_then(each: Interruption, side: Resumed) -> str:
    """The cost at the iteration where missing slots show most; nothing where they never do."""
    lost = each.without_slots
    if lost.departs is None or side.diverges is not None:
        return "–"
    return f"{_number(each.cost_at(side, lost.farthest), 5)} at {lost.farthest}"


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}g}" if math.isfinite(value) else "not finite"
