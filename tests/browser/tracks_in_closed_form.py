"""Where the runs of `stage.py` stand, by formula: what the page must draw can be said without it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ITERATIONS = 40
UPDATES = 25

Places = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def start_of(number: int) -> tuple[float, float]:
    """(h, v) before the first iteration of run `number`."""
    return 0.1 * number, -0.2 * number


def place_of(number: int, iteration: npt.ArrayLike) -> Places:
    """(h, v) after an iteration, each of which leaves 0.9 of the way from the start to (1, -2)."""
    h, v = start_of(number)
    left = 0.9 ** (np.asarray(iteration, float) + 1)
    return np.asarray(1 + (h - 1) * left, np.float32), np.asarray(-2 + (v + 2) * left, np.float32)


def update_of(update: npt.ArrayLike) -> Places:
    """(h, v) of run 0 after an update of its first pass; the last one ends where iteration 0 stands."""
    share = np.asarray(update, float) / UPDATES
    h, v = place_of(0, 0)
    return np.asarray(h * share, np.float32), np.asarray(v * share**2, np.float32)
