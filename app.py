"""Checkpoint Explorer: see how a TensorFlow model is saved and restored. `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from pages.ui import frame

icon = Path(__file__).parent / "pages" / "ui" / "icon.svg"  # wherever the server was started
st.set_page_config(page_title="Checkpoint Explorer", page_icon=icon, layout="wide")

frame.run(
    {
        "": [
            st.Page("pages/start.py", title="Start", icon=":material/home:", default=True),
            st.Page("pages/lessons.py", title="Lessons", icon=":material/school:"),
        ],
        "Make a run": [
            st.Page("pages/data.py", title="Data", icon=":material/scatter_plot:"),
            st.Page("pages/train.py", title="Train", icon=":material/play_circle:"),
            st.Page("pages/sweep.py", title="Sweep", icon=":material/grid_view:"),
        ],
        "Look back": [
            st.Page("pages/runs.py", title="Runs", icon=":material/table_rows:"),
            st.Page("pages/history.py", title="History", icon=":material/history:"),
            st.Page("pages/compare.py", title="Saver or SavedModel", icon=":material/compare_arrows:"),
            st.Page("pages/ways.py", title="Five ways to save", icon=":material/save:"),
            st.Page("pages/take_home.py", title="Take home", icon=":material/download:"),
        ],
        "Your own files": [st.Page("pages/open.py", title="Open", icon=":material/file_open:")],
        "Understand": [
            st.Page("pages/files.py", title="Files", icon=":material/folder_open:"),
            st.Page("pages/retention.py", title="Which files stay", icon=":material/auto_delete:"),
            st.Page("pages/resume.py", title="Resume and fork", icon=":material/fork_right:"),
            st.Page("pages/break_it.py", title="Break it", icon=":material/bolt:"),
        ],
    }
)
