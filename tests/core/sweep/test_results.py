"""What a sweep has found is what its checkpoints hold, and the sentence on it is true."""

import csv
import io
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core import data
from core.history.history import read_history
from core.history.outcome import Outcome, outcome_of_run
from core.json_records import RecordError
from core.run.manifest import DIVERGED, FAILED, FINISHED, PAUSED, QUEUED
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Record, Sweep, Sweeps
from core.sweep.grid import Axis, Grid
from core.sweep.results import (
    GONE,
    CellResult,
    Results,
    conclusion,
    read_results,
    results_csv,
    steps_of,
)
from tests.conftest import train_all

SMALL = DataSettings(samples=31, seed=3)


def trained(runs: Runs, *axes: Axis, iterations: int = 6) -> Sweep:
    sweep = Sweeps(runs).create(Grid(axes, SMALL, TrainSettings(iterations=iterations)))
    train_all(sweep)
    return sweep


def test_the_results_are_those_of_the_checkpoints(empty_runs: Runs) -> None:
    sweep = trained(empty_runs, Axis("learning_rate", (0.001, 0.02)), Axis("noise", (0.0, 1.0)))
    results = read_results(sweep)
    assert list(results.steps) == list(range(6))
    for found, (cell, run) in zip(results.cells, sweep.cells(), strict=True):
        table = read_history(run, run.sample()).table.iloc[:-1]
        assert found.h.tobytes() == table["h"].to_numpy(np.float32).tobytes()
        assert found.v.tobytes() == table["v"].to_numpy(np.float32).tobytes()
        assert found.cost == pytest.approx(table["cost"].to_numpy(), rel=1e-6)
        assert (found.done, found.status, found.cell) == (6, FINISHED, cell)
        assert found.final is not None
        assert found.distance == pytest.approx(np.hypot(found.final[0] - 1, found.final[1] + 2))
        best = data.optimum(run.sample())
        within = [n for n, cost in enumerate(table["cost"]) if cost <= 1.01 * best.cost + 1e-12]
        assert found.reached == (within[0] if within else None)


def test_a_cell_that_has_not_begun_diverged_or_is_gone_says_so(empty_runs: Runs) -> None:
    sweep = Sweeps(empty_runs).create(
        Grid((Axis("learning_rate", (0.001, 9.0, 0.002)),), SMALL, TrainSettings(iterations=3))
    )
    before = read_results(sweep)
    assert [cell.status for cell in before.cells] == [QUEUED] * 3
    assert conclusion(before) == ""
    train_all(sweep)
    empty_runs.delete(before.cells[2].run)
    results = read_results(sweep, known=before)
    assert [cell.status for cell in results.cells] == [FINISHED, DIVERGED, "deleted"]
    assert "learning rate 9 is too high" in results.cells[1].note
    assert results.cells[1].final is None
    assert np.isnan(results.cells[1].cost).all()


def test_a_run_that_runs_away_is_read_to_its_end(empty_runs: Runs) -> None:
    results = read_results(
        trained(empty_runs, Axis("learning_rate", (0.05, 0.06, 0.07, 0.08)), iterations=20)
    )
    away = [cell for cell in results.cells if cell.status == DIVERGED]
    assert away
    for cell in away:
        assert np.isfinite(cell.h[: cell.done]).all()
        assert cell.final is None


def test_a_log_that_has_not_changed_is_not_read_again(empty_runs: Runs) -> None:
    sweep = trained(empty_runs, Axis("seed", (1, 2)))
    first = read_results(sweep)
    second = read_results(sweep, known=first)
    assert all(a is b for a, b in zip(first.cells, second.cells, strict=True))


@pytest.mark.parametrize("iterations", [1, 2, 399, 400, 401, 20_000])
def test_of_long_runs_some_iterations_are_looked_at(iterations: int) -> None:
    steps = steps_of(iterations)
    assert (steps[0], steps[-1]) == (0, iterations - 1)
    assert len(steps) == min(iterations, 400)
    assert (np.diff(steps) > 0).all()


def test_a_long_run_is_read_at_these_iterations(empty_runs: Runs) -> None:
    results = read_results(trained(empty_runs, Axis("seed", (1,)), iterations=450))
    (found,) = results.cells
    steps = empty_runs.open(found.run).steps()
    assert found.h.tobytes() == steps["h"].to_numpy()[results.steps].tobytes()
    assert found.done == 450


