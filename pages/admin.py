"""How the server stands, for its administrator; only who knows the secret sees it."""

import pandas as pd
import streamlit as st

from core import logs
from pages.parts.admin import administration
from pages.ui import frame, header, services
from pages.ui.plain import plain

frame.require()

header.show("Administration", "The state of this server, for its administrator.")
administration.need_secret()
facts = services.pool().facts()
if facts["trouble"]:
    st.error(plain(facts["trouble"], 300), icon=":material/error:")
named = {name: value for name, value in facts.items() if name != "trouble"}
for column, (name, value) in zip(st.columns(len(named)), named.items(), strict=True):
    column.metric(name.capitalize(), value)
disk = administration.disk()
st.progress(min(1.0, disk.taken.total / max(1, disk.limit)), text=disk.words())
st.subheader("The queue")
queue = administration.queue()
if queue.empty:
    st.caption("Nothing trains and nothing waits.")
else:
    st.dataframe(queue, hide_index=True)
if aside := administration.aside():
    st.warning(
        "Some files in the queue were no tickets. They are in `queue/aside` now, and the log says why: "
        f"{plain(', '.join(aside), 300)}.",
        icon=":material/help:",
    )
st.subheader("The newest runs")
st.dataframe(administration.newest(), hide_index=True)
st.subheader("The last warnings and errors of this server")
lines = logs.last()
if lines:
    st.dataframe(pd.DataFrame({"newest first": lines}), hide_index=True)
else:
    st.caption("None since it was started.")
st.button("Look again", icon=":material/refresh:", key="look-again")
