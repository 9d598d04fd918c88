"""The Playground: set the truth, train, and drag back through every checkpoint, on one screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.history.outcome import Outcome, outcome_of_run
from core.run.manifest import Control, Manifest
from core.run.runs import Run
from core.run.status import Condition
from core.run.step_log import iterations_done
from core.settings import PACE, PACES, SettingsError
from core.training.first_pass import updates_of
from pages.parts.playground import Panel, playground
from pages.parts.playground import fields as panel_fields
from pages.parts.playground import view as playground_view
from pages.parts.playground.dialogs import details, own_points, points
from pages.ui import frame, guards, header, links, live, services, tracks
from pages.ui.state import state

frame.require()

KEY = "playground"
HEARD, TROUBLE, ASKED = "playground-heard", "playground-trouble", "playground-asked"
STEPPED = "playground-stepped"


def stepped() -> None:
    """The slider has come to rest: what it said before may have been of another run."""
    st.session_state[STEPPED] = True


def settled() -> None:
    """Take the settings that the browser has told; one that is out of its range stays as it was."""
    told = dict(st.session_state[KEY].settings or {})
    st.session_state[HEARD] = int(told.pop("sent", 0))
    current = state()
    st.session_state[TROUBLE] = ""
    speed = told.pop("speed", PACE)
    current.pace = speed if speed in PACES else PACE
    for part in ("data", "train"):
        record = getattr(current, part)
        names = record.settings().keys() & told.keys()
        try:
            setattr(current, part, replace(record, **{name: told[name] for name in names}))
        except SettingsError as error:
            st.session_state[TROUBLE] = str(error)


def asked() -> None:
    """Do what a button asks of the run; what opens a dialog or another run is left to the page."""
    action = st.session_state[KEY].action
    st.session_state[TROUBLE] = ""
    try:
        run = services.current_run()
        if run is None or action is None:
            return
        mine = services.is_mine(run.manifest())
        if action == "train":
            if not (mine and services.condition(run, run.manifest()).moving):  # pressed twice
                train()
        elif action == "pause" and mine:
            services.pool().pause(run)
        elif action == "resume" and mine:
            run.steer(Control(pace=run.control().pace))
            services.queue(run)
            state().show(run.id)  # the slider follows the newest checkpoint again
        elif action == "stop" and mine:
            services.stop(run)
    except Exception as error:  # nothing else catches it: a callback runs before the page
        st.session_state[TROUBLE] = frame.words_of("the Playground", error)
    st.session_state[ASKED] = action


def train() -> None:
    """A run with the panel's settings, which the page shows from now on."""
    current = state()
    data = None if current.own else current.data
    services.start_run(current.sample(), data, current.train, PACES[current.pace])
    current.adopted = (data, current.train)


def status(
    run: Run, manifest: Manifest, condition: Condition, outcome: Outcome | None, same: bool
) -> dict[str, Any]:
    """How the run is doing, and what its owner can ask of it now.

    Args:
        outcome: what became of it.
        same: whether the points in the picture are those that the run trained on.
    """
    done, total = iterations_done(run.steps_file), manifest.train.iterations
    words = f"{condition.words().capitalize()}: {done} of {total} iterations"
    if condition.kind == "trains" and not done and (inner := tracks.just_read_inner(run)):
        updates = updates_of(manifest.train, len(tracks.sample_of(run)))
        words = f"Training: update {len(inner.h)} of {updates:,} in the first iteration"
    if condition.loading and condition.kind in ("starts", "waits"):
        words = f"{condition.words()}. Training starts in a few seconds."
    elif condition.kind == "ended" and manifest.seconds:
        words += f" in {manifest.seconds:.1f} s. {outcome.words if outcome else ''}"
    can = ["train"] if not (condition.moving and condition.mine) else []
    if condition.mine:
        can += ["pause"] if condition.kind in ("starts", "trains") else []
        can += ["resume"] if condition.can_go_on else []
        can += ["stop"] if condition.can_stop else []
    trouble = st.session_state.get(TROUBLE, "")
    if condition.kind == "interrupted":
        words = f"Interrupted after {done} of {total} iterations."
        words += " Resume to continue." if condition.mine else ""
    elif manifest.note and condition.mine:
        trouble = trouble or manifest.note
    if services.is_recipe(run):
        words = "This run came with the application. Press Train to make your own."
    if not same and not condition.moving:
        words = "These points are new. The run was trained on others. Press Train to fit these."
    return {"words": words, "done": done, "total": total, "can": can, "trouble": trouble}


def scene(run: Run, waited: bool) -> bool:
    """Everything on one screen; whether the run still moves.

    Args:
        waited: whether the run waited for its turn when the page was drawn.
    """
    current = state()
    shown = services.current_run()
    action = st.session_state.pop(ASKED, None)
    if shown is None or shown.id != run.id or action in ("train", "resume", "stop"):
        st.rerun()
    manifest = run.manifest()
    condition = services.condition(run, manifest)
    if (condition.kind == "waits") != waited:
        st.rerun()  # by this the menu speaks, and this part is drawn again sooner or later
    trained_on = tracks.sample_of(run)
    same = manifest.data == current.data if current.own is None else current.own.same_points(trained_on)
    sample = trained_on if same else current.sample()
    data, settings = current.data, current.train
    values: dict[str, Any] = {name: getattr(data, name) for name in panel_fields.DATA}
    values |= {name: getattr(settings, name) for name in panel_fields.TRAIN}
    values["speed"] = current.pace
    ended = same and condition.kind == "ended"
    outcome = outcome_of_run(run, trained_on) if ended else None
    panel = Panel(
        panel_fields.offered(),
        values,
        st.session_state.get(HEARD, 0),
        current.words(),
        current.own is not None,
        status(run, manifest, condition, outcome, same),
        outcome.headline if outcome else "",
    )
    view = playground_view.seen(
        run, sample, step=current.step, revision=current.revision, live=condition.moving
    )
    rested = playground(
        view,
        panel,
        playground_view.sizes(run, tracks.just_read(run)),
        None if current.own else playground_view.maker(data),
        key=KEY,
        stepped=stepped,
        settled=settled,
        asked=asked,
    )
    came = st.session_state.pop(STEPPED, False)
    if came and rested is not None and not (condition.moving and current.step is None):
        current.step = rested
    links.publish()
    dialogs = {"points": points, "csv": own_points, "details": details}
    if action == "points" and current.own is not None:
        current.own, current.own_name = None, ""
        st.rerun()
    elif action in dialogs:
        dialogs[action]()
    elif action and action.startswith("go "):
        st.switch_page(f"pages/{action[3:]}.py")
    return condition.moving


run = guards.need_run()
links.adopt(run)
header.show(
    "Playground",
    "Train a tiny model. Each iteration saves a real TensorFlow checkpoint.",
    "Drag the slider to go back.",
    terms=(
        "recipe",
        "checkpoint",
        "iteration",
        "update",
        "cost",
        "optimum",
        "optimizer",
        "outcome",
        "Saver",
        "restore",
    ),
    run=run,
)
condition = services.condition(run, run.manifest())
between, waits = live.seconds_between(run, condition), condition.kind == "waits"
live.show("the Playground", scene, condition.moving, between, run, waits)
with st.container(horizontal=True):
    links.to("lessons", "Teach a class")
    links.to("gallery", "Fix an error")
    links.to("inspect", "Inspect my files")
