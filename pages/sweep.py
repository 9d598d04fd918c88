"""A grid of real runs at one step: what does the learning rate do, and the batch, and the noise?"""

import pandas as pd
import streamlit as st

from core.run.manifest import DIVERGED, FAILED, FINISHED, PAUSE, STOP
from core.run.runs import RunBusy
from core.run.status import waiting
from core.sweep.estimate import Estimate
from core.sweep.folder import Sweep, SweepNotFound
from core.sweep.grid import Grid, SweepError, describe
from core.sweep.html_file import of_sweep
from core.sweep.results import GONE, WITHIN, Results, conclusion, label_of, results_csv, table_of
from core.sweep.script import script_of_sweep
from core.sweep.view import packed_view
from core.words import counted, in_bytes
from pages.parts.sweep import Rest, axes, reading, steering, sweep_machine
from pages.parts.sweep.outline import outline
from pages.ui import fields, frame, header, links, live, services
from pages.ui.download import download
from pages.ui.plain import plain, sentence
from pages.ui.remembered import Remembered
from pages.ui.state import state

frame.require()


def settings() -> None:
    """The axes of the next sweep, what stays the same, what it takes, and the button that starts it."""
    current = state()
    if (shown := services.current_run()) is not None:
        links.adopt(shown)  # as the Playground does, whose points these are
    own = current.own is not None
    if current.begun != current.train:
        current.swept = current.begun = current.train
    left, right = st.columns(2, gap="large")
    try:
        with left:
            across = axes.choose("across", "Vary", "learning_rate", own)
        with right:
            down = axes.choose("down", "and", "optimizer", own, beside=across)
    except SweepError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    varied = {axis.name for axis in (across, down) if axis is not None}
    rate = f"learning rate {current.swept.learning_rate:g}"
    same = {"optimizer": current.swept.optimizer, "learning_rate": rate}
    named = ", ".join(text for name, text in same.items() if name not in varied)
    with st.expander(f"What stays the same{': ' * bool(named)}{named}"):
        for names in (("optimizer", "learning_rate", "iterations"), ("order", "batch", "momentum")):
            fields.edit("swept", tuple(name for name in names if name not in varied))
        fields.complain()
    try:
        chosen = tuple(axis for axis in (across, down) if axis is not None)
        grid = Grid(chosen, None if own else current.data, current.swept)
        foreseen = steering.foresee(grid, current.sample())
    except SweepError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    st.markdown(foretold(grid, foreseen))
    st.caption(f"On the Playground's {plain(current.points())}.")
    if st.button("Train all", type="primary", icon=":material/play_arrow:", key="start-sweep"):
        try:
            steering.start_sweep(grid, current.sample())
        except OSError as error:
            st.error(
                f"The sweep's runs could not be made: {error.strerror}. Nothing was left behind; make room "
                "and try again.",
                icon=":material/error:",
            )
            return
        st.rerun()
    if sweep is None:
        st.html(outline(grid))


def foretold(grid: Grid, foreseen: Estimate) -> str:
    """What a sweep takes, in a sentence."""
    size = f"{grid.columns} × {grid.rows} = " if grid.rows > 1 else ""
    source = "measured here" if foreseen.measured else "estimated"
    varied = {axis.name for axis in grid.axes}
    by = "" if "optimizer" in varied else f" of {grid.train.optimizer}"
    return (
        f"**{size}{counted(foreseen.runs, 'run')}**{by}, {counted(grid.train.iterations, 'iteration')} each, "
        f"**about {duration(foreseen.seconds)}**, "
        f"**about {max(1, foreseen.bytes / 1e6):,.0f} MB** of disk ({source})."
    )


