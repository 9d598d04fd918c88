"""Runs of earlier versions: what their checkpoints have in other bits than this version saves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.words import listed


def of_an_earlier_version(checkpoints: pd.DataFrame) -> str:
    """A sentence on checkpoints whose bits only an earlier version saved; empty where there are none.

    Until version 2.0 numbers below 2⁻¹²⁶ were kept, which TensorFlow's own loop makes 0: Adam's `beta1_power`
    stopped at 5.6e-45.

    Args:
        checkpoints: as `core.history.history.History.table`.
    """
    tiny = np.finfo(np.float32).tiny
    values = checkpoints.drop(columns=["name", "step", "cost"])
    kept = (values != 0) & (values.abs() < tiny)
    names = [str(name) for name in values.columns[kept.any()]]
    if not names:
        return ""
    first, last = checkpoints["name"][kept.any(axis=1)].iloc[[0, -1]]
    return (
        f"An earlier version saved {first} to {last}: there {listed(names)} stopped just above 0, where "
        "TensorFlow's own loop reaches 0. The checkpoints after them have the bits of that loop again."
    )
