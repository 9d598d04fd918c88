"""The head of every page: its name, what it is for, what to do first; the run, the link, the glossary."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core import palette
from core.run import names as run_names
from core.run.manifest import Manifest
from core.run.runs import Run, RunNotFound
from pages.ui import copy_link, glossary, links, services
from pages.ui.plain import plain
from pages.ui.state import state

LEADS = "It leads to what this page shows."
LONGEST_CHIP = 22  # characters of a run's name on the button that stands for it


def show(
    title: str,
    purpose: str,
    first: str = "",
    *,
    terms: tuple[str, ...] = (),
    run: Run | None = None,
    tools: Callable[[], None] | None = None,
    link: str = LEADS,
) -> None:
    """Draw it; a page's first line after `frame.require()`.

    Args:
        purpose: one line of Markdown on what the page is for.
        first: the first thing to do, set in bold.
        terms: the words of this page that the glossary explains.
        run: the run that the page shows; with it one can change to another.
        tools: draws what only this page has beside its name.
        link: what a copied link means, in a sentence.
    """
    with st.container(key="page-header", horizontal=True, vertical_alignment="top"):
        with st.container(key="page-title", gap="xxsmall"):
            st.title(title, anchor=False)
            st.markdown(f"{purpose} **{first}**" if first else purpose)
        with st.container(
            key="page-tools",
            horizontal=True,
            width="content",
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="xsmall",
        ):
            if state().projector and st.button("Leave projector view", key="leave-projector", help="Escape"):
                state().projector = False
                st.rerun()
            if run is not None:
                run_chip(run)
            if tools is not None:
                tools()
            theirs = " Others can look at this run and its points, but not change it." if run else ""
            copy_link.show(link + theirs, links.usual_settings())
            if terms:
                _glossary(terms)


def run_chip(run: Run) -> None:
    """Which run is shown, in its colour; opened, the way to another one and its name."""
    manifest = run.manifest()
    name = services.name_of(manifest)
    colour = palette.RUNS[manifest.colour % len(palette.RUNS)]
    dot = f".st-key-run-chip button::before {{ background: light-dark({colour.light}, {colour.dark}); }}"
    st.html(f"<style>{dot}</style>")
    told = plain(f"{name}: {run_names.details(manifest)}", 200)
    with st.popover(plain(name, LONGEST_CHIP), key="run-chip", help=told):
        _switch(run, name)
        if services.is_mine(manifest):
            _rename(run, manifest, name)
        else:
            whose = "Everybody shares it." if services.is_recipe(run) else "Somebody else made it."
            st.caption(f"{whose} You can look at this run, not change it.")
        links.to("runs", "All runs")


def _switch(run: Run, name: str) -> None:
    mine = services.my_runs()
    names = run_names.names_of(mine)
    recipe = services.recipe_run()
    if recipe is not None:
        names[recipe.id] = services.name_of(recipe.manifest())
    names.setdefault(run.id, name)
    options = list(names)
    chosen = st.selectbox(
        "Show another run",
        options,
        index=options.index(run.id),
        format_func=lambda run_id: names[run_id],
        key=f"runs-{run.id}-{hash(tuple(names.values()))}",  # another one once a name has changed
    )
    if chosen and chosen != run.id:
        state().show(chosen)
        st.rerun()


def _rename(run: Run, manifest: Manifest, name: str) -> None:
    given = st.text_input(
        "Name of this run", name, max_chars=run_names.LONGEST, key=f"name-{run.id}-{hash(name)}"
    ).strip()
    if given not in (name, manifest.name):  # without one of its own it is called by its settings
        try:
            run.update(name=given)
        except RunNotFound:
            return  # the page says that it is gone
        st.rerun()


def _glossary(terms: tuple[str, ...]) -> None:
    with st.popover("Glossary", key="glossary"):
        glossary.draw(terms)
