"""What is wrong with the folder, and whether a checkpoint would restore where it is wanted."""

from __future__ import annotations

import streamlit as st

from core.checkpoint import CheckpointError
from core.lab import cards
from core.open.diagnosis import WARNING, WRONG, Finding, would_replace, would_restore
from core.open.find import SAVED_MODEL, Checkpoint, Found
from core.open.folder import Folder
from core.words import counted
from pages.shared.open.scrubber import shown
from pages.shared.open.words import plain

EVERY_BYTE = 2_000_000_000  # a larger folder's checksums are verified when it is asked for


def diagnosing(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """Findings, the worst first; then one checkpoint against a graph or another checkpoint."""
    every = found.bytes <= EVERY_BYTE or st.checkbox(
        "Verify the checksum of every value", key="open-every-byte"
    )
    try:
        with st.spinner("Looking for what is wrong…"):
            findings = folder.diagnose(found, every_byte=every)
    except CheckpointError as error:
        st.error(plain(str(error)), icon=":material/error:")
        findings = ()
    bad = sum(each.level == WRONG for each in findings)
    if not bad:
        st.success("Nothing is wrong: every checkpoint here can be read.", icon=":material/check:")
    else:
        st.markdown(f"**{counted(bad, 'thing')} wrong here.**")
    _show(findings)
    st.subheader("Would it restore?")
    _restoring(folder, found, series)


def _show(findings: tuple[Finding, ...]) -> None:
    titles = {card.slug: card.title for card in cards()}
    for each in findings[:200]:
        text = f"{plain(each.sentence)}  \n{plain(each.advice)}"
        if each.card in titles:
            text += f"  \nBreak it shows this: {plain(titles[each.card])}"
        if each.level == WRONG:
            st.error(text, icon=":material/error:")
        elif each.level == WARNING:
            st.warning(text, icon=":material/warning:")
        else:
            st.info(text, icon=":material/info:")
    if any(each.card in titles for each in findings) and st.button(
        "To Break it", icon=":material/bolt:", key="open-to-break-it"
    ):
        st.switch_page("pages/break_it.py")


def _restoring(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    checkpoints = {each.path: each for each in found.checkpoints if each.has_values}
    models = [each.path for each in found.checkpoints if each.kind == SAVED_MODEL]
    targets = [*found.graphs, *models, *checkpoints]
    if not checkpoints or not targets:
        st.caption("There is no checkpoint, or nothing that it could be restored into.")
        return
    left, right = st.columns(2)
    names = list(checkpoints)
    there = next((n for n, name in enumerate(names) if name == series[-1].path), 0)
    chosen = left.selectbox("This checkpoint", names, index=there, format_func=shown, key="open-restore")
    name = chosen or names[0]
    wanted = right.selectbox("into this graph or checkpoint", targets, format_func=shown, key="open-into")
    into = wanted or targets[0]
    try:
        here = folder.listing(checkpoints[name])
        if into in found.graphs or into in models:
            size = (folder.root / into).stat().st_size if into in found.graphs else found.bytes
            results = [would_restore(here, graph) for graph in folder.graphs(into, min(size, 300_000_000))]
            _show(tuple(finding for each in results for finding in each))
        else:
            _show(would_replace(here, folder.listing(checkpoints[into])))
    except (CheckpointError, OSError) as error:
        st.warning(plain(str(error)), icon=":material/warning:")
