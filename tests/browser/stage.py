"""The time machine alone on a page, with tracks in closed form; what it shows is asked for in the address.

`streamlit run tests/browser/stage.py`, then for instance `/?runs=3&inner=1`.
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.data import cost, make_sample, optimum
from core.history.surface import loss_surface
from core.history.view import InnerTrack, RunTrack, TimeMachineData
from core.settings import DataSettings
from pages.ui.timemachine import timemachine
from tests.browser.tracks_in_closed_form import ITERATIONS, UPDATES, place_of, start_of, update_of

st.set_page_config(layout="wide")
asked = st.query_params
sample = make_sample(DataSettings())


def track(number: int, several: bool) -> RunTrack:
    """Run `number`; without an end while it is live."""
    last = 0 if "empty" in asked else ITERATIONS
    ended = "live" not in asked and "empty" not in asked
    steps = np.arange(last + ended, dtype=np.int32)
    h, v = place_of(number, np.minimum(steps, ITERATIONS - 1))
    inside = None
    if "inner" in asked and number == 0:
        inner = update_of(np.arange(1, UPDATES + 1))
        inside = InnerTrack(*inner, cost(sample, *inner), source="Read from a run that saved every update.")
    return RunTrack(
        label=f"run {number}",
        steps=steps,
        h=h,
        v=v,
        cost=cost(sample, h, v),
        final_step=ITERATIONS,
        start=start_of(number),
        colour=number if several else None,
        other_points=number == 2,
        inner=inside,
    )


count = int(asked.get("runs", "1"))
runs = tuple(track(number, count > 1) for number in range(count))
places = [[start_of(number) for number in range(count)], *([*zip(run.h, run.v, strict=True)] for run in runs)]
best = optimum(sample)
rested = timemachine(
    TimeMachineData(
        x=sample.x,
        y=sample.y,
        truth=sample.truth,
        optimum=(best.h, best.v, best.cost, best.near),
        runs=runs,
        surface=loss_surface(sample, *np.array([each for list_ in places for each in list_]).T),
        step=int(asked["step"]) if "step" in asked else None,
        live="live" in asked or "empty" in asked,
        controls="watched" not in asked,
        projector="projector" in asked,
        compact="compact" in asked,
    ),
    key="alone",
)
st.write(f"rested at {rested}")
