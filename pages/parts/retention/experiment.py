"""Which checkpoints a Saver keeps: choose, press, see which files live and die, on a scaled clock."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from core.figures.retention import retention_figure
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.retention.retention import NO, YES, Retention, RetentionSettings
from core.settings import Setting, SettingsError
from core.words import counted, listed
from pages.ui import chart, fields, links, services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered, kept

_FIRST = RetentionSettings(max_to_keep=5, saves=20, final=NO)
_RECIPE = RetentionSettings(saves=100)

_asked: Remembered[tuple[RetentionSettings, tuple[str, ...]]] = Remembered("retention asked")
_found: Remembered[Retention] = Remembered("retention")
_ticked: Remembered[tuple[str, ...]] = Remembered("retention predicted")


def show() -> None:
    """Choose, press, see which files live and die."""
    chosen: dict[str, Any] = {}
    for (name, setting), place in zip(RetentionSettings.settings().items(), st.columns(2) * 3, strict=False):
        key = f"retention-{name}"
        start, more = kept(key, linked(name, setting)), dict[str, Any]()
        if setting.empty:
            # A number_input can be emptied only when its own start is empty, so the first value comes so. It
            # is given until somebody types: a page that is drawn twice at once loses what it was given once.
            if key not in st.session_state or not st.session_state.get(_typed_mark(key)):
                st.session_state[key] = start
            start, more = None, {"on_change": _typed, "args": (key,)}
        chosen[name] = fields.widget(place, setting, start, key, **more)
    names = RetentionSettings(**{**chosen, "max_to_keep": None}).names()
    ticked = st.pills(
        "Which will remain? Choose before you press",
        names,
        selection_mode="multi",
        default=kept(f"retention-{names}", ()),
        key=f"retention-{names}",
    )
    buttons = st.container(horizontal=True)
    wanted = buttons.button(
        "Save the checkpoints", type="primary", icon=":material/save:", key="retention-go"
    )
    recipe = buttons.button(
        "The recipe's own Saver",
        key="retention-recipe",
        help=f"{_RECIPE.saves} saves and model_final with TensorFlow's defaults: max_to_keep "
        f"{_RECIPE.max_to_keep}, {_RECIPE.keep_checkpoint_every_n_hours:,.0f} hours.",
    )
    st.caption("Only the clock is simulated. The Saver and its files are real.")
    if links.asks_result("retention") or wanted or recipe:
        try:
            asked = _RECIPE if recipe else RetentionSettings(**chosen)
            _asked.put((asked, () if recipe else tuple(ticked)))
        except SettingsError as error:
            st.warning(sentence(error), icon=":material/warning:")
        links.answered("retention")
    if waiting := _asked.get():
        settings, chosen_before = waiting
        try:
            with _asked.until_done(), st.spinner(f"A Saver saves {len(settings.names())} times…"):
                _found.put(services.result_of(jobs.keep, settings))
                _ticked.put(chosen_before)
        except (JobFailed, TimeoutError) as error:
            st.warning(sentence(error), icon=":material/warning:")
    found = _found.get()
    links.choose(
        **{
            name: "" if value == getattr(_FIRST, name) else "all" if value is None else f"{value}"
            for name, value in chosen.items()
        },
        result="1" if found and asdict(found.settings) == chosen else "",
    )
    if found:
        if asdict(found.settings) != chosen:
            st.caption("The result below is from other settings. Press again to update it.")
        predicted(_ticked.get() or (), found)
        outcome(found)


def linked(name: str, setting: Setting) -> Any:
    """What a setting starts with: as the address has it, else as usual."""
    usual, text = getattr(_FIRST, name), links.chosen(name)
    if setting.choices:
        return text if text in setting.choices else usual
    if setting.empty and text == "all":
        return None
    return setting.kind(links.number(name, usual, setting.low, setting.high))


def _typed_mark(key: str) -> str:
    return f"{key}-typed"


def _typed(key: str) -> None:
    st.session_state[_typed_mark(key)] = True


def predicted(ticked: tuple[str, ...], found: Retention) -> None:
    """What was ticked beside what remains."""
    remain = [life.name for life in found.kept]
    st.markdown(
        f"**{counted(len(remain), 'checkpoint')} remain:** " + ", ".join(f"`{name}`" for name in remain)
    )
    if not ticked:
        return
    right = set(ticked) == set(remain)
    words = "You chose exactly these." if right else f"You chose {listed(ticked)}."
    (st.success if right else st.info)(
        words, icon=":material/check:" if right else ":material/compare_arrows:"
    )


def outcome(found: Retention) -> None:
    """The timeline, its words, the state file and the code."""
    asked = found.settings
    of = counted(len(found.lives), "checkpoint")
    st.markdown(f"**What max_to_keep={asked.max_to_keep or 'None'} left of {of}**")
    hours = f"{asked.hours_between:g} hour{'' if asked.hours_between == 1 else 's'}"
    final = ", then model_final" if asked.final == YES else ""
    st.caption(
        f"{counted(asked.saves, 'save')}{final}, {hours} apart on the simulated clock. One checkpoint per "
        f"{asked.keep_checkpoint_every_n_hours:,g} hours is never deleted."
    )
    chart.show(retention_figure(found), "retention-chart", "retention")
    st.caption(
        f"{found.conclusion()} Each bar is the time from a checkpoint's save to its deletion. All saves took "
        f"{found.milliseconds:,.0f} ms."
    )
    left, right = st.columns(2)
    with left:
        st.markdown(f"**The `checkpoint` file at the end** ({len(found.files)} files in the folder)")
        st.code(found.state, language=None, wrap_lines=True)
    with right:
        st.markdown("**From save to deletion**")
        st.dataframe(_lives(found), hide_index=True, height=300)
    with st.expander("The code that ran"):
        st.code(found.code, language="python", wrap_lines=True)


def _lives(found: Retention) -> pd.DataFrame:
    """The timeline as a table, the newest first, for those who cannot see it."""
    lives = found.lives[::-1]
    return pd.DataFrame(
        {
            "checkpoint": [life.name for life in lives],
            "saved at hour": [life.hour for life in lives],
            "what became of it": [
                f"deleted when {found.lives[life.deleted].name} was saved"
                if life.deleted is not None
                else "on disk, listed"
                if life.listed
                else "on disk, not listed"
                for life in lives
            ],
        }
    )
