"""Where a training comes to rest: what is said is what NumPy finds."""

from collections.abc import Callable

import pytest

from core.data import optimum
from core.history.convergence import where_it_rests
from core.history.history import read_history
from core.run.runs import Run


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "It ends at h = 1.015, v = -1.980, 0.017 from the least-squares optimum, h = 1.007"),
        ({"iterations": 2}, ""),
        ({"iterations": 5}, "from the least-squares optimum"),
        ({"learning_rate": 1e-7, "iterations": 5}, "from the least-squares optimum"),
        ({"optimizer": "Adam", "learning_rate": 0.05}, "It ends at h = 1.036, v = -1.948, 0."),
        ({"optimizer": "Adam", "learning_rate": 1e-6, "batch": 0}, "2.235 from the least-squares optimum"),
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
    if settings.get("learning_rate") == 1e-6:
        assert "does not move" not in found
        assert "to and fro" not in found


def test_a_smaller_rate_ends_nearer_to_the_optimum_as_it_says(train: Callable[..., Run]) -> None:
    costs = [
        train(learning_rate=rate, iterations=iterations).steps()["cost"].iloc[-1]
        for rate, iterations in ((0.001, 100), (0.0003, 300))
    ]
    assert costs[0] > costs[1]
