"""One checkpoint, brought back in two ways and kept in five; and two runs, which History then shows."""

import streamlit as st

from pages.parts.compare import formats, runs, two
from pages.ui import checkpoint, frame, guards, header, lab_links, links

frame.require()

TABS = {"two": "Saver and SavedModel", "formats": "All five formats", "runs": "Two runs"}

run = guards.need_run()
header.show(
    "Compare",
    "Restore one checkpoint with a Saver and from a SavedModel, or show two runs together.",
    terms=("graph", "meta graph", "session", "prefix", "SavedModel", "tag", "signature", "asset", "slot"),
    run=run,
)
asked = links.chosen("tab", "two")
tab = st.segmented_control(
    "View",
    list(TABS),
    default=asked if asked in TABS else "two",
    format_func=TABS.__getitem__,
    required=True,
    key="compare-tab",
    label_visibility="collapsed",
)
links.choose(tab="" if tab == "two" else str(tab))
if tab == "runs":
    runs.show(run)
elif tab == "formats":
    formats.show(run, checkpoint.choose(run))
else:
    two.show(run, checkpoint.choose(run))
    lab_links.to_cards("compare")