def duration(seconds: float) -> str:
    """A number of seconds in words, such as 5 minutes."""
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return counted(round(seconds / 60), "minute") if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def watch(sweep: Sweep) -> bool:
    """The sweep as it is now; whether it still moves."""
    results = reading.results_of(sweep)
    standing = steering.standing_of(sweep, results)
    progress(results, standing)
    if standing.mine:
        controls(sweep, standing)
    else:
        st.caption("Somebody else made this sweep. You can look at it, not change it.")
    whole = results.count(FINISHED, DIVERGED, FAILED, GONE) == len(results.cells)
    found = conclusion(results) or ("No run reached its end." if whole else "No run has ended yet.")
    # There from the beginning, or the grid below would move when the first run ends.
    said = found if whole else f"So far: {found[0].lower()}{found[1:]}"
    st.success(said, icon=":material/lightbulb:")
    key = f"sweep-{sweep.id}"
    # Where the browser starts; from then on it knows better, and the data must not change under it until
    # the page is left, when Streamlit forgets the picture.
    if key not in st.session_state:
        st.session_state[f"{key}-start"] = st.session_state.get(f"{key}-rest", Rest(None, None))
    start: Rest = st.session_state[f"{key}-start"]
    rest = sweep_machine(packed_view(sweep, results, start.step, start.cell, standing.moving), key=key)
    rest = Rest(
        start.step if rest.step is None else rest.step, start.cell if rest.cell is None else rest.cell
    )
    if rest != st.session_state.get(f"{key}-rest") and rest.cell is not None:
        # Once a choice: the sidebar may choose another run afterwards.
        state().show(results.cells[rest.cell].run, rest.step)
    st.session_state[f"{key}-rest"] = rest
    chosen_cell(results, rest)
    if results.count(DIVERGED):
        st.caption("A pale curve shows the last finite values of a run that diverged.")
    return standing.moving


def progress(results: Results, standing: steering.Standing) -> None:
    """How far it has come."""
    total = len(results.cells)
    bad = [counted(results.count(DIVERGED), "run") + " diverged"] if results.count(DIVERGED) else []
    bad += [counted(results.count(FAILED), "run") + " failed"] if results.count(FAILED) else []
    done = results.count(FINISHED, DIVERGED, FAILED)
    moving = {"waits": waiting(standing.place), "trains": "training"}
    kind = moving.get(standing.kind, standing.kind)
    if standing.moving and standing.wish in (PAUSE, STOP):
        kind = "ends after the iterations in hand"
    words = ", ".join([f"{kind}: {done} of {total} runs have ended", *bad])
    if standing.kind == "interrupted":
        st.warning(
            f"This sweep was interrupted after {done} of {total} runs: the server ended, or its disk was "
            f"full.{' Press Resume to train what is missing.' if standing.mine else ''}",
            icon=":material/warning:",
        )
    else:
        st.progress(min(1.0, done / total), text=words)


