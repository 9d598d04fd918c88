"""The run's directory as it is: every file, its kind, and what is inside, down to the bytes of h and v."""

import streamlit as st

from core.checkpoint import INDEX, META, CheckpointError
from core.files import listing
from core.pool.jobs import JobFailed
from core.run.manifest import QUEUED, RUNNING, Manifest
from core.run.runs import Run, RunNotFound
from pages.parts.files.data_file import open_data
from pages.parts.files.index_file import open_index
from pages.parts.files.protocol_buffer import open_protocol_buffer
from pages.parts.files.state_file import open_state
from pages.parts.files.tree import everything, tree
from pages.ui import checkpoint, frame, guards, header, lab_links, links
from pages.ui.plain import sentence

frame.require()

_OPEN = {
    "checkpoint": "checkpoint",
    "index": ".index",
    "data": ".data",
    "meta": ".meta",
    "saved_model": "saved_model.pb",
}
_PROBLEMS = (CheckpointError, RunNotFound, JobFailed, TimeoutError)


def look_again(manifest: Manifest) -> None:
    """While training goes on, the files change; this page shows one moment of them."""
    if manifest.status in (QUEUED, RUNNING):
        st.caption("Training continues. These are the files at the moment this page was drawn.")
        st.button("Look again", icon=":material/refresh:", key="look-again")


def open_file(run: Run, name: str, what: str) -> None:
    """What one file holds."""
    if what == "checkpoint":
        open_state(run)
    elif what == "index":
        open_index(run, name)
    elif what == "data":
        open_data(run, name)
    else:
        open_protocol_buffer(run, name, what)


run = guards.need_run()
header.show(
    "Files",
    "What TensorFlow wrote to disk, down to the bytes that are h and v.",
    "Pick a file.",
    terms=("prefix", "index", "data file", "graph", "meta graph", "state file", "SavedModel", "checksum"),
    run=run,
)
try:
    manifest = run.manifest()
    look_again(manifest)
    name = checkpoint.choose(run)
    files = listing.list_files(run)
    tree(run, name, files)
    everything(run, files)
    st.header("Open a file")
    what = st.segmented_control(
        f"Files of {name}",
        list(_OPEN),
        default=asked if (asked := links.chosen("file")) in _OPEN else "data",
        required=True,
        format_func=lambda each: {"index": name + INDEX, "data": f"{name}.data", "meta": name + META}.get(
            each, _OPEN[each]
        ),
        key="open-file",
    )
    links.choose(file="" if what in (None, "data") else what)
    open_file(run, name, what or "data")
except _PROBLEMS as error:
    st.warning(sentence(error), icon=":material/warning:")
lab_links.to_cards("files")
