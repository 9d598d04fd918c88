"""What is wrong with the folder."""

from __future__ import annotations

import streamlit as st

from core.gallery.cards import cards
from core.inspect.diagnosis import WARNING, WRONG, Finding
from core.inspect.find import Found
from core.inspect.folder import Folder
from core.words import counted, in_bytes
from pages.parts.inspect.plain import plain
from pages.ui import lab_links

MOST = 200  # findings that are shown
UNASKED = 300_000_000  # bytes that are read when the page opens; of a larger folder on request


def diagnosed(folder: Folder, found: Found) -> tuple[Finding, ...] | None:
    """What is wrong with a folder; None for one too large to read all of it unasked.

    Raises:
        CheckpointError: the files killed the process that looked for it.
    """
    if found.bytes > UNASKED and not st.session_state.get("open-every-byte"):
        return None
    with st.spinner("Reading every value…"):
        return folder.diagnose(found)


def diagnosing(folder: Folder, found: Found, findings: tuple[Finding, ...] | None) -> None:
    """Findings, the worst first."""
    if findings is None:
        st.markdown(f"This folder has {in_bytes(found.bytes)}. NaN and damage show when every value is read.")
        if st.button("Read every value", type="primary", icon=":material/troubleshoot:"):
            st.session_state["open-every-byte"] = True
            st.rerun()
        findings = folder.diagnose(found, every_byte=False)
    _told(findings)
    _show(findings, "here")


def _told(findings: tuple[Finding, ...]) -> None:
    """How many are wrong, then each."""
    bad = sum(each.level == WRONG for each in findings)
    warned = sum(each.level == WARNING for each in findings)
    if not findings:
        st.success("No problems. Every value was read.", icon=":material/check:")
    elif warned and not bad:
        st.markdown(f"**{counted(warned, 'warning')} about this folder.**")
    elif not bad:
        st.markdown("**No problems in what was read.** Worth knowing about the folder:")
    else:
        st.markdown(f"**{counted(bad, 'problem')} in this folder.**")


def _show(findings: tuple[Finding, ...], where: str) -> None:
    """Each with the card of the gallery that shows the same."""
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
                lab_links.to_card(card, f"open-card-{where}-{place}", f"In the error gallery: {card.title}")
    if len(findings) > MOST:
        st.caption(
            f"{len(findings) - MOST:,} more are not shown; `checkpoint-explorer check` lists them all."
        )
