"""Runs and a sweep that earlier versions wrote are opened, read, resumed and compared by today's code."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.history.history import read_history
from core.history.html_file import of_run
from core.pool import jobs
from core.pool.training import train_run
from core.run.manifest import FORMAT, Control
from core.run.runs import CHECKPOINTS, Run, RunNotFound, Runs
from core.sweep.folder import Sweep, Sweeps
from core.sweep.results import read_results, results_csv
from tests.conftest import train_all

GOLDEN = Path(__file__).parent / "golden" / "1.0"
FINISHED, STOPPED = "36cd1c5bac12bcb3", "f537388438478e08"


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """A copy of the golden runs, to write in."""
    for run_id in (FINISHED, STOPPED):
        shutil.copytree(GOLDEN / run_id, tmp_path / run_id)
    return Runs(tmp_path)


def history(run: Run) -> list[tuple[str, bytes, bytes, float]]:
    """Each checkpoint's name, the four bytes of h and of v, and the cost."""
    table = read_history(run, run.sample()).table
    return [
        (str(name), np.float32(h).tobytes(), np.float32(v).tobytes(), float(cost))
        for name, h, v, cost in zip(table["name"], table["h"], table["v"], table["cost"], strict=True)
    ]


def as_version_1_read_it() -> list[tuple[str, bytes, bytes, float]]:
    with (GOLDEN / "history.csv").open() as file:
        return [
            (row["name"], bytes.fromhex(row["h"]), bytes.fromhex(row["v"]), float.fromhex(row["cost"]))
            for row in csv.DictReader(file)
        ]


def test_both_runs_are_listed_and_open(runs: Runs) -> None:
    assert {manifest.id for manifest in runs.manifests()} == {FINISHED, STOPPED}
    finished, stopped = runs.open(FINISHED), runs.open(STOPPED)
    assert (finished.manifest().status, stopped.manifest().status) == ("finished", "stopped")
    assert finished.manifest().train.optimizer == "Momentum"
    assert len(finished.sample()) == 21
    assert stopped.steps()["iteration"].tolist() == [0, 1, 2]


def test_the_history_is_the_one_that_version_1_read_bit_for_bit(runs: Runs) -> None:
    expected = as_version_1_read_it()
    assert len(expected) == 7
    assert history(runs.open(FINISHED)) == expected
    assert history(runs.open(STOPPED)) == expected[:3]


def test_the_stopped_run_goes_on_and_ends_as_the_finished_one_did(runs: Runs) -> None:
    run = runs.open(STOPPED)
    run.steer(Control())
    assert train_run(str(run.directory)) == "finished"
    assert history(run) == as_version_1_read_it()
    assert json.loads((run.directory / "run.json").read_text())["format"] == FORMAT
    run.verify("model_iter-0")  # written by version 1.0
    run.verify("model_final")  # written now


def test_a_checkpoint_of_version_1_is_restored_and_compared(runs: Runs) -> None:
    run = runs.open(FINISHED)
    name, h, v, _ = as_version_1_read_it()[3]
    assert name == "model_iter-3"
    found = jobs.compare(str(run.directory), name)
    for side in (found.saver, found.saved_model):
        assert [np.float32(value).tobytes() for value in side.values.values()] == [h, v]
    assert found.saver.prediction == found.saved_model.prediction


def test_the_run_of_a_later_version_is_refused_in_one_sentence(runs: Runs) -> None:
    run = runs.open(FINISHED)
    values = json.loads((run.directory / "run.json").read_text())
    (run.directory / "run.json").write_text(json.dumps({**values, "format": FORMAT + 1}))
    with pytest.raises(RunNotFound) as caught:
        run.manifest()
    assert f"its format is {FORMAT + 1}; this version knows formats up to {FORMAT}" in str(caught.value)
    assert "Its checkpoints are still in its folder" in str(caught.value)
    assert [manifest.id for manifest in runs.manifests()] == [STOPPED]


SWEEP = GOLDEN.parent / "sweep"


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    """A copy of the golden sweep, with the empty folders that git does not keep."""
    shutil.copytree(SWEEP, tmp_path / "runs")
    opened = Sweeps(Runs(tmp_path / "runs")).open("6ebdd9bfa85f22e8")
    for run in opened.record().runs:
        (opened.runs.root / run / CHECKPOINTS).mkdir(exist_ok=True)
    return opened


def test_a_sweep_with_a_log_of_its_cells_says_what_that_version_said(sweep: Sweep) -> None:
    then = list(csv.DictReader((SWEEP / "results.csv").read_text().splitlines()))
    now = list(csv.DictReader(results_csv(read_results(sweep)).splitlines()))
    assert len(then) == 4
    assert [{name: row[name] for name in then[0]} for row in now] == then


def test_that_sweep_goes_on_with_the_cells_that_were_missing(sweep: Sweep) -> None:
    before = {path: path.read_bytes() for path in sweep.runs.root.rglob("model_*")}
    train_all(sweep)
    results = read_results(sweep)
    assert [cell.status for cell in results.cells] == ["finished", "diverged", "finished", "finished"]
    assert [cell.done for cell in results.cells] == [2, 0, 2, 2]
    assert {path: path.read_bytes() for path in before} == before


def test_a_run_of_version_1_that_was_compared_keeps_its_record_and_goes_on(runs: Runs) -> None:
    finished, stopped = runs.open(FINISHED), runs.open(STOPPED)
    for run, name in ((finished, "model_iter-3"), (stopped, "model_iter-1")):
        for _ in range(2):
            assert jobs.compare(str(run.directory), name).same_values
        run.verify("model_iter-0")
    stopped.steer(Control())
    assert train_run(str(stopped.directory)) == "finished"
    assert history(stopped) == as_version_1_read_it()


def test_a_run_without_a_record_is_written_as_one_html_file(runs: Runs) -> None:
    assert b"SHA-256 of the record" not in of_run(runs.open(FINISHED)).encode()
