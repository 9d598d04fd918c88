"""What a real Saver brings back from one checkpoint, and whether it equals what is drawn."""

import numpy as np
import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError, H, V
from core.compare.comparison import Restored
from core.history.history import History
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.run.runs import Run
from pages.ui import code_shown, links, services
from pages.ui.plain import sentence
from pages.ui.remembered import Remembered

_restored: Remembered[Restored] = Remembered("restored")


def show(run: Run, history: History, step: int) -> None:
    """What a real Saver brings back from this step's files."""
    row = history.row(step)
    name = str(row["name"])
    try:
        # The last answer serves again while the checkpoint's files stay as they were.
        asked = run.id, name, history.rows[name][0]
        found = _restored.get_or(
            asked, lambda: services.result_of(jobs.restore, str(run.directory), name, about=asked)
        )
    except (CheckpointError, JobFailed, TimeoutError) as error:
        st.warning(sentence(error), icon=":material/warning:")
        return
    st.subheader(f"{name}, restored")
    drawn = {H: row["h"], V: row["v"], **_slots(row)}
    table = pd.DataFrame(
        {
            "variable": list(found.values),
            "restored by Saver": [repr(np.float32(v))[11:-1] for v in found.values.values()],
            "bytes": [np.float32(v).tobytes().hex(" ") for v in found.values.values()],
            "equals the file": [
                "yes, bit for bit"
                if np.float32(value).tobytes() == np.float32(drawn[key]).tobytes()
                else f"no: {drawn[key]!r}"
                for key, value in found.values.items()
            ],
        }
    )
    same = all(answer.startswith("yes") for answer in table["equals the file"])
    st.dataframe(table, hide_index=True)
    equal = "They equal those drawn, bit for bit." if same else "Its values differ from the file."
    st.caption(f"A Saver restored the values of {name} in {found.milliseconds:.0f} ms. {equal}")
    code_shown.restoring()
    links.to("files", f"Open the files of {name}")


def _slots(row: pd.Series) -> dict[str, float]:
    return {key: row[key] for key in row.index if key not in ("name", "step", "h", "v", "cost")}
