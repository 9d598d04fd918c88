"""Chosen tensors, statistics, and scripts that are filled in from what was read."""

from __future__ import annotations

import streamlit as st

from core.checkpoint import CheckpointError
from core.inspect import scripts
from core.inspect.find import KERAS, SAVED_MODEL, Checkpoint
from core.inspect.folder import Folder
from core.inspect.html_file import of_series
from core.inspect.model import Listing
from core.inspect.over_time import marks
from core.inspect.scripts import Script
from core.inspect.take_home import LARGEST, npz, statistics_csv
from core.inspect.view import liveliest, tensors_of
from core.words import in_bytes, printable
from pages.parts.inspect import code
from pages.parts.inspect.plain import plain
from pages.ui.download import download

LIST, RENAME, STRIP, CAST = "List the names", "Rename by a map", "Strip the optimizer", "Cast"
_EFFECT, _SCRIPT = 300, 480  # pixels: the button that saves the script is in sight
AVERAGE, CONVERT, MATCHING = "Average the last N", "Convert", "Restore what matches"


def taking_home(folder: Folder, series: tuple[Checkpoint, ...]) -> None:
    """One checkpoint of the series, and what can be taken of it."""
    names = {each.path: each for each in series if each.has_values}
    if not names:
        st.info("There are no values here to take home.", icon=":material/info:")
        return
    options = list(names)
    path = (
        st.selectbox("Checkpoint", options, index=len(options) - 1, format_func=printable, key="open-take")
        or options[-1]
    )
    try:
        listing = folder.listing(names[path])
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    code.show(folder, names[path], "export")
    _arrays(folder, names[path], listing)
    _statistics(folder, series)
    _one_file(folder, series)
    _scripts(folder, series, names[path], listing)


def _arrays(folder: Folder, checkpoint: Checkpoint, listing: Listing) -> None:
    st.subheader("Tensors as .npz")
    sizes = {each.key: each.bytes for each in listing.tensors}
    weights = [each.key for each in listing.weights()]
    names = {each.key: printable(each.name) for each in listing.tensors}
    keys = st.multiselect(
        "Tensors", list(sizes), default=weights[:20], format_func=names.__getitem__, key="open-arrays"
    )
    total = sum(sizes[key] for key in keys)
    st.caption(f"{in_bytes(total)}, at most {in_bytes(LARGEST)}. `numpy.load` opens it.")
    if (
        keys
        and total <= LARGEST
        and st.button("Prepare the .npz", icon=":material/data_array:", key="open-npz")
    ):
        try:
            content = npz(folder.arrays(checkpoint, keys))
        except (CheckpointError, ValueError) as error:
            st.warning(plain(str(error)), icon=":material/warning:")
            return
        download("Download tensors.npz", content, "tensors.npz", "open-npz-download", first=True)


def _statistics(folder: Folder, series: tuple[Checkpoint, ...]) -> None:
    st.subheader("Statistics as CSV")
    measured, left = folder.measure(series)
    if left:
        st.caption(f"{left:,} checkpoints are still to be read: open Over time, and come back.")
    download(
        "Download statistics.csv",
        statistics_csv(measured),
        "statistics.csv",
        "open-csv",
        disabled=not measured,
    )


def _one_file(folder: Folder, series: tuple[Checkpoint, ...]) -> None:
    st.subheader("One HTML file")
    st.caption("The slider over every step, for a page or a pull request. It works without a server.")
    if not st.button("Prepare the HTML file", icon=":material/html:", key="open-html"):
        return
    measured, left = folder.measure(series)
    if left or not tensors_of(measured):
        st.info("Open Over time until every checkpoint is read, then come back.", icon=":material/info:")
        return
    found = marks(measured)
    try:
        look = folder.look(measured, liveliest(measured, found))
        file = of_series(f"Checkpoints of {folder.root.name}", folder.root, measured, found, look)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    download("Save as one HTML file", file, "checkpoints.html", "open-html-download", first=True)


def _scripts(
    folder: Folder, series: tuple[Checkpoint, ...], checkpoint: Checkpoint, listing: Listing
) -> None:
    st.subheader("A script for your own TensorFlow")
    kinds = [RENAME, STRIP, CAST, AVERAGE, CONVERT]
    if checkpoint.kind != KERAS:
        kinds = [LIST, *kinds, *([] if scripts.has_objects(listing) else [MATCHING])]
    kind = st.selectbox("What it should do", kinds, key="open-script") or kinds[0]
    try:
        script = _script(kind, folder, series, listing, _read_as(checkpoint))
    except (CheckpointError, ValueError) as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    st.markdown("**What it would do**")
    effect = [printable(line) for line in script.effect[:200]] or ["nothing"]
    st.code("\n".join(effect), language=None, height=_EFFECT if len(effect) > 12 else "content")
    st.code(script.text, language="python", height=_SCRIPT)
    download(f"Download {script.name}", script.text, script.name, "open-script-download")


def _script(
    kind: str, folder: Folder, series: tuple[Checkpoint, ...], listing: Listing, prefix: str
) -> Script:
    if kind == RENAME:
        text = st.text_area("One name a line: old = new", key="open-map")
        lines = [line.rpartition("=") for line in text.splitlines() if "=" in line]
        return scripts.rename(listing, prefix, {old.strip(): new.strip() for old, _, new in lines})
    if kind == STRIP:
        return scripts.drop_slots(listing, prefix)
    if kind == CAST:
        return scripts.cast(
            listing, prefix, st.selectbox("Type", scripts.CASTS, key="open-cast") or scripts.CASTS[0]
        )
    if kind == AVERAGE:
        if len(series) < 2:
            raise ValueError("Averaging takes two checkpoints or more; this series has one.")
        count = int(st.number_input("N", 2, len(series), min(5, len(series)), key="open-average"))
        last = series[-count:]
        listings = [folder.listing(each) for each in last]
        return scripts.average(listings, [_read_as(each) for each in last])
    if kind == CONVERT:
        targets = list(scripts.TARGETS)
        into = st.selectbox("Into", targets, format_func=_target, key="open-convert") or targets[0]
        if into != scripts.SAVED_MODEL or listing.kind == KERAS or scripts.has_objects(listing):
            return scripts.convert(listing, prefix, into)
        left, right = st.columns(2)
        inputs = left.text_area("Inputs, one a line: x = x:0", key="open-inputs")
        outputs = right.text_area("Outputs, one a line: y = y:0", key="open-outputs")
        return scripts.to_saved_model(listing, prefix, _pairs(inputs), _pairs(outputs))
    if kind == MATCHING:
        return scripts.restore_matching(listing, prefix, {each.key: each.shape for each in listing.weights()})
    return scripts.list_names(listing, prefix)


def _read_as(checkpoint: Checkpoint) -> str:
    """The path that a reader is given: of a SavedModel, that of its variables."""
    if checkpoint.kind != SAVED_MODEL:
        return printable(checkpoint.path)
    return "/".join(filter(None, (printable(checkpoint.path), "variables/variables")))


def _target(into: str) -> str:
    return scripts.TARGETS[into]


def _pairs(text: str) -> dict[str, str]:
    lines = [line.partition("=") for line in text.splitlines() if "=" in line]
    return {key.strip(): name.strip() for key, _, name in lines}
