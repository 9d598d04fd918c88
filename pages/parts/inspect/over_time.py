"""The time machine over a series, and what stands out in it by itself."""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.inspect.look import Numbers
from core.inspect.over_time import STILL, Mark, Measured, marks
from core.words import printable
from pages.parts.inspect import code
from pages.parts.inspect.plain import plain
from pages.parts.inspect.scrubber import asked as scrubber_asked
from pages.parts.inspect.scrubber import liveliest, scrubber, tensors_of, to_json
from pages.ui import links, live
from pages.ui.remembered import Remembered

_marks: Remembered[tuple[Mark, ...]] = Remembered("open-marks")
KINDS = {
    "nan": "NaN or infinity",
    "explodes": "norm explodes",
    "vanishes": "slot vanishes",
    "stopped": "does not change",
    "appears": "new",
    "disappears": "gone",
    "shape": "other shape",
    "renamed": "renamed",
    "unreadable": "cannot be read",
}


def over_time(folder: Folder, series: tuple[Checkpoint, ...]) -> None:
    """Measure what is not yet measured, a few seconds at a time, and show what there is."""
    with st.spinner("Reading every tensor…"):
        _, left = folder.measure(series)
    live.show("Over time", _draw, left > 0, live.TICK, folder, series)


def _draw(folder: Folder, series: tuple[Checkpoint, ...]) -> bool:
    """Draw what is measured, then measure more; whether more is to come."""
    measured, left = folder.known(series)
    if left:
        st.progress(len(measured) / len(series), f"{len(measured):,} of {len(series):,} checkpoints read")
    if not tensors_of(measured):
        for each in measured[:5]:
            fault = each.problems.get("")
            reason = fault.sentence if fault else "It has no tensor of numbers."
            st.warning(plain(f"{each.checkpoint.name}: {reason}"), icon=":material/warning:")
        code.show(folder, series[-1], "tensors")
    else:
        inputs = tuple((each.checkpoint, each.before) for each in measured)
        found = _marks.get_or(inputs, lambda: marks(measured))
        here = close_up(folder, measured, found)
        show_marks(found, measured)
        code.show(folder, measured[here].checkpoint, "tensors")
    if left:
        folder.measure(series)  # for the next drawing: this one is in sight
    return left > 0


def close_up(folder: Folder, measured: tuple[Measured, ...], found: tuple[Mark, ...]) -> int:
    """The scrubber with one tensor looked at closely; the step on which it rests."""
    tensors = tensors_of(measured)
    # By a digest: Streamlit takes no "__" in a key, which names of files and of uploads have.
    named = f"{folder.root.name}/{measured[0].checkpoint.group}"
    key = f"scrubber-{hashlib.sha256(named.encode()).hexdigest()[:16]}"
    asked = links.chosen("tensor") or liveliest(measured, found)
    wanted = next((each for each in tensors if each.key == asked), tensors[0])
    planes = 1
    for size in wanted.shape[:-2]:
        planes *= size
    plane = 0
    if planes > 1:
        limit = min(planes, 10_000)
        plane = (
            int(
                st.number_input(
                    f"Slice of {plain(wanted.name)} that is drawn, of {planes:,}",
                    1,
                    limit,
                    1,
                    key="open-plane",
                )
            )
            - 1
        )
    try:
        look = folder.look(measured, wanted.key, plane)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        look = None
    at = links.chosen("at")
    step = int(at) - 1 if at.isdecimal() and 0 < int(at) <= len(measured) else None
    rests, wish = scrubber_asked(key, wanted.key)
    last = len(measured) - 1
    here = next((each for each in (rests, step) if each is not None), last)
    here = max(0, min(here, last))
    numbers = _numbers(folder, measured, here, wanted.key, plane, wish) if look else None
    answer = scrubber(to_json(measured, found, look, plane, step, numbers=numbers), key=key)
    if answer.step is not None:
        links.choose(at=str(answer.step + 1))
        links.publish()
    if answer.look and answer.look != asked:
        links.choose(tensor=answer.look)
        st.rerun()
    return here


def _numbers(
    folder: Folder, measured: tuple[Measured, ...], at: int, key: str, plane: int, wanted: str
) -> tuple[int, Numbers] | None:
    """A step with the exact numbers of a tensor in it; None where it cannot be read."""
    try:
        return at, folder.numbers(measured[at].checkpoint, key, plane, len(measured), wanted)
    except CheckpointError:
        return None


def show_marks(found: tuple[Mark, ...], measured: tuple[Measured, ...]) -> None:
    """What stands out, the earliest first."""
    if len(measured) <= STILL:  # of the first none says whether it changed
        st.caption("Too few checkpoints to say which layers stopped changing.")
    if not found:
        return
    with st.expander(f"Notable changes ({len(found):,})"):
        rows = [
            (printable(measured[mark.step].checkpoint.name), KINDS[mark.kind], printable(mark.sentence))
            for mark in found[:2000]
        ]
        st.dataframe(
            pd.DataFrame(rows, columns=["checkpoint", "what", "in words"]),
            hide_index=True,
            key="open-marks-table",
        )
