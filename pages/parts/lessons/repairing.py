"""The fix is the learner's: which line is missing is chosen or typed before the fix runs."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.lessons.lesson import Question
from core.retention.saver_options import NotADict, read_dict
from pages.parts.lessons.language import label, say
from pages.parts.lessons.progress import Progress

Pairs = tuple[tuple[str, str], ...]
SHOWN: Pairs = (("hor_estimate", "shift"), ("ver_estimate", "height"))  # to who would rather see it


def chosen(repair: Question | None, progress: Progress, number: int) -> bool:
    """Whether the fix is to be seen: the missing line was found; until then the learner is asked for it."""
    if repair is None or number in progress.repaired:
        if repair is not None:
            st.markdown(f"**{say('repair')}:** {next(each.text for each in repair.options if each.right)}")
        return True
    with st.container(border=True, key=f"repair-{number}"):
        st.markdown(f"**{say('repair')}.** {repair.ask}")
        place = st.radio(
            say("choose"),
            range(len(repair.options)),
            index=None,
            format_func=lambda each: repair.options[each].text,
            key=f"repair-choice-{number}",
            label_visibility="collapsed",
        )
        runs, shows = _buttons(number)
        if shows or (runs and place is not None and repair.options[place].right):
            progress.repaired.add(number)
            st.rerun()
        tried = f"repair-tried-{number}"  # what is said of a line stays until another one is chosen
        if runs:
            st.session_state[tried] = place
        if place is None and tried in st.session_state:
            st.info(say("choose_first"), icon=":material/info:")
        elif place is not None and st.session_state.get(tried) == place:
            st.warning(f"{say('not_this_line')} {repair.options[place].why}", icon=":material/refresh:")
    return False


def typed(
    repair: Question | None, progress: Progress, number: int, run: Callable[[Pairs], bool]
) -> Pairs | None:
    """The dict that makes it work, once there is one; each that is typed runs.

    Args:
        run: restores by it and draws what came of it; whether every variable got its value.
    """
    kept = f"lesson-dict-{number}"
    if repair is None or number in progress.repaired:
        return st.session_state.get(kept, SHOWN)
    with st.container(border=True, key=f"repair-{number}"):
        st.markdown(f"**{say('repair')}.** {repair.ask}")
        with st.form(f"dict-{number}", border=False):  # leaving the field runs nothing
            text = st.text_input(say("your_dict"), max_chars=400, key=f"repair-dict-{number}")
            runs, shows = _buttons(number, st.form_submit_button)
        if shows:
            progress.repaired.add(number)
            st.rerun()
        pairs = None
        if runs or text:
            try:
                pairs = read_dict(text)
            except NotADict as error:
                st.warning(say("not_a_dict", why=label(str(error))), icon=":material/refresh:")
        if pairs is not None and run(pairs):
            st.session_state[kept] = pairs
            progress.repaired.add(number)
            st.rerun()
    return None


def _buttons(number: int, button: Callable[..., bool] = st.button) -> tuple[bool, bool]:
    """Whether to run what was chosen, and whether to show the fix at once."""
    with st.container(horizontal=True):
        runs = button(
            say("run_line"), type="primary", icon=":material/play_arrow:", key=f"run-repair-{number}"
        )
        return runs, button(say("show_line"), key=f"show-repair-{number}")
