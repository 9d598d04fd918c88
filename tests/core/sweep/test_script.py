"""The script of a sweep repeats every one of its runs byte for byte, far from the project."""

from pathlib import Path

import pytest

from core.run.runs import RunNotFound, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid
from core.sweep.script import script_of_sweep
from tests.conftest import train_all
from tests.core.training.test_script import assert_same_checkpoints, own_points
from tests.elsewhere import execute

SMALL = DataSettings(samples=31, seed=3)

CASES = {
    "rate, one of which diverges, and seed": Grid(
        (Axis("learning_rate", (0.001, 9.0)), Axis("seed", (1, 2))), SMALL, TrainSettings(iterations=4)
    ),
    "optimizer and batch": Grid(
        (Axis("optimizer", ("Adam", "Momentum", "gradient descent")), Axis("batch", (1, 7, 0))),
        SMALL,
        TrainSettings(iterations=3),
    ),
    "order and samples": Grid(
        (Axis("order", ("in order", "shuffled")), Axis("samples", (9, 31))),
        SMALL,
        TrainSettings("Momentum", iterations=3),
    ),
    "h and v, shuffled": Grid(
        (Axis("h", (-1.0, 2.0)), Axis("v", (0.0, 3.0))), SMALL, TrainSettings(order="shuffled", iterations=3)
    ),
    "noise": Grid((Axis("noise", (0.0, 2.0)),), SMALL, TrainSettings(iterations=4, max_to_keep=2)),
    "momentum over own points, shuffled": Grid(
        (Axis("momentum", (0.1, 0.9)),), None, TrainSettings("Momentum", order="shuffled", iterations=3)
    ),
}


def trained(grid: Grid, runs: Runs) -> Sweep:
    sweep = Sweeps(runs).create(grid, own_points() if grid.data is None else None)
    train_all(sweep)
    return sweep


@pytest.mark.parametrize("case", CASES)
def test_the_script_repeats_every_run_byte_for_byte(case: str, empty_runs: Runs, tmp_path: Path) -> None:
    sweep = trained(CASES[case], empty_runs)
    script = script_of_sweep(sweep)
    assert "«" not in script
    assert max(map(len, script.splitlines())) <= 120
    printed = execute(script, tmp_path / "elsewhere")
    assert printed.count("the same bits in ") == CASES[case].size
    for _, run in sweep.cells():
        if any(run.checkpoints.iterdir()):
            assert_same_checkpoints(run, tmp_path / "elsewhere" / run.id / "checkpoints")


def test_a_deleted_cell_is_left_out(empty_runs: Runs) -> None:
    sweep = trained(CASES["noise"], empty_runs)
    first, second = (run for _, run in sweep.cells())
    empty_runs.delete(first.id)
    assert first.id not in script_of_sweep(sweep)
    assert second.id in script_of_sweep(sweep)
    empty_runs.delete(second.id)
    with pytest.raises(RunNotFound, match="nothing to repeat"):
        script_of_sweep(sweep)


def test_what_the_clock_decides_is_not_compared(empty_runs: Runs) -> None:
    clock = TrainSettings(iterations=8, max_to_keep=2, keep_checkpoint_every_n_hours=1e-5)
    sweep = Sweeps(empty_runs).create(Grid((Axis("seed", (1, 2)),), SMALL, clock))
    train_all(sweep)
    script = script_of_sweep(sweep)
    assert script.count('""),') == 2
    assert "files, not compared" in script
