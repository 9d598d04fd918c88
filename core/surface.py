"""The loss surface: the cost over the (h, v) plane for one sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core import data
from core.data import Floats, Sample

COLUMNS, ROWS = 120, 90


@dataclass(frozen=True, eq=False)
class Surface:
    """The cost on a grid.

    Attributes:
        h: float32, shape [COLUMNS].
        v: float32, shape [ROWS].
        log10_cost: float32, shape [ROWS, COLUMNS]; decimal logarithm of the mean squared error.
    """

    h: Floats
    v: Floats
    log10_cost: Floats


def loss_surface(sample: Sample, h: npt.ArrayLike, v: npt.ArrayLike) -> Surface:
    """The surface around the points (h, v), the truth and the optimum, with a margin.

    The cost's lowest value is far from 0 only where the data is noisy; without noise the logarithm
    is held above -12.
    """
    best = data.optimum(sample)
    marks = [(best.h, best.v), *([sample.truth] if sample.truth else [])]
    axes = []
    for values, others, count in (
        (h, [mark[0] for mark in marks], COLUMNS),
        (v, [mark[1] for mark in marks], ROWS),
    ):
        points = np.concatenate([np.ravel(np.asarray(values, np.float64)), others])
        low, high = points.min(), points.max()
        margin = 0.25 * max(high - low, 0.5)
        # Ends on round numbers: while a path grows, the surface under it stands still.
        unit = 10 ** np.floor(np.log10(margin))
        ends = np.floor((low - margin) / unit) * unit, np.ceil((high + margin) / unit) * unit
        axes.append(np.linspace(*ends, count))
    cost = data.cost(sample, axes[0][None, :], axes[1][:, None])
    log = np.log10(np.maximum(cost, 1e-12))
    return Surface(*(np.asarray(each, np.float32) for each in (*axes, log)))
