"""Anybody's checkpoints: found, seen over time, compared, diagnosed; nothing in them is executed."""

import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.find import Checkpoint, Found
from core.inspect.folder import Folder
from core.words import counted, in_bytes
from pages.parts.inspect import ways_in
from pages.parts.inspect.comparing import comparing
from pages.parts.inspect.diagnosing import diagnosing
from pages.parts.inspect.files import files
from pages.parts.inspect.over_time import over_time
from pages.parts.inspect.overview import overview
from pages.parts.inspect.plain import plain
from pages.parts.inspect.scrubber import shown
from pages.parts.inspect.taking_home import taking_home
from pages.ui import frame, guards, header

frame.require()

SECTIONS = ("Overview", "Over time", "Compare two", "Diagnosis", "Files", "Take home")


def newcomer() -> None:
    """What this is, for who comes without anything."""
    st.markdown(
        "Look into checkpoints that you did not make here: a Saver's files, `tf.train.Checkpoint`, "
        "SavedModels, Keras files. See which layer changed when, where the first NaN is, what differs "
        "between two steps, and whether one would restore into another. The files are read and never "
        "executed; no TensorFlow reader sees them."
    )


def series_of(found: Found) -> tuple[Checkpoint, ...]:
    """The series that is looked at."""
    groups = found.groups()
    names = {name: f"{shown(name)} ({counted(len(each), 'checkpoint')})" for name, each in groups.items()}
    left, right = st.columns(2)
    name = left.selectbox("Series", list(groups), format_func=lambda each: names[each], key="open-series")
    asked = right.text_input("or a prefix, file or folder in it", key="open-path").strip().strip("/")
    series = groups[name or next(iter(groups))]
    if not asked:
        return series
    named = [each for each in found.checkpoints if each.is_called(asked)]
    if not named:
        st.warning(f"Nothing here is called {plain(asked)}.", icon=":material/search_off:")
        return series
    group = groups[named[0].group]
    # One that was named is the one to look at: views begin with the last of a series.
    return group[: group.index(named[-1]) + 1] if len(named) == 1 else group


def watch(folder: Folder, found: Found) -> None:
    """While a training still writes: look every few seconds, and draw again when something is new."""

    def tick() -> None:
        changed = False
        with frame.guarded("Inspect"):
            changed = folder.find() != found
        if changed:
            st.rerun()

    st.fragment(tick, run_every=3.0)()


def section(folder: Folder, found: Found, series: tuple[Checkpoint, ...], which: str) -> None:
    """One of the six views."""
    if which == "Over time":
        over_time(folder, series)
    elif which == "Compare two":
        comparing(folder, found, series)
    elif which == "Diagnosis":
        diagnosing(folder, found, series)
    elif which == "Files":
        files(folder, found, series)
    elif which == "Take home":
        taking_home(folder, series)
    else:
        overview(folder, found, series)


header.show(
    "Inspect",
    "Look into any TensorFlow or Keras checkpoint. Nothing in it is executed.",
    "Pick a folder or drop files here.",
    terms=("checkpoint", "prefix", "tensor", "slot", "object graph", "SavedModel", "signature"),
)
place = ways_in.chosen()
if place is None:
    newcomer()
ways_in.choose(expanded=place is None)
if place is None:
    raise guards.PageEnds
try:
    folder = ways_in.folder_of(str(place.root))
    found = folder.find()
except CheckpointError as error:
    st.warning(plain(str(error)), icon=":material/warning:")
    raise guards.PageEnds from None
left, right = st.columns([4, 1], vertical_alignment="center")
files_there = f"{counted(found.files, 'file')}, {in_bytes(found.bytes)}"
kept = f" Only who has its link sees it; it is deleted on {place.until}." if place.until else ""
left.caption(f"{plain(place.title)}: {counted(len(found.checkpoints), 'checkpoint')} in {files_there}.{kept}")
right.button("Look again", icon=":material/refresh:", key="open-again")
if right.toggle("Watch it grow", key="open-watch"):
    watch(folder, found)
if not found.checkpoints:
    for finding in folder.diagnose(found)[:20]:
        st.warning(plain(f"{finding.sentence} {finding.advice}"), icon=":material/warning:")
    raise guards.PageEnds
series = series_of(found)
which = st.segmented_control("View", SECTIONS, default="Overview", required=True, key="open-section")
try:
    section(folder, found, series, which or "Overview")
except CheckpointError as error:
    st.warning(plain(str(error)), icon=":material/warning:")
