"""The visitor's runs in one table: to open, compare, rename, pin and delete."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

import pandas as pd
import streamlit as st

from core import palette
from core.run import names as run_names
from core.run.disk import NEAR, disk_limit, next_to_leave
from core.run.index import Entry
from core.run.manifest import DIVERGED, Manifest
from core.run.runs import UNDO, Run, RunBusy, RunNotFound
from core.run.step_log import read_steps
from core.words import counted
from pages.ui import frame, guards, header, services
from pages.ui.plain import plain, sentence
from pages.ui.remembered import Remembered
from pages.ui.state import MOST_OTHERS, state

frame.require()

_ticked: Remembered[list[str]] = Remembered("runs ticked")


def table(entries: list[Entry], names: dict[str, str]) -> pd.DataFrame:
    """One row a run; what is not known yet is empty."""
    return pd.DataFrame([_row(each, names[each.manifest.id]) for each in entries])


def _row(entry: Entry, name: str) -> dict[str, object]:
    manifest = entry.manifest
    run = Run(services.runs().root / manifest.id)
    steps = read_steps(run.steps_file)
    done = 0 if steps.empty else int(steps["iteration"].iloc[-1]) + 1
    last = None if not done or manifest.status == DIVERGED else steps.iloc[-1]
    condition = services.condition(run, manifest)
    points = manifest.data
    away = None
    if last is not None and points is not None:
        away = ((last["h"] - points.h) ** 2 + (last["v"] - points.v) ** 2) ** 0.5
    return {
        "colour": _swatch(manifest.colour),
        "name": name,
        "status": condition.words(),
        "final cost": None if last is None else float(last["cost"]),
        "distance from the truth": away,
        "pinned": "pinned" if manifest.kept else "",
        "optimizer": manifest.train.optimizer,
        "learning rate": manifest.train.learning_rate,
        "iterations": f"{done} of {manifest.train.iterations}",
        "points": "own" if points is None else f"h {points.h:g}, v {points.v:g}, noise {points.noise:g}",
        "final h": None if last is None else float(last["h"]),
        "final v": None if last is None else float(last["v"]),
        "made (UTC)": datetime.fromtimestamp(manifest.created, timezone.utc),
        "size (MB)": entry.bytes / 1e6 if entry.bytes else None,
    }


def _swatch(colour: int) -> str:
    """A run's colour as a picture for the table."""
    shade = palette.RUNS[colour % len(palette.RUNS)].both
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='24' height='24'>"
        f"<circle cx='12' cy='12' r='9' fill='{shade}'/></svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def act(chosen: list[Manifest], names: dict[str, str]) -> None:
    """What can be done with the runs that are ticked."""
    first = chosen[0]
    with st.container(horizontal=True):
        if st.button(
            "Compare on one slider" if len(chosen) > 1 else "Open in History", type="primary", key="runs-open"
        ):
            look_at(*chosen)
        kept = all(each.kept for each in chosen)
        if st.button(
            "Unpin" if kept else "Pin",
            icon=":material/keep_off:" if kept else ":material/keep:",
            key="runs-keep",
        ):
            change(chosen, kept=not kept)
        # Last, since its words grow: no other button may slide under a hand that presses twice.
        kept_too = sum(each.kept for each in chosen)
        pinned = f", {kept_too} pinned" if kept_too else ""
        what = f"Delete {counted(len(chosen), 'run')}{pinned}"
        if st.button(what, icon=":material/delete:", key="runs-delete"):
            delete(chosen)
            st.rerun()
    # Not as a button's help: that would lie over the ticks.
    st.caption("A full server deletes the oldest runs. A pinned run stays.")
    if len(chosen) > 1:
        return
    wanted = st.text_input(
        "Name", first.name, max_chars=run_names.LONGEST, placeholder=names[first.id], key=f"name-{first.id}"
    ).strip()
    if wanted != first.name:
        change([first], name=wanted)


def look_at(first: Manifest, *others: Manifest) -> None:
    """Open a run in History, with others over it."""
    state().show(first.id)
    state().others = tuple(each.id for each in others[:MOST_OTHERS])
    st.switch_page("pages/history.py")


def change(chosen: list[Manifest], **changes: object) -> None:
    """Write it into the runs' records, and show it everywhere at once."""
    for each in chosen:
        Run(services.runs().root / each.id).update(**changes)
    services.runs().index.refresh(now=True)
    st.rerun()


