"""From a run and the panel's settings to what the Playground draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.checkpoint import META, STATE_FILE
from core.data import Sample
from core.history.history import History
from core.history.view import TimeMachineData
from core.packing import packed
from core.run.runs import Run
from core.settings import DataSettings
from pages.ui import tracks


def seen(run: Run, shown: Sample, *, step: int | None, revision: int, live: bool) -> TimeMachineData:
    """The run over the points that the panel describes, which may be others than it trained on."""
    view = tracks.history_view(run, sample=shown, step=step, revision=revision, live=live)
    return replace(view, compact=True)


def sizes(run: Run, history: History) -> dict[str, Any]:
    """Bytes of each step's files: what `disk.js` unpacks."""
    names = history.table["name"].to_list()
    stamps = [history.rows[name][0] for name in names]
    index = [-1 if each is None else each[1] for each, _ in stamps]
    data = [-1 if each is None else each[1] for _, each in stamps]
    first = names[0] if names else ""
    return {
        "steps": packed(history.table["step"], "<i4"),
        "data": packed(data, "<i4"),
        "index": packed(index, "<i4"),
        "meta": _size(run, first + META) if first else -1,
        "state": _size(run, STATE_FILE),
    }


def _size(run: Run, name: str) -> int:
    try:
        return (run.checkpoints / name).lstat().st_size
    except OSError:
        return -1


def maker(data: DataSettings) -> dict[str, str]:
    """What the browser makes the same points of: x and what the seed draws, both float64."""
    x = np.linspace(data.x_min, data.x_max, data.samples)
    draws = np.random.default_rng(data.seed).normal(0.0, 1.0, data.samples)
    return {"x": packed(x, "<f8"), "draws": packed(draws, "<f8")}
