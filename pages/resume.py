"""Interrupt a training and resume it, with and without the slots; or fork a run from a checkpoint."""

import streamlit as st

from pages.parts.resume import fork as forking
from pages.ui import code_shown, frame, guards, header, lab_links, resuming

frame.require()

run = guards.need_run()
manifest = run.manifest()
header.show(
    "Resume and fork",
    "What a run needs to continue as if nothing had happened.",
    "Interrupt it, then resume it.",
    terms=("resume", "fork", "update", "slot", "optimizer"),
    run=run,
)
first, second = st.tabs(["Interrupt and resume", "Fork"])
with first:
    resuming.show(run, manifest)
    code_shown.going_on()
with second:
    forking.show(run, manifest)
    code_shown.forking()
lab_links.to_cards("resume")
