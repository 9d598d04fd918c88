"""Take the run home: its directory as a zip, its history as CSV, and a script that repeats it."""

import tempfile
from typing import IO

import streamlit as st

from core.checkpoint import CheckpointError
from core.history.html_file import of_run
from core.run.export import contents, history_csv, write_zip
from core.run.runs import Run, RunNotFound
from core.training.script import keeps_by_the_clock, script_of
from core.words import counted, in_bytes
from pages.ui import frame, guards, header, services, tracks
from pages.ui.download import download
from pages.ui.plain import sentence

frame.require()

TRACKS = ("h", "v", "cost")  # beside these a history has one column a slot
IN_MEMORY = 10_000_000  # bytes; a larger zip is collected in a temporary file


def script(run: Run) -> None:
    """The run as one Python file."""
    st.subheader(
        "A script that repeats this run",
        help="Each `.meta` describes the script's own graph, and differs.",
    )
    same = "Its `.data` and `.index` files are the same, bit for bit."
    if keeps_by_the_clock(run.manifest()):
        same = "Which checkpoints stay depends on how long it takes, so it does not compare its files."
    st.markdown(f"It needs only TensorFlow and NumPy. {same}")
    try:
        text = script_of(run)
    except CheckpointError as error:
        st.warning(sentence(error), icon=":material/warning:")
        return
    download(
        f"Download repeat_{run.id[:6]}.py", text, f"repeat_{run.id[:6]}.py", "download-script", first=True
    )
    with st.expander(f"Read it ({len(text.splitlines())} lines)"):
        st.code(text, language="python")


def history(run: Run) -> None:
    """Every checkpoint's values as a table."""
    st.subheader("The history as CSV")
    found = tracks.history_of(run)
    slots = ", and the optimizer's slots" if set(found.table.columns) - {"name", "step", *TRACKS} else ""
    st.markdown(f"{counted(len(found.steps), 'checkpoint')}: h, v, cost{slots}, with all digits.")
    download(
        f"Download history_{run.id[:6]}.csv",
        history_csv(found),
        f"history_{run.id[:6]}.csv",
        "download-csv",
        disabled=not found.steps,
    )


def one_file(run: Run) -> None:
    """The time machine of the run, which works from disk."""
    st.subheader("One HTML file")
    st.markdown("The slider with its charts, without a server.")
    if not st.button("Prepare the HTML file", icon=":material/html:", key="prepare-html"):
        return
    file = of_run(run)
    download(
        f"Save as one HTML file, {in_bytes(len(file.encode()))}",
        file,
        f"run_{run.id[:6]}.html",
        "download-html",
        first=True,
    )


def directory(run: Run) -> None:
    """The run's directory as a zip, prepared only when it is wanted."""
    st.subheader("All files as a zip")
    inside = contents(run)
    st.markdown(f"{inside.files:,} files, {in_bytes(inside.bytes)} before compression")
    if services.pool().place(run.id) is not None:
        st.caption("Training continues. The zip has what is on disk when it is prepared.")
    if not st.button("Prepare the zip", icon=":material/folder_zip:", key="prepare-zip"):
        return
    target: IO[bytes]
    with (
        st.spinner(f"Packing {inside.files:,} files…"),
        tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as target,
    ):
        size = write_zip(run, target)
        target.seek(0)
        download(
            f"Download run_{run.id[:6]}.zip, {in_bytes(size)}",
            target.read(),
            f"run_{run.id[:6]}.zip",
            "download-zip",
            first=True,
        )


def charts() -> None:
    """Where the images are."""
    st.subheader("Charts as images")
    if st.button("Save charts in History", icon=":material/history:", key="to-history"):
        st.switch_page("pages/history.py")


run = guards.need_run()
header.show(
    "Export",
    "Take this run with you.",
    "Download the script.",
    terms=("checkpoint", "Saver", "graph", "slot"),
    run=run,
)
try:
    script(run)
    history(run)
    one_file(run)
    directory(run)
    charts()
except RunNotFound as error:
    st.warning(sentence(error), icon=":material/link_off:")
