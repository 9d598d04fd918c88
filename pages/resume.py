"""Interrupt a training and go on, with and without the slots; or fork a run from any of its checkpoints."""

import streamlit as st

from pages.parts.resume import fork as forking
from pages.ui import code_shown, frame, glossary, guards, lab_links, resuming

frame.require()

st.title("Resume and fork")
run = guards.need_run("interrupt a training and go on, or fork it from any of its checkpoints")
manifest = run.manifest()
glossary.explained("resume", "fork", "update", "slot", "optimizer")
first, second = st.tabs(["Interrupt and go on", "Fork"])
with first:
    resuming.show(run, manifest)
    code_shown.going_on()
with second:
    forking.show(run, manifest)
    code_shown.forking()
lab_links.to_cards("resume")
