"""Which checkpoints a Saver keeps: an experiment on a scaled clock, the traps, and the Saver's options."""

import pandas as pd
import streamlit as st

from core import file_jobs
from core.jobs import JobFailed
from core.retention import (
    MOST_KEPT,
    MOST_SAVES,
    TRAPS,
    USUAL_HOURS,
    Fit,
    Retention,
    RetentionError,
    RetentionSettings,
    Trap,
    Variant,
)
from core.retention_figure import retention_figure
from pages.shared import frame, lab_links, services

frame.require()

_FOUND, _FITS = "retention-found", "retention-fits"
_FIRST = RetentionSettings(max_to_keep=3, every_hours=5.0)
_RECIPE = RetentionSettings(saves=100)


def experiment() -> None:
    """Choose, press, see which files live and die."""
    left, right = st.columns(2)
    # A number_input can be emptied only when its own default is empty, so the first value comes from here.
    st.session_state.setdefault("retention-keep", _FIRST.max_to_keep)
    keep = left.number_input(
        "max_to_keep",
        1,
        MOST_KEPT,
        value=None,
        placeholder="none: keep all",
        help="The newest so many checkpoints stay. Empty is None: all stay.",
        key="retention-keep",
    )
    every = right.number_input(
        "keep_checkpoint_every_n_hours (hours)",
        0.01,
        1e6,
        value=_FIRST.every_hours,
        step=1.0,
        format="%.6g",
        help=f"One checkpoint in so many hours is spared. TensorFlow's default is {USUAL_HOURS:,.0f}.",
        key="retention-every",
    )
    saves = left.number_input(
        "Number of saves",
        1,
        MOST_SAVES,
        value=_FIRST.saves,
        help="model_iter-0, model_iter-1 and so on, then model_final.",
        key="retention-saves",
    )
    between = right.number_input(
        "Hours that pass before each save",
        0.0,
        1e4,
        value=_FIRST.hours_between,
        step=0.5,
        format="%.6g",
        help="On the scaled clock.",
        key="retention-between",
    )
    buttons = st.container(horizontal=True)
    wanted = buttons.button("Save for real", type="primary", icon=":material/save:", key="retention-go")
    recipe = buttons.button(
        "The recipe's own Saver",
        key="retention-recipe",
        help="100 saves and model_final with TensorFlow's defaults: max_to_keep 5, 10,000 hours.",
    )
    st.caption(
        "Only the clock is scaled: after each save the Saver is told, by its own "
        "set_last_checkpoints_with_time, that so many hours have passed. The Saver, its decisions and the "
        "files are real; the files lie in a temporary directory and are gone afterwards."
    )
    if wanted or recipe:
        try:
            settings = _RECIPE if recipe else RetentionSettings(keep, every, saves, between)
            with st.spinner(f"A Saver saves {settings.saves} times and once more…"):
                st.session_state[_FOUND] = services.ask(file_jobs.simulate, settings)
        except (RetentionError, JobFailed, TimeoutError) as error:
            st.warning(str(error), icon=":material/warning:")
    if _FOUND in st.session_state:
        outcome(st.session_state[_FOUND])


def outcome(found: Retention) -> None:
    """The timeline, its words, the state file and the code."""
    asked = found.settings
    st.markdown(
        f"**max_to_keep {asked.max_to_keep or 'None'}, one spared in {asked.every_hours:g} h, "
        f"{asked.saves} saves, {asked.hours_between:g} h before each**"
    )
    st.plotly_chart(retention_figure(found), key="retention-chart", config={"displaylogo": False})
    st.caption(
        f"{found.conclusion()} Each bar reaches from a checkpoint's save to its deletion. All saves took "
        f"{found.milliseconds:,.0f} ms."
    )
    left, right = st.columns(2)
    with left:
        st.markdown(f"**The `checkpoint` file at the end** ({len(found.files)} files in the directory)")
        st.code(found.state, language=None, wrap_lines=True)
    with right:
        st.markdown("**From save to deletion**")
        st.dataframe(_lives(found), hide_index=True, height=300)
    with st.expander("The code that ran"):
        st.code(found.code, language="python", wrap_lines=True)


def _lives(found: Retention) -> pd.DataFrame:
    """The timeline as a table, for those who cannot see it."""
    return pd.DataFrame(
        {
            "checkpoint": [life.name for life in found.lives],
            "saved at hour": [life.hour for life in found.lives],
            "what became of it": [
                f"deleted by save {life.deleted}"
                if life.deleted is not None
                else "on disk, listed"
                if life.listed
                else "on disk, not listed"
                for life in found.lives
            ],
        }
    )


