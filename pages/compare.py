"""One checkpoint, brought back in two ways and kept in five."""

import streamlit as st

from pages.parts.compare import formats, two
from pages.ui import checkpoint, frame, guards, header, lab_links, links

frame.require()

TABS = {"two": "Saver and SavedModel", "formats": "All five formats"}

run = guards.need_run()
header.show(
    "Compare",
    "Restore the same checkpoint with a Saver and from a SavedModel, side by side.",
    terms=("graph", "meta graph", "session", "prefix", "SavedModel", "tag", "signature", "asset", "slot"),
    run=run,
    tools=lambda: links.to("runs", "Compare two runs"),
)
name = checkpoint.choose(run)
tab = st.segmented_control(
    "View",
    list(TABS),
    default=links.chosen("tab", "two"),
    format_func=TABS.__getitem__,
    required=True,
    key="compare-tab",
    label_visibility="collapsed",
)
links.choose(tab="" if tab == "two" else str(tab))
if tab == "formats":
    formats.show(run, name)
else:
    two.show(run, name)
    lab_links.to_cards("compare")