def delete(chosen: list[Manifest]) -> None:
    """Put the runs aside; for some minutes that can be undone."""
    for each in chosen:
        try:
            services.runs().discard(each.id)
        except (RunBusy, RunNotFound) as error:
            st.toast(sentence(error), icon=":material/warning:")
        if state().run == each.id:
            state().run = state().step = None


def undo(gone: list[Manifest], names: dict[str, str]) -> None:
    """What was deleted a short while ago, each with a button that brings it back."""
    if not gone:
        return
    st.markdown(f"Deleted. You can bring these back for {UNDO / 60:.0f} minutes:")
    with st.container(horizontal=True):
        back = [
            each
            for each in gone
            if st.button(
                plain(names[each.id], run_names.LONGEST), icon=":material/undo:", key=f"runs-undo-{each.id}"
            )
        ]
        if len(gone) > 1 and st.button(f"All {len(gone)}", icon=":material/undo:", key="runs-undo-all"):
            back = gone
    for each in back:
        try:
            services.runs().bring_back(each.id)
        except RunNotFound as error:
            st.toast(sentence(error), icon=":material/warning:")
    if back:
        st.rerun()


def room(names: dict[str, str]) -> None:
    """Which of these runs leave next, when the disk limit is near."""
    limit = disk_limit()
    leaving = [each for each in next_to_leave(services.runs(), int(NEAR * limit)) if each in names]
    if leaving:
        named = ", ".join(plain(names[each], run_names.LONGEST) for each in leaving[:5])
        st.warning(
            f"The server's {limit / 1e6:,.0f} MB for runs are nearly full. These are deleted next: {named}. "
            "Pin them, or delete others.",
            icon=":material/auto_delete:",
        )


header.show(
    "All runs",
    "Every run that you have trained here.",
    "Click a name to open its run. Tick runs to compare, rename, pin or delete them.",
    terms=("run", "optimizer", "iteration", "cost"),
    link="It leads to this page, where others see their own runs.",
)
entries = [each for each in services.runs().index.entries(services.owner()) if not each.problem]
gone = services.runs().discarded(services.owner())
# What was deleted keeps its name, and with it the others keep theirs.
names = run_names.names_of([*(each.manifest for each in entries), *gone])
if not entries:
    st.info("No runs yet. Train one on the Playground.", icon=":material/info:")
    if st.button("Open the Playground", type="primary", key="go-train"):
        st.switch_page("pages/playground.py")
else:
    cells = sum(bool(each.manifest.sweep) for each in entries)
    if cells and not st.toggle(f"Show the {cells} runs of sweeps", cells == len(entries), "runs-of-sweeps"):
        entries = [each for each in entries if not each.manifest.sweep]
    if not entries:
        undo(gone, names)
        raise guards.PageEnds  # all are of sweeps
    room(names)
    # The browser overlooks the next click on a tick once the table's content has changed: so that is another
    # table, which begins with the same ticks.
    content, ticked = table(entries, names), _ticked.get() or []
    key = f"runs-{hash(tuple(content[['name', 'pinned']].itertuples(index=False)))}"
    if key not in st.session_state and ticked:
        rows = [row for row, each in enumerate(entries) if each.manifest.id in ticked]
        st.session_state[key] = {"selection": {"rows": rows}}
    picked = st.dataframe(
        content,
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        key=key,
        column_config={
            "colour": st.column_config.ImageColumn("", width=44),
            "final h": st.column_config.NumberColumn(format="%.5f"),
            "final v": st.column_config.NumberColumn(format="%.5f"),
            "learning rate": st.column_config.NumberColumn(format="%g"),
            "final cost": st.column_config.NumberColumn(format="%.5g", help="On its own points"),
            "distance from the truth": st.column_config.NumberColumn(
                "from the truth", format="%.4f", help="Distance between (h, v) and the true (h, v)"
            ),
            "made (UTC)": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
            "size (MB)": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    chosen = [entries[row].manifest for row in picked["selection"]["rows"] if row < len(entries)]
    _ticked.put([each.id for each in chosen])
    for row, column in picked["selection"]["cells"]:
        if column == "name" and row < len(entries):
            look_at(entries[row].manifest)
    if chosen:
        act(chosen, names)
undo(gone, names)
