"""What is wrong with the folder, and whether a checkpoint would restore where it is wanted."""

from __future__ import annotations

import streamlit as st

from core.checkpoint import CheckpointError
from core.gallery.cards import cards
from core.inspect.diagnosis import WARNING, WRONG, Finding
from core.inspect.find import Checkpoint, Found
from core.inspect.folder import Folder
from core.words import counted
from pages.parts.inspect.loading import loading
from pages.parts.inspect.plain import plain
from pages.ui import lab_links

MOST = 200  # findings that are shown
EVERY_BYTE = 2_000_000_000  # a larger folder's checksums are verified when it is asked for


def diagnosing(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """Findings, the worst first; then one checkpoint against a graph or another checkpoint."""
    every = found.bytes <= EVERY_BYTE or st.checkbox(
        "Verify the checksum of every value", key="open-every-byte"
    )
    try:
        with st.spinner("Looking for what is wrong…"):
            diagnosed = folder.diagnose(found, every_byte=every)
    except CheckpointError as error:
        st.error(plain(str(error)), icon=":material/error:")
    else:
        _told(diagnosed)
    st.subheader("Will it load?")
    loading(folder, found, series)


def _told(findings: tuple[Finding, ...]) -> None:
    """How many are wrong, then each."""
    bad = sum(each.level == WRONG for each in findings)
    if not findings:
        st.success("Nothing is wrong: every value here was read.", icon=":material/check:")
    elif not bad:
        st.markdown("**Nothing is wrong in what was read.** Worth knowing, of the whole folder:")
    else:
        st.markdown(f"**{counted(bad, 'thing')} wrong here.**")
    _show(findings, "here")


def _show(findings: tuple[Finding, ...], where: str) -> None:
    """Each with the card of Break it that shows the same."""
    known = {card.slug: card for card in cards()}
    for place, each in enumerate(findings[:MOST]):
        text = f"{plain(each.sentence)}  \n{plain(each.advice)}"
        with st.container(gap=None):
            if each.level == WRONG:
                st.error(text, icon=":material/error:")
            elif each.level == WARNING:
                st.warning(text, icon=":material/warning:")
            else:
                st.info(text, icon=":material/info:")
            if each.card in known:
                card = known[each.card]
                lab_links.to_card(card, f"open-card-{where}-{place}", f"In Break it: {card.title}")
    if len(findings) > MOST:
        st.caption(f"{len(findings) - MOST:,} more are not shown; `python -m core.inspect` lists them all.")