def controls(sweep: Sweep, standing: steering.Standing) -> None:
    """Pause, resume, stop and delete."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if standing.moving and st.button("Pause", icon=":material/pause:", key="pause-sweep"):
            services.pool().pause_sweep(sweep)
        if standing.can_go_on and st.button(
            "Resume", icon=":material/resume:", key="resume-sweep", type="primary"
        ):
            steering.resume(sweep)
            st.rerun()
        if (standing.moving or standing.kind == "paused") and st.button(
            "Stop", icon=":material/stop:", key="stop-sweep"
        ):
            services.pool().stop_sweep(sweep)
            st.rerun()
        if not standing.moving and st.button(
            "Delete this sweep", icon=":material/delete:", key="delete-sweep"
        ):
            confirm_deletion(sweep)


@st.dialog("Delete this sweep?")
def confirm_deletion(sweep: Sweep) -> None:
    """Ask once more."""
    record = sweep.record()
    st.write(
        f"{describe(record.grid)}: all its {len(record.runs)} runs are removed. Links to them stop working."
    )
    if st.button("Delete", type="primary", key="delete-sweep-confirmed"):
        try:
            steering.sweeps().delete(sweep.id)
        except (RunBusy, SweepNotFound) as error:
            st.error(sentence(error))
            return
        if state().run in record.runs:
            state().run = state().step = None
        state().sweep = None
        st.rerun()


def chosen_cell(results: Results, rest: Rest) -> None:
    """The cell that the visitor chose, which is now the run that all pages look at."""
    if rest.cell is None or not 0 <= rest.cell < len(results.cells):
        st.caption(
            "Click a cell, or choose it with the arrow keys and Enter, to open its run on the other pages."
        )
        return
    cell = results.cells[rest.cell]
    said = cell.note if cell.outcome is None or cell.status == DIVERGED else cell.outcome.words
    st.markdown(f"**{label_of(results, cell)}**: run {cell.run[:6]}, {cell.status}. {said}")
    with st.container(horizontal=True):
        st.page_link("pages/history.py", label="History", icon=":material/history:")
        st.page_link("pages/compare.py", label="Saver or SavedModel", icon=":material/compare_arrows:")
        st.page_link("pages/files.py", label="Files", icon=":material/folder_open:")
        st.page_link("pages/export.py", label="Take home", icon=":material/download:")


def table(results: Results) -> None:
    """The same in numbers."""
    st.dataframe(pd.DataFrame(table_of(results)), hide_index=True)
    st.caption(WITHIN)


def take_home(sweep: Sweep, results: Results) -> None:
    """The numbers as CSV, and the sweep as a script or as one HTML file."""
    with st.container(horizontal=True):
        download("Results as CSV", results_csv(results), f"sweep_{sweep.id[:6]}.csv", "sweep-csv")
        script: Remembered[str] = Remembered("sweep-script")
        if st.button("Prepare the script", icon=":material/code:", key="prepare-sweep-script"):
            with st.spinner("Reading every run's checkpoints…"):
                script.put(script_of_sweep(sweep), sweep.id)
        if text := script.get(sweep.id):
            download(
                f"repeat_sweep_{sweep.id[:6]}.py", text, f"repeat_sweep_{sweep.id[:6]}.py", "sweep-script"
            )
        if st.button("Prepare the HTML file", icon=":material/html:", key="prepare-sweep-html"):
            file = of_sweep(sweep, results)
            download(
                f"Save as one HTML file, {in_bytes(len(file.encode()))}",
                file,
                f"sweep_{sweep.id[:6]}.html",
                "sweep-html",
            )


def current_sweep() -> tuple[Sweep | None, str]:
    """The sweep that is looked at; None when there is none, with a sentence if it is gone."""
    chosen = state().sweep
    if chosen is None:
        return None, ""
    try:
        sweep = steering.sweeps().open(chosen)
        sweep.record()
        return sweep, ""
    except SweepNotFound as error:
        return None, sentence(error)


def choose_sweep(shown: Sweep | None) -> None:
    """Another one of this visitor's sweeps."""
    mine = {record.id: record for record in steering.sweeps().records(services.owner())}
    if not mine or [*mine] == [shown.id if shown else ""]:
        return
    chosen = st.selectbox(
        "Your sweeps",
        [*mine],
        index=[*mine].index(shown.id) if shown and shown.id in mine else None,
        format_func=lambda each: f"{each[:6]}: {describe(mine[each].grid)}",
        placeholder="Choose a sweep",
        key=f"sweeps-{shown.id if shown else ''}-{len(mine)}",
    )
    if chosen and (shown is None or chosen != shown.id):
        state().sweep = chosen
        st.rerun()


sweep, gone = current_sweep()
header.show(
    "Sweep",
    "Many real runs that differ in one or two settings, under one slider.",
    "Choose what to vary, then train." if sweep is None else "Drag the slider.",
    terms=("run", "checkpoint", "iteration", "optimizer", "outcome", "worker"),
)
if gone:
    st.warning(gone, icon=":material/link_off:")
if sweep is None:
    choose_sweep(None)
    settings()
else:
    st.caption(f"{describe(sweep.record().grid)}. Every cell is a run with its own checkpoints.")
    # What is folded is drawn when it is opened: the grid is there a second earlier.
    another = st.expander("A new sweep, or another one of yours", key="another-sweep", on_change="rerun")
    if another.open:
        with another:
            choose_sweep(sweep)
            settings()
    results = reading.results_of(sweep)
    live.show("Sweep", watch, steering.standing_of(sweep, results).moving, live.TICK, sweep)
    numbers = st.expander("As a table", key="sweep-table", on_change="rerun")
    if numbers.open:
        with numbers:
            table(results)
    take_home(sweep, results)
