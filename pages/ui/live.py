"""A part of a page that is drawn again while something moves, and the whole page once when it rests."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from core.run.runs import Run
from pages.ui import frame, services

P = ParamSpec("P")

# Seconds between two drawings of what moves; of a training at a pace; and more for each training there is.
TICK, AT_A_PACE, EACH_MORE = 0.5, 0.2, 0.05


def show(
    name: str, draw: Callable[P, bool], moving: bool, seconds: float, *arguments: P.args, **named: P.kwargs
) -> None:
    """Draw a part of the page; while it moves, again every few seconds.

    When it comes to rest the page is run once more, so that it stops ticking and all of it follows.

    Args:
        name: of the part, for the sentence that stands in its place should it fail.
        draw: answers whether the part still moves.
        moving: whether it moves now.
    """

    def tick() -> None:
        still = moving
        with frame.guarded(name):
            still = draw(*arguments, **named)
        if moving and not still:
            st.rerun()

    st.fragment(tick, run_every=seconds if moving else None)()


def seconds_between(run: Run) -> float:
    """Seconds between two drawings of a live page.

    Longer where training needs the machine more: at full speed, while TensorFlow starts, and when
    many runs are watched.
    """
    hurried = run.control().pace is None or not services.pool().wait(0)
    return (TICK if hurried else AT_A_PACE) + EACH_MORE * services.pool().load()
