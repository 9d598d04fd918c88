"""Where a training comes to rest: what is said is what NumPy finds."""

from collections.abc import Callable

import pytest

from core.data import optimum
from core.history.convergence import when_it_was_done, where_it_rests
from core.history.history import read_history
from core.run.runs import Run


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "It ends at h = 1.015, v = -1.980, 0.017 from the least-squares optimum, h = 1.007"),
        ({"iterations": 2}, ""),
        ({"iterations": 5}, "It is still moving"),
        ({"learning_rate": 1e-7, "iterations": 5}, "It is still moving"),
        ({"optimizer": "Adam", "learning_rate": 0.05}, "It ends at h = 1.036, v = -1.948, 0."),
        ({"order": "shuffled"}, "Every iteration takes the points in a new order"),
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


def test_it_says_after_how_many_iterations_the_cost_was_as_good_as_the_best(
    train: Callable[..., Run],
) -> None:
    run = train()
    best, cost = optimum(run.sample()), list(run.steps()["cost"])
    first = next(k for k in range(100) if cost[k] <= 1.01 * best.cost)
    said = when_it_was_done(read_history(run, run.sample()).table, best)
    assert f"the best possible cost after {first + 1} iterations (model_iter-{first}): press play" in said


@pytest.mark.parametrize(
    "settings",
    [
        {"batch": 0, "learning_rate": 0.03},  # it comes down slowly
        {"learning_rate": 0.0001, "iterations": 5},  # it ends before
    ],
)
def test_it_says_when_the_fall_was_late_or_never_came_that_far(
    settings: dict[str, object], train: Callable[..., Run]
) -> None:
    run = train(**settings)
    best, cost = optimum(run.sample()), list(run.steps()["cost"])
    close = [k for k, each in enumerate(cost) if each <= 1.01 * best.cost]
    assert bool(close) == (settings.get("batch") == 0)
    said = when_it_was_done(read_history(run, run.sample()).table, best)
    assert said == (
        f"Within 1 % of the best possible cost after {close[0] + 1} iterations (model_iter-{close[0]})."
        if close
        else "No iteration came within 1 % of the best possible cost."
    )
    assert "press play" not in said


def test_it_says_nothing_of_a_fall_that_nobody_can_see_any_more(train: Callable[..., Run]) -> None:
    run = train(max_to_keep=5)
    assert when_it_was_done(read_history(run, run.sample()).table, optimum(run.sample())) == ""
