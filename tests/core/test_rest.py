"""Where a training comes to rest: what is said is what NumPy finds."""

from collections.abc import Callable

import pytest

from core.data import optimum
from core.history import read_history
from core.rest import when_it_was_done, where_it_rests
from core.runs import Run


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "It comes to rest at h = 1.015, v = -1.980, and not at the least-squares optimum, h = 1.007"),
        ({"iterations": 2}, ""),
        ({"iterations": 5}, "It is still on its way"),
        ({"learning_rate": 1e-7, "iterations": 5}, "It is still on its way"),
        ({"order": "shuffled"}, "Every pass takes the samples in a new order"),
        ({"batch": 0, "learning_rate": 0.05}, "that is the least-squares optimum, h = 1.007, v = -1.995"),
    ],
)
def test_it_says_where_and_why(settings: dict[str, object], said: str, train: Callable[..., Run]) -> None:
    run = train(**settings)
    sample = run.sample()
    table = read_history(run, sample).table
    found = where_it_rests(table, run.manifest().train, len(sample), optimum(sample))
    assert said in found
    assert bool(found) == bool(said)


def test_a_smaller_rate_ends_nearer_to_the_optimum_as_it_says(train: Callable[..., Run]) -> None:
    costs = [
        train(learning_rate=rate, iterations=iterations).steps()["cost"].iloc[-1]
        for rate, iterations in ((0.001, 100), (0.0003, 300))
    ]
    assert costs[0] > costs[1]


def test_it_says_by_which_iteration_the_cost_had_come_down(train: Callable[..., Run]) -> None:
    table = read_history(run := train(), run.sample()).table
    cost = list(run.steps()["cost"])
    near = [k for k in range(100) if all(abs(c - cost[-1]) <= 0.01 * (cost[0] - cost[-1]) for c in cost[k:])]
    assert f"99 % of that is done by iteration {near[0]}." in when_it_was_done(table)
    assert f"from {cost[0]:.3g} (iteration 0) to {cost[-1]:.3g} (iteration 99)" in when_it_was_done(table)


@pytest.mark.parametrize(
    "settings",
    [
        {"iterations": 2},  # too few to tell
        {"batch": 0},  # it comes down to the end
        {"learning_rate": 0.5, "iterations": 5},  # it goes up
    ],
)
def test_it_says_nothing_of_a_fall_that_is_not_over(
    settings: dict[str, object], train: Callable[..., Run]
) -> None:
    run = train(**settings)
    assert when_it_was_done(read_history(run, run.sample()).table) == ""