ENDS = {
    DIVERGED: Outcome("diverges", "diverges", ""),
    FINISHED: Outcome("beside", "beside it", ""),
    "grows": Outcome("diverges", "diverges", ""),
    "swings": Outcome("oscillates", "oscillates", ""),
}


def told(grid: Grid, cells: dict[Any, tuple[str, int | None]]) -> str:
    """The conclusion from how cells ended: values to status (or how it ended) and iteration within 1%."""
    made = []
    for cell in grid.cells():
        end, reached = cells[cell.values]
        status = end if end in (DIVERGED, GONE, QUEUED, PAUSED, FAILED) else FINISHED
        values = np.array([1.5], np.float32)
        best = data.Optimum(1.0, -2.0, 1.2, 0.012)
        known = values, values, values, best, (1.0, -2.0), reached, ENDS.get(end), (1.5, 1.5, 1.5)
        made.append(CellResult(cell, "", status, "", 1, *known))
    record = Record("0" * 16, 0.0, grid, ("",) * grid.size)
    return conclusion(Results(record, np.array([0], np.int32), tuple(made), {}))


RATES = Axis("learning_rate", (0.001, 0.01, 0.1))


def test_the_sentence_names_the_fastest_and_where_it_diverges() -> None:
    grid = Grid((RATES,), SMALL)
    ends = {(0.001,): (FINISHED, 40), (0.01,): (FINISHED, 3), (0.1,): (DIVERGED, None)}
    assert told(grid, ends) == (
        "Fastest without diverging: learning rate 0.01, within 1% of the best possible cost after "
        "4 iterations. Diverges at 0.1 and above. Stable up to 0.01."
    )
    ends[(0.1,)] = ("grows", 2)
    assert told(grid, ends).endswith("4 iterations. Diverges at 0.1 and above. Stable up to 0.01.")
    ends[(0.01,)] = ("swings", None)
    assert told(grid, ends).endswith("Diverges at 0.1 and above. Stable up to 0.001.")
    ends[(0.01,)] = (FINISHED, 3)
    ends[(0.1,)] = (FINISHED, 3)
    assert "learning rate 0.01 (1 other just as fast)" in told(grid, ends)
    assert told(grid, ends).endswith("No run diverges.")
    ends |= {(0.01,): (FINISHED, None), (0.1,): (FINISHED, None)}
    assert told(grid, ends).startswith(
        "Only learning rate 0.001 came within 1% of the best possible cost, after 41 iterations."
    )
    ends = {(0.001,): (DIVERGED, None), (0.01,): (FINISHED, None), (0.1,): (FINISHED, None)}
    assert told(grid, ends).endswith("Diverges at 0.001, not at the highest learning rate.")
    for unknown in (QUEUED, PAUSED, FAILED):
        assert told(grid, {**ends, (0.1,): (unknown, None)}).endswith("Diverges at 0.001.")
    between: dict[Any, tuple[str, int | None]] = {
        (0.001,): (DIVERGED, None),
        (0.01,): (FINISHED, None),
        (0.1,): (DIVERGED, None),
    }
    assert told(grid, between).endswith("Diverges at 0.1 and above.")
    between[(0.01,)] = (GONE, None)
    assert told(grid, between).endswith("Diverges at 0.001 and above.")
    assert "No run came within 1%" in told(grid, ends)


def test_the_sentence_tells_the_edge_for_each_value_of_the_other_axis() -> None:
    grid = Grid((RATES, Axis("optimizer", ("gradient descent", "Momentum", "Adam"))), SMALL)
    ends: dict[Any, tuple[str, int | None]] = {cell.values: (FINISHED, 9) for cell in grid.cells()}
    for values in ((0.1, "gradient descent"), (0.1, "Momentum"), (0.01, "Momentum")):
        ends[values] = (DIVERGED, None)
    assert told(grid, ends).endswith(
        "Diverges: Momentum at 0.01 and above; gradient descent at 0.1 and above; Adam never. "
        "Stable up to 0.001."
    )
    for unknown in (QUEUED, PAUSED, FAILED):
        ends[(0.001, "Adam")] = (unknown, None)
        assert told(grid, ends).endswith("gradient descent at 0.1 and above."), "not all is known of Adam"
    other = Grid((Axis("noise", (0.1, 9.0)),), SMALL)
    assert told(other, {(0.1,): (FINISHED, 2), (9.0,): (DIVERGED, None)}).endswith("1 run of 2 diverges.")


