"""Where a training ends, and why not exactly at the optimum, in words; `outcome` says what became of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.checkpoint import FINAL
from core.data import Optimum
from core.settings import TrainSettings
from core.training.first_pass import batch_of, updates_of

ROUNDING = 1e-5  # how far the last bits of h and v can go to and fro between two iterations, and never on
LATELY = 10  # moves that are looked at
LASTS = 0.9  # of the first half of these moves the last half still is, where the training goes on
CLOSE = 1e-3  # in the plane of h and v: nearer than one sees in any chart


def where_it_rests(table: pd.DataFrame, train: TrainSettings, samples: int, best: Optimum) -> str:
    """Some sentences on the last iterations; empty while there are fewer than three.

    Args:
        table: as `core.history.history.History` has it.
        samples: that one iteration takes.
        best: the optimum for these samples.
    """
    places = table.loc[table["name"] != FINAL, ["h", "v"]].to_numpy(np.float64)
    if len(places) < 3:
        return ""
    h, v = places[-1]
    away = float(np.hypot(h - best.h, v - best.v))
    stands = f"h = {h:.3f}, v = {v:.3f}"
    optimum = f"the least-squares optimum, h = {best.h:.3f}, v = {best.v:.3f}"
    if away < CLOSE:
        return f"It ends at {stands}: that is {optimum}."
    if _still_to_go(places) > away / 10:
        moves = (
            "Every iteration takes the points in a new order, so each ends at another place around there."
            if train.order == "shuffled"
            else ""
        )
        return f"It ends at {stands}, {away:.3f} from {optimum}. {moves}".rstrip()
    if updates_of(train, samples) == 1:
        rests = np.hypot(*(places[-1] - places[-2])) < ROUNDING
        rest = " It does not move any more." if rests else ""
        return f"It ends at {stands}, {away:.3f} from {optimum}.{rest}"
    batch = batch_of(train, samples)
    return (
        f"It ends at {stands}, {away:.3f} from {optimum}. An update follows "
        f"{'one point' if batch == 1 else f'{batch} points'}, not the mean of all {samples:,}. "
        "Within an iteration the points pull h and v to and fro. Its checkpoint shows where the last ones "
        "left them. A smaller learning rate ends nearer to the optimum. All points in one update (batch 0) "
        "can end exactly there."
    )


def _still_to_go(places: np.ndarray) -> float:
    """How far the last moves lead, if each goes on to be the same share of the one before; (h, v) [n, 2]."""
    moves = np.hypot(*np.diff(places[-LATELY - 1 :], axis=0).T)
    before, last = moves[-2:].tolist()
    if last < before:
        return float(last * last / (before - last))
    # Moves that lead on add up, and do not shrink; what the last bits go to and fro does not add up.
    adds_up = float(np.hypot(*(places[-1] - places[-len(moves) - 1]))) > moves.sum() / 2
    half = len(moves) // 2
    leads_on = adds_up and moves[-half:].sum() >= LASTS * moves[:half].sum()
    return 0.0 if last < ROUNDING and not leads_on else float("inf")
