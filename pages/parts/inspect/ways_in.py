"""How a visitor says what to look into: the server's folders, an upload, or a run of this application."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import environment
from core.checkpoint import CheckpointError
from core.inspect.find import Found
from core.inspect.folder import Folder
from core.inspect.places import KEPT_HOURS, Place, folders, place_of
from core.inspect.uploads import sweep, take, upload_limit
from core.run import names as run_names
from core.words import in_bytes, printable
from pages.parts.inspect.plain import plain
from pages.ui import services
from pages.ui.links import publish
from pages.ui.state import state

LONGEST_CHIP = 24  # characters of a place's name on its button


@st.cache_resource(show_spinner=False, max_entries=32)
def folder_of(root: str) -> Folder:
    """A folder, with what was read of it; all visitors who may look into it share it."""
    from pathlib import Path

    return Folder(Path(root))


def chosen() -> Place | None:
    """The place that is looked into; None when there is none, or it is gone, which is said."""
    sweep(services.runs())
    word = state().opened
    if not word and folders():
        word = state().opened = folders()[0].word  # what the server was started with
    if not word:
        return None
    try:
        place = place_of(word, services.runs())
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/link_off:")
        return None
    if place.until and word not in state().uploads:
        state().uploads += (word,)
    return place


def elsewhere(label: str, folder: Folder, found: Found, key: str) -> tuple[Folder, Found, str]:
    """Choose among the places that this visitor may see, this one first; it, what lies in it, and its word.

    Raises:
        CheckpointError: it cannot be read, or is gone.
    """
    titles = {state().opened: "the same folder"}
    for place in [*folders(), *_uploads()]:
        titles.setdefault(place.word, place.title)
    for run, name in run_names.names_of(services.my_runs()).items():
        titles.setdefault(f"run-{run}", f"run “{name}”")
    word = st.selectbox(label, list(titles), format_func=lambda each: printable(titles[each]), key=key)
    if word is None or word == state().opened:
        return folder, found, state().opened
    other = folder_of(str(place_of(word, services.runs()).root))
    return other, other.find(), word


def _uploads() -> Iterator[Place]:
    for word in state().uploads:
        with suppress(CheckpointError):  # its time is over
            yield place_of(word, services.runs())


def chip(place: Place) -> None:
    """What is open, with the ways to open another; and whether new checkpoints are looked for."""
    # Each place has its own key, so that the box of the next place is closed.
    label = f"{plain(_short(place.title))} · change"
    with st.popover(label, icon=":material/folder_open:", key=f"open-chip-{place.word}"):
        choose()
    st.toggle("Watch for new checkpoints", key="open-watch")


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_CHIP else f"{title[: LONGEST_CHIP - 1]}…"


def choose() -> None:
    """The three ways in."""
    names = ["A folder of the server", "Upload", "One of my runs"]
    from_server, upload, own = st.tabs(names, default=names[0] if folders() else names[1])
    with from_server:
        _folders()
    with upload:
        _upload()
    with own:
        _runs()


def _go(place: Place) -> None:
    state().opened = place.word
    state().choices.pop("inspect", None)  # they were of the place before
    publish()
    st.rerun()


def _folders() -> None:
    there = folders()
    if not there:
        st.markdown(
            "This server opens no folder yet. Its administrator can allow some: "
            f"`make app OPEN=/path/to/models`, or the environment variable `{environment.OPEN}`."
        )
        return
    for place in there:
        if st.button(plain(place.title), icon=":material/folder_open:", key=f"open-{place.word}"):
            _go(place)


def _upload() -> None:
    limit = upload_limit()
    st.markdown(
        f"A zip, a tar or a checkpoint's files, up to {in_bytes(limit)} unpacked. "
        f"Only people with the link see them, for {KEPT_HOURS} hours."
    )
    files = st.file_uploader(
        "Files",
        accept_multiple_files=True,
        key=f"open-upload-{state().opened}",  # what was opened is not uploaded again with the next
        max_upload_size=max(1, limit // 1_000_000),
    )
    if st.button("Open them", icon=":material/upload:", disabled=not files, key="open-uploaded"):
        try:
            place = take([(file.name, file) for file in files], services.runs())
        except CheckpointError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        _give_back(file.file_id for file in files)
        _go(place)


def _give_back(files: Iterable[str]) -> None:
    """Take what is on the disk now from the memory, where Streamlit keeps it until the session ends."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file)


def _runs() -> None:
    mine = run_names.names_of(services.my_runs())
    if not mine:
        st.caption("You have no run yet. Train one in the Playground.")
        return
    run = st.selectbox("Run", list(mine), format_func=lambda run_id: mine[run_id], key="open-run")
    if st.button("Open it", icon=":material/folder_open:", key="open-run-go"):
        _go(place_of(f"run-{run}", services.runs()))
