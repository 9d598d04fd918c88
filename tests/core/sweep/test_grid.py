"""What a sweep can vary, how large it may be, and what it is going to take."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.json_records import RecordError, as_record
from core.settings import DataSettings, TrainSettings
from core.sweep.estimate import Rates, estimate
from core.sweep.grid import AXES, MOST, Axis, Grid, SweepError, describe, spread

RECIPE = DataSettings()


def test_cells_lie_row_by_row_and_differ_in_their_axes_alone() -> None:
    grid = Grid((Axis("learning_rate", (0.001, 0.01, 0.1)), Axis("seed", (4, 5))), RECIPE)
    cells = grid.cells()
    assert (grid.columns, grid.rows, grid.size) == (3, 2, 6)
    assert [cell.place for cell in cells] == list(range(6))
    assert [cell.values for cell in cells[:4]] == [(0.001, 4), (0.01, 4), (0.1, 4), (0.001, 5)]
    assert cells[4].train == TrainSettings(learning_rate=0.01)
    assert cells[4].data == DataSettings(seed=5)
    assert describe(grid) == "learning rate × seed, 3 × 2"


@pytest.mark.parametrize("name", AXES)
def test_every_axis_changes_its_own_setting(name: str) -> None:
    values = {"optimizer": ("Adam", "Momentum"), "order": ("in order", "shuffled")}.get(name, (0.5, 0.25))
    if name in ("batch", "samples", "seed"):
        values = (7, 8)
    train = TrainSettings(optimizer="Momentum")
    cells = Grid((Axis(name, values),), RECIPE, train).cells()
    records = [cell.data if AXES[name] == "data" else cell.train for cell in cells]
    assert [getattr(record, name) for record in records] == list(values)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Axis("iterations", (1, 2)), "cannot vary 'iterations'"),
        (lambda: Axis("learning_rate", ()), "Learning rate has no values"),
        (lambda: Axis("learning_rate", (0.1, 0.1)), "takes 0.1 twice"),
        (lambda: Axis("learning_rate", (0.1, 11.0)), "Learning rate is 11.0; it must be from 1e-08 to 10"),
        (lambda: Axis("optimizer", ("Adam", "Adamax")), "it must be one of"),
        (lambda: Grid((), RECIPE), "one or two axes"),
        (lambda: Grid((Axis("seed", (1,)), Axis("seed", (2,))), RECIPE), "Both axes are Seed"),
        (lambda: Grid((Axis("momentum", (0.1, 0.2)),), RECIPE), "so every run would be the same"),
        (lambda: Grid((Axis("noise", (0.1, 0.2)),)), "varies the training only"),
        (lambda: spread("order", 0, 1, 3), "chosen from words"),
        (lambda: spread("learning_rate", 1, 0.1, 3), "from must be smaller than to"),
        (lambda: spread("h", -1, 1, 3, logarithmic=True), "from must be above 0"),
    ],
)
def test_what_makes_no_sweep_is_told_in_one_sentence(make: object, words: str) -> None:
    with pytest.raises(SweepError, match=words):
        make()  # type: ignore[operator]


def test_more_than_a_hundred_cells_ask_for_a_cluster() -> None:
    grid = Grid((Axis("seed", tuple(range(51))), Axis("h", (1.0, 2.0))), RECIPE)
    with pytest.raises(
        SweepError, match=f"51 × 2 are 102 runs; at most {MOST} .*CHECKPOINT_EXPLORER_SCHEDULER"
    ):
        grid.check_size(cluster=False)
    grid.check_size(cluster=True)


@given(st.floats(1e-7, 1, allow_subnormal=False), st.floats(1.5, 9), st.integers(2, 30), st.booleans())
def test_a_row_of_values_rises_from_end_to_end(low: float, factor: float, count: int, log: bool) -> None:
    values = spread("learning_rate", low, low * factor, count, log)
    assert len(values) == count
    assert list(values) == sorted(values, key=float)
    assert values[0] == pytest.approx(low, rel=5e-3)
    assert values[-1] == pytest.approx(low * factor, rel=5e-3)
    exact = np.geomspace(low, low * factor, count) if log else np.linspace(low, low * factor, count)
    assert np.allclose(values, exact, rtol=5.1e-3)
    assert spread("learning_rate", 0.0001, 0.1, 4, True) == (0.0001, 0.001, 0.01, 0.1)


def test_a_row_of_whole_numbers_has_each_once() -> None:
    assert spread("batch", 1, 4, 10) == (1, 2, 3, 4)
    highest = TrainSettings.settings()["momentum"].high
    assert spread("momentum", 0, highest, 3) == (0.0, 0.5, highest)


def test_a_grid_survives_json_and_nonsense_does_not() -> None:
    grid = Grid(
        (Axis("optimizer", ("Adam", "Momentum")), Axis("v", (0.5, 1))), RECIPE, TrainSettings(batch=0)
    )
    assert as_record(Grid, json.loads(json.dumps(grid.to_json()))) == grid
    wrongs: list[dict[str, Any]] = [
        {},
        {"axes": 3, "data": None, "train": {}},
        {**grid.to_json(), "train": {"batch": "all"}},
    ]
    for wrong in wrongs:
        with pytest.raises(RecordError):
            as_record(Grid, wrong)


def test_cells_share_a_graph_when_only_data_order_and_length_differ() -> None:
    seeds = Grid((Axis("seed", (1, 2)), Axis("order", ("in order", "shuffled"))), RECIPE).cells()
    assert len({cell.train.graph for cell in seeds}) == 1
    rates = Grid((Axis("learning_rate", (0.1, 0.2)), Axis("batch", (1, 0))), RECIPE).cells()
    assert len({cell.train.graph for cell in rates}) == 4


def test_the_estimate_adds_up_updates_and_checkpoints() -> None:
    rates = Rates(run=0.2, update=1e-5, checkpoint=1e-3, bytes=10_000, cells=3)
    grid = Grid((Axis("batch", (1, 10, 0)),), DataSettings(samples=100), TrainSettings(iterations=50))
    found = estimate(grid, rates, workers=2)
    assert found.seconds == pytest.approx((3 * 0.2 + 3 * 50 * 1e-3 + 50 * (100 + 10 + 1) * 1e-5) / 2)
    assert found.bytes == pytest.approx(3 * 51 * 10_000)
    assert (found.runs, found.measured) == (3, True)
    assert estimate(grid, rates, workers=8).seconds == pytest.approx(found.seconds * 2 / 3)
    few = Grid(grid.axes, grid.data, TrainSettings(iterations=50, max_to_keep=5))
    assert estimate(few, rates, 2).bytes == pytest.approx(3 * 5 * 10_000)
    own = Grid((Axis("batch", (1, 0)),), None, TrainSettings(iterations=10))
    assert estimate(own, rates, 1, samples=40).seconds == pytest.approx(2 * 0.2 + 20 * 1e-3 + 10 * 41 * 1e-5)
