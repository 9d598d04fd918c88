"""A part of a page that is drawn again while something moves, and the whole page once when it rests."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from core.run.runs import Run
from core.run.status import Condition
from pages.ui import frame, services

P = ParamSpec("P")

# Seconds between two drawings of what moves, and of a training at a pace; more for each training there is.
# Who waits sees a place in the queue and nothing else, so leaves the machine to who trains.
TICK, AT_A_PACE, EACH_MORE, EACH_MORE_WAITING, MOST = 0.5, 0.2, 0.05, 0.15, 3.0


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


def seconds_between(run: Run, condition: Condition) -> float:
    """Seconds between two drawings of a live page.

    Longer where training needs the machine more: at full speed, while TensorFlow starts, and when
    many runs are watched. Longest for a run that waits.
    """
    waits = condition.kind == "waits" and not condition.loading
    hurried = waits or condition.loading or run.control().pace is None
    each_more = EACH_MORE_WAITING if waits else EACH_MORE
    return min(MOST, (TICK if hurried else AT_A_PACE) + each_more * services.pool().load())