def test_the_csv_has_a_row_a_cell_that_brings_every_bit_back(empty_runs: Runs) -> None:
    sweep = trained(empty_runs, Axis("learning_rate", (0.001, 9.0)), Axis("order", ("in order", "shuffled")))
    results = read_results(sweep)
    rows = list(csv.DictReader(io.StringIO(results_csv(results))))
    assert [row["run"] for row in rows] == list(sweep.record().runs)
    for row, cell in zip(rows, results.cells, strict=True):
        assert (float(row["learning_rate"]), row["order"]) == cell.cell.values
        assert row["status"] == cell.status
        run = empty_runs.open(cell.run)
        outcome = outcome_of_run(run, run.sample())
        assert row["outcome"] == (outcome.kind if outcome else "")
        if cell.final:
            assert tuple(float(np.float32(row[name])) for name in ("h", "v", "cost")) == cell.final
            assert cell.final[2] == float(np.float32(run.steps()["cost"].iloc[-1]))
            assert float(row["best_cost"]) == cell.best.cost
        else:
            assert row["h"] == row["cost"] == row["distance"] == ""


def test_cells_without_a_truth_have_no_distance(empty_runs: Runs) -> None:
    found = read_results(trained(empty_runs, Axis("seed", (1,)))).cells[0]
    assert replace(found, truth=None).distance is None


def test_seeds_of_one_setting_count_by_their_median() -> None:
    grid = Grid((RATES, Axis("seed", (1, 2, 3))), SMALL)
    ends: dict[Any, tuple[str, int | None]] = {}
    for seed, reached in ((1, 4), (2, 30), (3, 5)):
        ends[(0.001, seed)] = FINISHED, 8
        ends[(0.01, seed)] = FINISHED, reached
        ends[(0.1, seed)] = (DIVERGED, None) if seed == 2 else (FINISHED, 2)
    assert told(grid, ends) == (
        "Fastest without diverging: learning rate 0.01, within 1% of the best possible cost after "
        "6 iterations (median of 3 seeds). Diverges at 0.1 and above with some or all seeds. "
        "Stable up to 0.01."
    )


def test_of_runs_too_short_to_be_judged_neither_stability_nor_divergence_is_said(empty_runs: Runs) -> None:
    rates = Axis("learning_rate", (0.05, 0.1, 0.15))
    grid = Grid((rates,), DataSettings(), TrainSettings(iterations=5, batch=0))
    sweep = Sweeps(empty_runs).create(grid)
    train_all(sweep)
    words = conclusion(read_results(sweep))
    assert "table" not in words
    assert "No run diverges" not in words


def test_points_without_noise_come_within_one_per_cent_in_table_and_words(empty_runs: Runs) -> None:
    grid = Grid(
        (Axis("learning_rate", (0.003, 0.01)),), replace(SMALL, noise=0), TrainSettings(iterations=300)
    )
    sweep = Sweeps(empty_runs).create(grid)
    train_all(sweep)
    results = read_results(sweep)
    assert all(cell.reached is not None for cell in results.cells)
    assert "No run came within" not in conclusion(results)


def test_a_record_with_more_runs_than_any_sweep_has_is_refused_at_once() -> None:
    many = [i / 1e6 for i in range(1, 501)]
    axes = [{"name": "learning_rate", "values": many}, {"name": "noise", "values": many}]
    grid = Grid((Axis("learning_rate", (0.1,)),), SMALL).to_json()
    record = {"format": 2, "id": "a", "created": 1.0, "owner": "", "runs": [], **grid}
    with pytest.raises(RecordError, match="500 × 500 are 250,000 runs; at most 1,000"):
        Record.from_json(record | {"axes": axes})
    axes = [{"name": "learning_rate", "values": [i / 1e6 for i in range(1, 100_001)]}]
    began = time.process_time()
    with pytest.raises(RecordError, match="length <= 1000"):
        Record.from_json(record | {"axes": axes})
    assert time.process_time() - began < 1, "each value was looked at"
