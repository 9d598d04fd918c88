"""Anybody's checkpoints: found, seen over time, compared, diagnosed; nothing in them is executed."""

from functools import partial

import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect.diagnosis import WRONG, Finding
from core.inspect.find import Checkpoint, Found
from core.inspect.folder import Folder
from core.inspect.model import Listing
from core.words import counted, printable
from pages.parts.inspect import facts, terminal, ways_in
from pages.parts.inspect.comparing import comparing
from pages.parts.inspect.diagnosing import diagnosed, diagnosing
from pages.parts.inspect.files import files
from pages.parts.inspect.loading import loading
from pages.parts.inspect.over_time import over_time
from pages.parts.inspect.plain import plain
from pages.parts.inspect.taking_home import taking_home
from pages.ui import frame, guards, header, links
from pages.ui.state import state

frame.require()

VIEWS = ("tensors", "compare", "loading", "problems", "files", "export")
TERMS = ("checkpoint", "prefix", "tensor", "slot", "object graph", "SavedModel", "signature")


def series_of(found: Found) -> tuple[Checkpoint, ...]:
    """The series that is looked at."""
    groups = found.groups()
    named = links.chosen("series")
    names = {name: f"{printable(name)} ({counted(len(each), 'checkpoint')})" for name, each in groups.items()}
    if len(names) == 1:
        return groups[next(iter(groups))]
    options = list(groups)
    index = options.index(named) if named in groups else 0
    name = st.selectbox(
        "Series",
        options,
        index,
        lambda each: names[each],
        key="open-series",
        label_visibility="collapsed",
        width=420,
    )
    links.choose(series="" if name == options[0] else name or "")
    return groups[name or options[index]]


def watch(folder: Folder, found: Found) -> None:
    """While a training still writes: look every few seconds, and draw again when something is new."""

    def tick() -> None:
        changed = False
        with frame.guarded("Inspect"):
            changed = folder.find() != found
        if changed:
            st.rerun()

    st.fragment(tick, run_every=3.0)()


def view_of(series: tuple[Checkpoint, ...], findings: tuple[Finding, ...] | None) -> str:
    """Which view is chosen; the address has it."""
    wrong = sum(each.level == WRONG for each in findings or ())
    names = {
        "tensors": "Tensors over time" if len(series) > 1 else "Layers and tensors",
        "compare": "Compare two",
        "loading": "Will it load?",
        "problems": f"Problems ({wrong})" if wrong else "Problems",
        "files": "Files",
        "export": "Export",
    }
    asked = links.chosen("view", VIEWS[0])
    view = st.segmented_control(
        "View",
        VIEWS,
        default=asked if asked in VIEWS else VIEWS[0],
        format_func=names.__getitem__,
        required=True,
        key=f"open-view-{state().opened}",  # another place begins with its first view
        label_visibility="collapsed",
    )
    links.choose(view="" if view == VIEWS[0] else str(view))
    return str(view)


def draw(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """The facts, and one of the six views."""
    findings = diagnosed(folder, found)
    listing: Listing | None = None
    try:
        listing = folder.listing(series[-1])
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
    facts.show(series, listing, findings)
    view = view_of(series, findings)
    if view == "compare":
        comparing(folder, found, series)
    elif view == "loading":
        loading(folder, found, series)
    elif view == "problems":
        diagnosing(folder, found, findings)
        terminal.show("check", terminal.path_of(folder))
    elif view == "files":
        files(folder, found, series)
        terminal.show("inspect", terminal.path_of(folder, series[-1]), "-a")
    elif view == "export":
        taking_home(folder, series)
        terminal.show("export", terminal.path_of(folder, series[-1]), "-o", "tensors.npz")
    else:
        over_time(folder, series)
        several = ["--over-time"] if len(series) > 1 else []
        terminal.show("inspect", terminal.path_of(folder, series[-1]), *several)


place = ways_in.chosen()
header.show(
    "Inspect",
    "Look into any TensorFlow or Keras checkpoint. Nothing in it is executed.",
    "Pick a folder or drop files here." if place is None else "",
    terms=TERMS,
    tools=partial(ways_in.chip, place) if place else None,
)
if place is None:
    ways_in.choose()
    raise guards.PageEnds
try:
    folder = ways_in.folder_of(str(place.root))
    found = folder.find()
except CheckpointError as error:
    st.warning(plain(str(error)), icon=":material/warning:")
    raise guards.PageEnds from None
if place.until:
    st.caption(f"Your upload. Only people with its link can see it. It is deleted on {place.until}.")
if st.session_state.get("open-watch"):
    watch(folder, found)
if not found.checkpoints:
    for finding in folder.diagnose(found)[:20]:
        st.warning(plain(f"{finding.sentence} {finding.advice}"), icon=":material/warning:")
    raise guards.PageEnds
try:
    draw(folder, found, series_of(found))
except CheckpointError as error:
    st.warning(plain(str(error)), icon=":material/warning:")
