"""Other runs on the same slider: added, removed, and how far each is from its truth."""

import math

import streamlit as st

from core.run import names as run_names
from core.run.runs import Run, RunNotFound
from pages.ui import services, tracks
from pages.ui.plain import plain, sentence
from pages.ui.state import MOST_OTHERS, state

CHIP = 26  # characters of a name on its chip, which then stands in the same row as the buttons before it


def overlaid(run: Run) -> tuple[list[Run], dict[str, str]]:
    """The other runs on the slider, each with a way to remove it; and what all of them are called."""
    current, found = state(), []
    shown = {run.id: run.manifest()}
    for run_id in current.others:
        try:
            other = services.runs().open(run_id)
            shown[run_id] = other.manifest()
            found.append(other)
        except RunNotFound as error:
            st.warning(sentence(error), icon=":material/link_off:")
    names = {run_id: services.name_of(manifest) for run_id, manifest in shown.items()}
    if len({*names.values()}) < len(names):  # runs of several owners, each named among its owner's own
        names = run_names.names_of(shown.values())
    if found:
        over = [other.id for other in found]
        called = on_chips([names[each] for each in over])
        left = st.pills(
            "Over it",
            over,
            selection_mode="multi",
            default=over,
            format_func=lambda each: f"{plain(called[over.index(each)])} ×",
            key=f"over-{run.id}-{over}",
            label_visibility="collapsed",
            help="Press one to remove it.",
        )
        if set(left) != set(over):
            current.others = tuple(run_id for run_id in over if run_id in left)
            st.rerun()
    return found, names


def on_chips(names: list[str]) -> list[str]:
    """The names, cut in the middle: what tells runs apart is at their ends. None is there twice."""
    half = CHIP // 2
    short = [name if len(name) <= CHIP else f"{name[: CHIP - half - 1]}…{name[-half:]}" for name in names]
    return [
        each if short.count(each) == 1 else f"{each} #{short[:at].count(each) + 1}"
        for at, each in enumerate(short)
    ]


def lay_over(run: Run) -> None:
    """More runs on the same slider."""
    current = state()
    mine = {each.id: each for each in services.my_runs() if each.id not in (run.id, *current.others)}
    # Another one after each run laid over, so that it closes and the slider under it can be seen.
    key = f"lay-over-{len(current.others)}"
    with st.popover("Compare with another run", icon=":material/layers:", key=key):
        if len(current.others) >= MOST_OTHERS:
            st.caption(f"{MOST_OTHERS} runs are shown already. Remove one to add another.")
            return
        names = run_names.names_of(services.my_runs())
        chosen = st.selectbox(
            "One of your runs",
            [*mine],
            index=None,
            format_func=lambda run_id: names[run_id],
            placeholder="none",
            key=f"other-{run.id}-{len(mine)}-{current.others}",
        )
        typed = st.text_input("Or a link to a run", key=f"other-link-{run.id}-{current.others}").strip()
        wanted = typed.rpartition("run=")[2].partition("&")[0] or chosen
        if not wanted or wanted == run.id:
            return
        try:
            services.runs().open(wanted)
        except RunNotFound as error:
            st.warning(sentence(error), icon=":material/link_off:")
        else:
            current.others = (*current.others, wanted)
            st.rerun()


def distances(shown: list[Run], names: dict[str, str]) -> str:
    """How far each of the runs is, in its newest checkpoint, from the truth of its own points."""
    found: dict[str, float] = {}
    for each in shown:
        table, truth = tracks.just_read(each).table, tracks.sample_of(each).truth
        if truth is not None and len(table):
            found[each.id] = round(math.dist(table[["h", "v"]].iloc[-1], truth), 3)  # as shown
    if not found:
        return ""
    called = {run_id: f"“{plain(names[run_id], run_names.LONGEST)}”" for run_id in found}
    each_of = ", ".join(f"{called[run_id]} {away:.3f}" for run_id, away in found.items())
    said = f"Distance from the truth of a run's own points, at each run's last checkpoint: {each_of}."
    if len(found) < 2:
        return said
    nearest, second, *_ = sorted(found, key=lambda run_id: found[run_id])
    ahead = found[second] - found[nearest]
    if not ahead:
        return f"{said} {called[nearest]} and {called[second]} are equally near."
    return f"{said} {called[nearest]} is {'nearer' if len(found) == 2 else 'nearest'}, by {ahead:.3f}."
