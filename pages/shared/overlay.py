"""The runs that lie over one on History: put on, taken off, and how far each is from its truth."""

import math

import streamlit as st

from core import run_names
from core.runs import Run, RunNotFound
from pages.shared import services, tracks
from pages.shared.plain import plain, sentence
from pages.shared.state import MOST_OTHERS, state


def overlaid(run: Run) -> tuple[list[Run], dict[str, str]]:
    """The runs laid over this one, each with a way to take it off; and what all of them are called."""
    current, found = state(), []
    names = {run.id: services.name_of(run.manifest())}
    for run_id in current.others:
        try:
            other = services.runs().open(run_id)
            names[run_id] = services.name_of(other.manifest())
            found.append(other)
        except RunNotFound as error:
            st.warning(sentence(error), icon=":material/link_off:")
    if found:
        shown = [other.id for other in found]
        left = st.pills(
            "Over it",
            shown,
            selection_mode="multi",
            default=shown,
            format_func=lambda each: f"{plain(names[each], run_names.LONGEST)} ×",
            key=f"over-{run.id}-{shown}",
            label_visibility="collapsed",
            help="Press one to take it off.",
        )
        if set(left) != set(shown):
            current.others = tuple(run_id for run_id in shown if run_id in left)
            st.rerun()
    return found, names


def lay_over(run: Run) -> None:
    """More runs on the same slider."""
    current = state()
    mine = {each.id: each for each in services.my_runs() if each.id not in (run.id, *current.others)}
    # Another one after each run laid over, so that it closes and the slider under it can be seen.
    key = f"lay-over-{len(current.others)}"
    with st.popover("Lay a run over this one", icon=":material/layers:", type="tertiary", key=key):
        if len(current.others) >= MOST_OTHERS:
            st.caption(f"{MOST_OTHERS} runs lie over it; take one off to add another.")
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
        typed = st.text_input("or a run's link or id", key=f"other-link-{run.id}-{current.others}").strip()
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
            name = f"“{plain(names[each.id], run_names.LONGEST)}”"
            found[name] = math.dist(table[["h", "v"]].iloc[-1], truth)
    if not found:
        return ""
    each_of = ", ".join(f"{name} {away:.3f}" for name, away in found.items())
    said = f"Distance of the newest checkpoint from the truth of its own points: {each_of}."
    if len(found) < 2:
        return said
    nearest, second, *_ = sorted(found, key=lambda name: found[name])
    return f"{said} {nearest} is nearest, by {found[second] - found[nearest]:.3f}."
