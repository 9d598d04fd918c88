"""Interrupt a training and go on, with and without the slots; or fork a run from any step."""

from dataclasses import fields, replace
from typing import Any

import pandas as pd
import streamlit as st

from core import deep_jobs
from core.history import History
from core.jobs import JobFailed
from core.resuming import (
    ForkError,
    Interruption,
    Relative,
    ResumingError,
    family,
    fork,
    fork_settings,
    interruption_figure,
    last_iteration,
    what_is_restored,
)
from core.runs import Control, Manifest, Run, RunNotFound
from core.settings import OPTIMIZERS, TrainSettings
from core.tensor_bundle import CheckpointError
from pages.shared import frame, guards, lab_links, services, sidebar, tracks
from pages.shared.state import state

frame.require()

MOST = 500  # iterations of an experiment: it trains each optimizer three times
EARLY = 5  # while h and v still move, missing slots show best
SAME_POINTS, OTHER_POINTS = "This run's points", "The points of the page Data"


def interrupting(run: Run, manifest: Manifest) -> None:
    """What to interrupt, the experiment, and its outcome."""
    st.markdown(
        "Train on this run's points, interrupt, restore from the files, go on. Is the result the same as "
        "without the interruption?"
    )
    optimizers = st.pills(
        "Optimizers", OPTIMIZERS, selection_mode="multi", default=OPTIMIZERS, key="cut-optimizers"
    )
    left, right = st.columns(2)
    usual = min(max(2, manifest.train.iterations), 100)
    iterations = left.number_input("Iterations", 2, MOST, usual, key=f"cut-iterations-{run.id}")
    step = right.slider(
        "Interrupt after iteration",
        0,
        max(1, int(iterations) - 2),
        min(EARLY, max(0, int(iterations) - 2)),
        key=f"cut-step-{run.id}-{iterations}",
    )
    kill = st.toggle(
        "Kill its process for real",
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
        step = min(step, int(iterations) - 2)
        settings = replace(manifest.train, iterations=int(iterations))
        st.session_state["interruptions"] = (run.id, experiment(run, settings, optimizers, step, kill))
    owner, found = st.session_state.get("interruptions", ("", []))
    if owner == run.id and found:
        outcome(found)


def experiment(
    run: Run, settings: TrainSettings, optimizers: list[str], step: int, kill: bool
) -> list[Interruption]:
    """Interrupt every optimizer in turn; what cannot be done is said and left out."""
    found = []
    bar = st.progress(0.0)
    for number, optimizer in enumerate(optimizers):
        bar.progress(number / len(optimizers), f"{optimizer}: training, interrupting, going on…")
        try:
            chosen = replace(settings, optimizer=optimizer)
            found.append(services.ask(deep_jobs.interrupt, str(run.directory), chosen, step, kill))
        except (ResumingError, JobFailed, TimeoutError, RunNotFound) as error:
            st.warning(f"{optimizer}: {error}", icon=":material/warning:")
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
    telling = max(found, key=lambda each: each.without_slots.largest).optimizer
    left, right = st.columns(2)
    drawn = left.segmented_control("Draw", names, default=telling, required=True, key=f"cut-draw-{names}")
    value = right.segmented_control("Value", ["h", "v"], default="h", required=True, key="cut-value")
    each = found[names.index(drawn or telling)]
    figure = interruption_figure(each, value or "h")
    st.plotly_chart(figure, key="cut-chart", config={"displaylogo": False})
    st.caption(each.sentence())


def table(found: list[Interruption]) -> pd.DataFrame:
    """Two rows an optimizer: everything restored, and h and v alone."""
    rows = [
        {
            "optimizer": each.optimizer,
            "restored": "every variable" if side.slots else "h and v only",
            "slots in the file": len(each.slots),
            "restored from": each.latest,
            "result": side.verdict(),
            "largest distance": f"{side.largest:.3g}",
            "h, v apart at the end": f"{side.at_end[0]:.3g}, {side.at_end[1]:.3g}",
        }
        for each in found
        for side in (each.with_slots, each.without_slots)
    ]
    return pd.DataFrame(rows)


def forking(run: Run, manifest: Manifest) -> None:
    """From which step, with what changed; the new run; and the family so far."""
    st.markdown(
        "Start a new run from the values in one of this run's checkpoints, with other settings or on other "
        "points (fine-tuning). Its iterations count on from there, so both lie on one slider in History."
    )
    history = tracks.history_of(run)
    if not history.steps:
        st.info("This run has no readable checkpoint to start from yet.", icon=":material/info:")
    else:
        new_fork(run, manifest, history)
    mine = {each.id: each for each in services.runs().manifests(services.owner())}
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
    more = left.number_input("Iterations to train", 1, 20_000, 100, key=f"fork-more-{run.id}")
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
            child.ask(Control())
            services.pool().submit(child)
            st.session_state["forked"] = child.id
    except (ForkError, CheckpointError, RunNotFound) as error:
        st.error(str(error), icon=":material/error:")


def _settings(run: Run, usual: TrainSettings) -> TrainSettings:
    """The parent's settings, as changed here."""
    known: dict[str, dict[str, Any]] = {each.name: dict(each.metadata) for each in fields(TrainSettings)}
    left, right = st.columns(2)

    def choose(place: Any, name: str) -> Any:
        choices = known[name]["choices"]
        index = choices.index(getattr(usual, name))
        return place.selectbox(known[name]["label"], choices, index, key=f"fork-{name}-{run.id}")

    def number(place: Any, name: str, **shown: Any) -> Any:
        facts = known[name]
        value = getattr(usual, name)
        low, high = type(value)(facts["low"]), type(value)(facts["high"])
        return place.number_input(
            facts["label"], low, high, value, key=f"fork-{name}-{run.id}", help=facts["help"], **shown
        )

    optimizer = choose(left, "optimizer")
    rate = number(right, "learning_rate", format="%.6g", step=usual.learning_rate / 10)
    with st.expander("Samples, batch, momentum"):
        left, middle, right = st.columns(3)
        order = choose(left, "order")
        batch = number(middle, "batch")
        momentum = number(right, "momentum", format="%.4g", step=0.01)
    return replace(
        usual, optimizer=optimizer, learning_rate=rate, order=order, batch=batch, momentum=momentum
    )


def relatives(known: tuple[Relative, ...]) -> None:
    """The family tree, and a way to see a fork laid over its parent."""
    st.subheader("This run's family")
    current = state()
    forks = {each.manifest.id: each.manifest for each in known if each.manifest.parent}
    growing = [each for each in forks if services.pool().place(each) is not None]
    if growing:
        st.fragment(growth, run_every=0.5)(growing)
    rows = [
        {
            "run": "\u2003" * each.depth + ("└ " if each.depth else "") + each.manifest.id[:6],
            "": "this run" if each.manifest.id == current.run else "",
            "forked after iteration": str(each.manifest.parent[1]) if each.manifest.parent else "–",
            "optimizer": each.manifest.train.optimizer,
            "learning rate": f"{each.manifest.train.learning_rate:g}",
            "to iteration": each.manifest.train.iterations - 1,
            "status": each.manifest.status,
        }
        for each in known
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
    if not forks:
        st.caption("It has no forks yet.")
        return
    made = st.session_state.get("forked")
    options = list(forks)
    chosen = st.selectbox(
        "Fork to look at",
        options,
        index=options.index(made) if made in forks else len(options) - 1,
        format_func=lambda run_id: sidebar.describe(forks[run_id]),
        key=f"family-{len(options)}-{made}",
    )
    if chosen and st.button(
        "Open in History, laid over its parent", icon=":material/history:", key="fork-history"
    ):
        current.show(chosen)
        parent = forks[chosen].parent
        current.other = parent[0] if parent else None
        st.switch_page("pages/history.py")


@frame.net("Resume and fork")
def growth(forks: list[str]) -> None:
    """How far forks have got that still train or wait."""
    places = {each: services.pool().place(each) for each in forks}
    for each, place in places.items():
        child = services.runs().open(each)
        last, steps = child.manifest().train.iterations, child.steps()["iteration"]
        done = 0 if steps.empty else int(steps.iloc[-1]) + 1
        word = f"waits, number {place} in the queue" if place else "trains"
        st.progress(min(1.0, done / last), text=f"Fork {each[:6]} {word}: iteration {done} of {last}")
    if None in places.values():
        st.rerun()  # one has ended: the table says how


st.title("Resume and fork")
run = guards.need_run("interrupt a training and go on, or fork it from any of its steps")
manifest = run.manifest()
st.caption(f"Run {sidebar.describe(manifest)}.")
first, second = st.tabs(["Interrupt and go on", "Fork"])
with first:
    interrupting(run, manifest)
with second:
    forking(run, manifest)
lab_links.to_cards("resume")
