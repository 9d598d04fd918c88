"""The loss surface: the cost over the (h, v) plane for one sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core import data
from core.data import Doubles, Sample

COLUMNS, ROWS = 120, 90
LEAST = 1e-12  # without noise the lowest cost is 0, which has no logarithm


@dataclass(frozen=True, eq=False)
class Surface:
    """The cost on a grid, by what makes it up: at (h[i], v[j]) it is floor[i] + (v[j] - bed[i])².

    Attributes:
        h, floor, bed: float64, shape [COLUMNS].
        v: float64, shape [ROWS].
    """

    h: Doubles
    v: Doubles
    floor: Doubles
    bed: Doubles


def loss_surface(sample: Sample, h: npt.ArrayLike, v: npt.ArrayLike) -> Surface:
    """The surface around the points (h, v), the truth and the optimum, with a margin."""
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
    h_axis, v_axis = axes
    return Surface(h_axis, v_axis, *data.valley(sample, h_axis))
