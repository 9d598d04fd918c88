"""The run's directory as it is: every file, its kind, and what is inside, down to the bytes of h and v."""

import pandas as pd
import streamlit as st

from core.anatomy import listing, state_file
from core.jobs import JobFailed
from core.runs import QUEUED, RUNNING, Manifest, Run, RunNotFound
from core.tensor_bundle import DATA, INDEX, META, CheckpointError, Entry, read_index
from pages.shared import checkpoint, frame, guards, lab_links
from pages.shared.opened.data_file import open_data
from pages.shared.opened.protocol_buffer import open_protocol_buffer
from pages.shared.opened.tree import everything, tree

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
        st.caption("Training goes on. This is the directory at the moment at which the page was drawn.")
        st.button("Look again", icon=":material/refresh:", key="look-again")


def open_file(run: Run, manifest: Manifest, name: str, what: str) -> None:
    """What one file holds."""
    if what == "checkpoint":
        open_state(run)
    elif what == "index":
        open_index(run, name)
    elif what == "data":
        open_data(run, name)
    else:
        open_protocol_buffer(run, manifest, name, what)


def open_state(run: Run) -> None:
    """The `checkpoint` file: its text, and what it lists and forgets."""
    found = state_file.read_state(run.checkpoints)
    st.caption(found.conclusion())
    left, right = st.columns(2)
    left.code(found.text[:5000], language=None, wrap_lines=True)
    with right:
        rows = [(each.name, "listed", "yes" if each.exists else "no") for each in found.listed]
        rows += [(name, "not listed", "yes") for name in found.unlisted]
        st.dataframe(
            pd.DataFrame(rows, columns=["checkpoint", "in this file", "on disk"]),
            hide_index=True,
            height=min(38 + 35 * len(rows), 400),
        )
        if found.latest is not None:
            st.caption(
                f"latest_checkpoint answers {found.latest.name}."
                if found.latest.exists
                else f"latest_checkpoint answers None, because {found.latest.name} is not there."
            )


def open_index(run: Run, name: str) -> None:
    """The `.index` file: a table of tensors."""
    entries = read_index(run.checkpoints / name)
    st.caption(
        f"A sorted table in LevelDB's format, read here without TensorFlow. It says where in {name}{DATA} "
        "each tensor lies. Its blocks carry checksums, and so does every tensor."
    )
    st.dataframe(_index_table(entries), hide_index=True)
    exported = run.saved_model / name / "variables" / "variables"
    if exported.with_name("variables.index").is_file():
        st.markdown("**The SavedModel's own index**, `variables/variables.index`")
        st.dataframe(_index_table(read_index(exported)), hide_index=True)


def _index_table(entries: tuple[Entry, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [each.name for each in entries],
            "dtype": [each.dtype for each in entries],
            "shape": [str(each.shape) if each.shape else "() scalar" for each in entries],
            "offset": [each.offset for each in entries],
            "size": [each.size for each in entries],
            "checksum (masked CRC-32C)": [f"0x{each.crc32c:08x}" for each in entries],
        }
    )


st.title("Files")
run = guards.need_run("open every file of a run and see what is inside, down to the bytes of h and v")
try:
    manifest = run.manifest()
    look_again(manifest)
    name = checkpoint.choose(run)
    files = listing.list_files(run)
    tree(run, manifest, name, files)
    everything(run, manifest, files)
    st.header("Open a file")
    what = st.segmented_control(
        f"Files of {name}",
        list(_OPEN),
        default="data",
        required=True,
        format_func=lambda each: {"index": name + INDEX, "data": f"{name}.data", "meta": name + META}.get(
            each, _OPEN[each]
        ),
        key="open-file",
    )
    open_file(run, manifest, name, what or "data")
except _PROBLEMS as error:
    st.warning(str(error), icon=":material/warning:")
lab_links.to_cards("files")