def traps() -> None:
    """One button a trap; what it shows is what happened."""
    for key, words in TRAPS.items():
        with st.container(border=True):
            st.markdown(f"**{words.title}**")
            st.write(words.about)
            kept = f"trap-{key}"
            if st.button("Try it", icon=":material/play_arrow:", key=f"try-{key}", help=words.title):
                try:
                    with st.spinner("A Saver writes the files…"):
                        st.session_state[kept] = services.ask(file_jobs.spring, key)
                except (JobFailed, TimeoutError) as error:
                    st.warning(str(error), icon=":material/warning:")
            if kept in st.session_state:
                sprung(st.session_state[kept])


def sprung(trap: Trap) -> None:
    """What became of each variant, side by side."""
    for column, variant in zip(st.columns(len(trap.variants)), trap.variants, strict=True):
        with column:
            st.markdown(f"`{variant.title}`")
            show = st.success if variant.worked and not variant.forgotten else st.warning
            show(variant.conclusion())
            if not variant.worked:
                st.code(variant.restored, language=None, wrap_lines=True)
            st.dataframe(_entries(variant), hide_index=True)
            with st.expander("The code that ran"):
                st.code(variant.code, language="python", wrap_lines=True)


def _entries(variant: Variant) -> pd.DataFrame:
    """Every checkpoint that is on disk or listed, and where."""
    listed = {each.name: each for each in variant.listed}
    names = list(dict.fromkeys([*variant.on_disk, *listed]))
    return pd.DataFrame(
        {
            "checkpoint": names,
            "values on disk": ["yes" if name in variant.on_disk else "no" for name in names],
            "in the checkpoint file": [
                f"as {listed[name].path}" if name in listed else "no" for name in names
            ],
        }
    )


def options() -> None:
    """A list or a dict of variables: the matrix of what fits what, and one cell of it in full."""
    st.write(
        "A Saver can save a list of variables, or a dict that gives them other names in the file. What "
        "finds its values again depends on the names alone. Each of three files is restored into four "
        "other graphs, whose variables have the same names or are called shift and height; h = 1.01 and "
        "v = −1.96 were saved."
    )
    if st.button("Save and restore for real", icon=":material/play_arrow:", key="options-go"):
        try:
            with st.spinner("Three saves, twelve restores…"):
                st.session_state[_FITS] = services.ask(file_jobs.fit_all)
        except (JobFailed, TimeoutError) as error:
            st.warning(str(error), icon=":material/warning:")
    if _FITS not in st.session_state:
        return
    fits: tuple[Fit, ...] = st.session_state[_FITS]
    saves = list(dict.fromkeys(fit.saved for fit in fits))
    restores = list(dict.fromkeys(fit.restored for fit in fits))
    cells = {(fit.saved, fit.restored): fit for fit in fits}
    matrix = pd.DataFrame(
        {"restored into": restores}
        | {saved: [_verdict(cells[saved, restored]) for restored in restores] for saved in saves}
    )
    st.dataframe(matrix, hide_index=True)
    left, right = st.columns(2)
    saved = left.selectbox("Saved by", saves, key="options-saved")
    restored = right.selectbox("Restored into", restores, key="options-restored")
    fit = cells[saved or saves[0], restored or restores[0]]
    show = st.error if fit.error else st.success if None not in fit.values.values() else st.warning
    show(fit.conclusion())
    if fit.error:
        st.markdown("**TensorFlow's own message** (its stack traces left out)")
        st.code(fit.error, language=None, wrap_lines=True)
    left, right = st.columns(2)
    with left:
        st.markdown("**In the file**")
        st.dataframe(
            pd.DataFrame({"name": list(fit.tensors), "value": [f"{x:.9g}" for x in fit.tensors.values()]}),
            hide_index=True,
        )
        st.markdown("**The code that saved**")
        st.code(fit.save_code, language="python", wrap_lines=True)
    with right:
        st.markdown("**In the other graph, afterwards**")
        values = ["no value" if x is None else f"{x:.9g}" for x in fit.values.values()]
        st.dataframe(pd.DataFrame({"variable": list(fit.values), "value": values}), hide_index=True)
        st.markdown("**The code that restored**")
        st.code(fit.restore_code, language="python", wrap_lines=True)


def _verdict(fit: Fit) -> str:
    if fit.error:
        return f"✗ missing: {', '.join(fit.missing)}"
    empty = [name for name, value in fit.values.items() if value is None]
    return f"✓ all but {', '.join(empty)}" if empty else "✓ everything"


st.title("Retention")
st.caption("Which checkpoints does a Saver keep, which does it delete, and which does it forget?")
experiment()
st.header("Traps")
traps()
st.header("Saver options: a subset, or other names")
options()
lab_links.to_cards("retention")
