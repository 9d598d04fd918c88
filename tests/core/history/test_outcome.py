"""What is said to have become of a training, beside costs in closed form and beside real runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core import data
from core.data import Sample, make_sample, optimum
from core.history.outcome import FEWEST, outcome_of, outcome_of_run
from core.run.manifest import QUEUED
from core.run.runs import Run
from core.settings import DataSettings

SAMPLE = make_sample(DataSettings())
BEST = optimum(SAMPLE).cost
BEGIN = float(data.cost(SAMPLE, 0.0, 0.0))
K = np.arange(100)
NOISE = np.random.default_rng(0).uniform(size=100)


@pytest.mark.parametrize(
    ("costs", "kind"),
    [
        (BEST + 20 * 0.5**K, "at"),
        (np.full(100, 1.0099 * BEST), "at"),
        (BEST * (1 + 0.009 * NOISE), "at"),
        (np.full(100, 1.0101 * BEST), "beside"),
        (7.9 + 5 * 0.5**K, "beside"),
        (7.9 + 0.03 * np.sin(K), "beside"),
        (BEST + 20 * 0.98**K, "falling"),
        (20 - 0.1 * K, "falling"),
        (20 - 1e-4 * K, "falling"),  # so slow that a window changes by less than 1%
        (20 - 1e-6 * K, "falling"),  # Adam at a tiny rate: each update as long as the one before
        (20 + 1e-6 * NOISE, "beside"),  # the same size, to and fro
        (20 - 0.1 * K + 0.05 * NOISE, "falling"),
        (7.9 + 0.5 * np.sin(K), "oscillates"),
        (BEST * (1 + 0.03 * NOISE), "oscillates"),
        (BEGIN * (2 + np.cos(K)), "oscillates"),  # above the start, and it does not grow
        (BEST + 1e-3 * 1.05**K, "diverges"),  # doubles from window to window, still below the start
        (BEGIN + 0.5 * K, "diverges"),  # grows by the same amount each time, above the start
        (BEST + np.where(K < 10, 20 * 0.5**K, 0.01 * 1.1**K), "diverges"),  # falls first
        (BEST + 20 * 0.5**K + np.where(K > 90, 0.1, 0), "oscillates"),  # rises once, below the start
    ],
)
def test_a_series_in_closed_form_is_told_by_its_kind(costs: np.ndarray, kind: str) -> None:
    found = outcome_of(costs, SAMPLE)
    assert found is not None
    assert found.kind == kind
    numbers = [costs[-1]] if kind != "oscillates" else [costs[-20:].min(), costs[-20:].max()]
    assert all(f"{number:.3g}" in found.words for number in numbers)


def test_a_value_that_is_not_finite_is_divergence_however_few_iterations_there_are() -> None:
    told = [outcome_of(costs, SAMPLE, ended=True) for costs in ([], [3.0], [3.0, 2.0, 1.0])]
    assert [each.words for each in told if each] == [
        "Diverges: a value is not finite in the first iteration.",
        "Diverges: a value is not finite after 1 iteration.",
        "Diverges: a value is not finite after 3 iterations.",
    ]
    infinite = outcome_of([3.0, np.inf], SAMPLE)
    assert infinite is not None
    assert (infinite.kind, infinite.headline) == ("diverges", "Diverges")


def test_of_too_few_iterations_nothing_is_told() -> None:
    assert outcome_of([BEST] * (FEWEST - 1), SAMPLE) is None
    assert outcome_of([BEST] * FEWEST, SAMPLE) is not None


def test_the_start_decides_whether_a_cost_that_grows_has_diverged() -> None:
    """A fork that starts at the optimum and one that starts far from it, with the same costs."""
    costs = BEST * (1 + 0.02 * K)
    found = [outcome_of(costs, SAMPLE, start) for start in ((0.0, 0.0), (1.0, -2.0), None)]
    assert [each.kind for each in found if each] == ["oscillates", "diverges", "oscillates"]


def test_points_without_noise_are_reached_as_far_as_float32_goes() -> None:
    exact = make_sample(DataSettings(noise=0.0))
    kinds = [outcome_of(np.full(20, cost), exact) for cost in (1e-9, 1e-3)]
    assert [each.kind for each in kinds if each] == ["at", "beside"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Settles at the optimum: cost 0.148, 0.66% above the lowest possible."),
        ({"learning_rate": 0.0521}, "Settles beside the optimum: cost 7.9, the lowest possible is 0.147."),
        ({"learning_rate": 1e-5}, "Still falling: cost 2.75, the lowest possible is 0.147."),
        (
            {"optimizer": "Adam", "learning_rate": 1.0},
            "Oscillates: the cost is between 7.09 and 7.29 in the last",
        ),
        ({"learning_rate": 0.1}, "Diverges: a value is not finite in the first iteration."),
    ],
)
def test_real_runs_are_told_by_their_logs(
    settings: dict[str, object], said: str, train: Callable[..., Run]
) -> None:
    run = train(iterations=50, **settings)
    found = outcome_of_run(run, run.sample())
    assert found is not None
    assert found.words.startswith(said)


def test_a_run_that_waits_has_no_outcome(train: Callable[..., Run]) -> None:
    run = train(sample=Sample(SAMPLE.x[:9], SAMPLE.y[:9]), iterations=6)
    assert outcome_of_run(run, run.sample()) is not None
    run.update(status=QUEUED)
    assert outcome_of_run(run, run.sample()) is None


def test_a_cost_that_rises_to_a_plateau_does_not_diverge() -> None:
    costs = np.array([0.3465, 0.3793, 0.4047, 0.4233, 0.4362, 0.445])  # of a real run; it settles at 0.462
    found = outcome_of(costs * BEGIN / 0.3, SAMPLE)
    assert found is not None
    assert found.kind != "diverges"


@pytest.mark.parametrize("growth", [1 + 5 * K / 99, 6 ** (K / 99)])
def test_noise_does_not_hide_a_cost_that_grows(growth: np.ndarray) -> None:
    noise = 1 + 0.05 * np.random.default_rng(1).normal(size=(100, 100))
    found = [outcome_of(BEGIN * growth * each, SAMPLE) for each in noise]
    assert sum(each is not None and each.kind == "diverges" for each in found) >= 95


def test_the_mark_of_the_best_cost_and_the_verdict_are_one_rule() -> None:
    sample = make_sample(DataSettings(noise=0))
    best = optimum(sample)
    costs = np.full(20, best.cost + 0.9 * best.near)
    found = outcome_of(costs, sample)
    assert found is not None
    assert found.kind == "at"
    assert best.first_close(costs) == 0
    assert best.first_close(costs + best.near) is None
