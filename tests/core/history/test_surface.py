"""The loss surface is the cost, on a grid that holds everything of interest."""

import numpy as np
import pytest

from core.data import make_sample, optimum
from core.history.surface import loss_surface
from core.settings import DataSettings


def test_every_point_of_the_grid_is_the_mean_squared_error() -> None:
    sample = make_sample(DataSettings())
    surface = loss_surface(sample, [0.0, 1.3], [0.0, -0.5])
    for row, column in ((0, 0), (40, 70), (89, 119)):
        h, v = float(surface.h[column]), float(surface.v[row])
        residual = sample.y.astype(float) - ((sample.x.astype(float) - h) ** 2 + v)
        found = surface.floor[column] + (v - surface.bed[column]) ** 2
        assert found == pytest.approx((residual**2).mean(), rel=1e-4)


def test_path_truth_and_optimum_lie_inside() -> None:
    sample = make_sample(DataSettings(h=5, v=3, x_min=0, x_max=9))
    best = optimum(sample)
    surface = loss_surface(sample, [0.0, 7.0], [-1.0, 2.0])
    for h, v in ((0, -1), (7, 2), (5, 3), (best.h, best.v)):
        assert surface.h[0] < h < surface.h[-1]
        assert surface.v[0] < v < surface.v[-1]


def test_without_noise_the_cost_stays_finite_and_is_never_negative() -> None:
    surface = loss_surface(make_sample(DataSettings(noise=0)), [1.0], [-2.0])
    cost = surface.floor + (surface.v[:, None] - surface.bed) ** 2
    assert np.isfinite(cost).all()
    assert (cost >= 0).all()
