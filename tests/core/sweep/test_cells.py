"""A sweep's cells are ordinary runs, whoever trains them and whatever interrupts it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from core.checkpoint import META
from core.data import Sample
from core.pool.training import train_run
from core.run.manifest import DIVERGED, FAILED, FINISHED, PAUSED, QUEUED, RUN, RUNNING, STOPPED, Control
from core.run.runs import Run, RunBusy, RunNotFound, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.estimate import Rates, estimate, measured_rates
from core.sweep.folder import Sweep, SweepNotFound, Sweeps
from core.sweep.grid import Axis, Grid
from tests.conftest import train_all

SMALL = DataSettings(samples=31, seed=3)
FEW = TrainSettings(iterations=6)


def made(runs: Runs, *axes: Axis, train: TrainSettings = FEW, data: DataSettings | None = SMALL) -> Sweep:
    return Sweeps(runs).create(Grid(axes, data, train), owner="me")


def runs_of(sweep: Sweep) -> list[Run]:
    return [run for _, run in sweep.cells()]


def statuses(sweep: Sweep) -> list[str]:
    return [run.manifest().status for run in runs_of(sweep)]


def alone(run: Run) -> Run:
    """The same run, trained by itself."""
    manifest = run.manifest()
    single = Runs(run.directory.parent).create(run.sample(), manifest.train, manifest.data)
    train_run(str(single.directory))
    return single


def graph_of(meta: Path) -> tuple[object, ...]:
    """A `.meta` without the numbers that TensorFlow counts on in the names of a process's functions."""
    graph = meta_graph_pb2.MetaGraphDef.FromString(meta.read_bytes())
    saver = graph.saver_def.SerializeToString(deterministic=True)
    nodes = [(node.name, node.op, tuple(node.input)) for node in graph.graph_def.node]
    functions = [
        [(node.name, node.op) for node in function.node_def] for function in graph.graph_def.library.function
    ]
    constants = [
        node.attr["value"].tensor.SerializeToString(deterministic=True)
        for function in graph.graph_def.library.function
        for node in function.node_def
        if node.op == "Const"
    ]
    return nodes, sorted(map(str, functions)), sorted(constants), saver, sorted(graph.collection_def)


def assert_same_files(cell: Run, single: Run) -> None:
    names = {path.name for path in single.checkpoints.iterdir()}
    assert {path.name for path in cell.checkpoints.iterdir()} == names
    for name in names:
        if name.endswith(META):
            assert graph_of(cell.checkpoints / name) == graph_of(single.checkpoints / name)
        else:
            assert (cell.checkpoints / name).read_bytes() == (single.checkpoints / name).read_bytes(), name
    assert {*cell.recorded()} == {*single.recorded()}
    assert all(digest == cell.digests()[path] for path, digest in cell.recorded().items())
    columns = ["iteration", "h", "v", "cost"]
    assert cell.steps()[columns].equals(single.steps()[columns])
    assert cell.manifest().status == single.manifest().status


@pytest.mark.parametrize(
    ("axes", "train"),
    [
        ((Axis("optimizer", ("Adam", "Momentum", "gradient descent")), Axis("batch", (1, 8, 0))), FEW),
        ((Axis("noise", (0.0, 2.0)), Axis("samples", (9, 31))), TrainSettings(iterations=9, max_to_keep=3)),
        ((Axis("learning_rate", (0.05, 0.5, 9.0)),), FEW),
    ],
    ids=lambda value: " × ".join(axis.name for axis in value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_every_cell_is_byte_for_byte_its_own_single_run(
    axes: tuple[Axis, ...], train: TrainSettings, empty_runs: Runs
) -> None:
    sweep = made(empty_runs, *axes, train=train)
    train_all(sweep)
    for run in runs_of(sweep):
        assert_same_files(run, alone(run))
        assert run.manifest().sweep == sweep.id
        assert run.manifest().owner == "me"
        assert run.manifest().bytes > 0


def test_a_cell_that_diverges_says_so_and_the_others_go_on(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("learning_rate", (0.001, 9.0, 0.002)))
    train_all(sweep)
    assert statuses(sweep) == [FINISHED, DIVERGED, FINISHED]
    assert "learning rate 9 is too high" in runs_of(sweep)[1].manifest().note


def test_a_cell_whose_points_are_damaged_says_so_and_the_others_go_on(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2, 3)))
    damaged = runs_of(sweep)[1]
    (damaged.directory / "data.csv").write_text("x,y\n0,0\n1,1\n")
    train_all(sweep)
    assert statuses(sweep) == [FINISHED, FAILED, FINISHED]
    assert "data.csv is not the file that it trained on" in damaged.manifest().note


def test_own_points_can_be_swept_over(empty_runs: Runs) -> None:
    x = np.linspace(-1, 2, 20, dtype=np.float32)
    points = Sample(x, x**2)
    sweep = Sweeps(empty_runs).create(Grid((Axis("batch", (1, 0)),), None, FEW), points)
    train_all(sweep)
    assert all(run.sample().y.tobytes() == points.y.tobytes() for run in runs_of(sweep))


def test_cells_of_one_graph_are_trained_together_and_who_has_some_is_given_the_next(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("learning_rate", (0.001, 0.01)), Axis("seed", (1, 2, 3)))
    rates = [cell.train.learning_rate for cell, _ in sweep.cells()]
    first, second, third, *_ = (run.id for run in sweep.left())
    assert rates == [0.001, 0.01] * 3
    assert [run.manifest().train.learning_rate for run in sweep.left()] == [0.001] * 3 + [0.01] * 3
    assert next(sweep.left({first, second})).id == third
    last = [run.id for run in sweep.left()][-1]
    assert next(sweep.left({last})).id == first, "from the start again, where some were left out"


def test_what_goes_on_is_what_did_not_end_well(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2, 3, 4, 5, 6)))
    then = (FINISHED, FAILED, STOPPED, PAUSED, RUNNING, QUEUED)
    for run, status in zip(runs_of(sweep), then, strict=True):
        run.update(status=status, note="why")
        run.steer(Control("pause"))
    sweep.steer(Control("pause"))
    sweep.again()
    assert sweep.control().wish == RUN
    assert statuses(sweep) == [FINISHED, QUEUED, QUEUED, QUEUED, RUNNING, QUEUED]
    assert [run.control().wish for run in runs_of(sweep)] == ["pause", *[RUN] * 5]
    train_all(sweep)
    assert statuses(sweep) == [FINISHED] * 6


def test_a_deleted_cell_is_left_out(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    empty_runs.delete(runs_of(sweep)[0].id)
    train_all(sweep)
    with pytest.raises(RunNotFound):
        runs_of(sweep)[0].manifest()


def test_a_sweep_measures_how_fast_this_server_is(empty_runs: Runs) -> None:
    assert measured_rates(empty_runs) == Rates()
    sweep = made(empty_runs, Axis("seed", (1, 2)), Axis("batch", (1, 0)))
    train_all(sweep)
    by_itself = empty_runs.create(runs_of(sweep)[0].sample(), FEW, SMALL)
    by_itself.update(status=FINISHED, seconds=1e6)  # it went at a pace, perhaps
    rates = measured_rates(empty_runs)
    found = estimate(sweep.record().grid, rates, workers=1)
    assert rates.cells == 4
    assert found.measured
    assert found.seconds == pytest.approx(sum(run.manifest().seconds for run in runs_of(sweep)))
    assert found.bytes == pytest.approx(sum(run.manifest().bytes for run in runs_of(sweep)))


def test_a_sweep_is_found_listed_and_deleted_with_its_runs(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    other = empty_runs.create(runs_of(sweep)[0].sample(), FEW, SMALL)
    sweeps = Sweeps(empty_runs)
    assert [record.id for record in sweeps.records("me")] == [sweep.id]
    assert sweeps.records("you") == []
    with runs_of(sweep)[1].exclusive(), pytest.raises(RunBusy, match="Stop it first"):
        sweeps.delete(sweep.id)
    assert statuses(sweep) == [QUEUED, QUEUED]
    sweeps.delete(sweep.id)
    assert [manifest.id for manifest in empty_runs.manifests()] == [other.id]
    with pytest.raises(SweepNotFound, match="It was deleted"):
        sweeps.open(sweep.id)


@pytest.mark.parametrize("wrong", ["..", "0123456789abcdef", "x" * 16, ""])
def test_an_id_that_is_none_never_reaches_the_disk(wrong: str, empty_runs: Runs) -> None:
    with pytest.raises(SweepNotFound, match="There is no sweep"):
        Sweeps(empty_runs).open(wrong)


@pytest.mark.parametrize("lacking", ["format", "id", "created", "owner", "axes", "data", "train", "runs"])
def test_a_record_that_lacks_something_is_not_read_as_another(lacking: str, empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    path = sweep.directory / "sweep.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in values.items() if name != lacking}))
    with pytest.raises(SweepNotFound, match=rf"cannot be understood \(.*{lacking}"):
        sweep.record()


@pytest.mark.parametrize("record", ["run.json", "sweep.json"])
def test_a_setting_that_this_version_does_not_know_is_not_lost(record: str, empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    run = next(run for _, run in sweep.cells())
    path = (sweep.directory if record == "sweep.json" else run.directory) / record
    values = json.loads(path.read_text())
    values["train"]["weight_decay"] = 0.1
    path.write_text(json.dumps(values))
    with pytest.raises((SweepNotFound, RunNotFound), match="train has no setting named weight_decay"):
        sweep.record() if record == "sweep.json" else run.update(name="x")
    assert json.loads(path.read_text())["train"]["weight_decay"] == 0.1


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99}', '{"format": 1, "axes": []}', None])
def test_a_record_that_cannot_be_understood_says_so(content: str | None, empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    path = sweep.directory / "sweep.json"
    if content is None:
        content = json.dumps({**json.loads(path.read_text()), "created": 10**400})
    path.write_text(content)
    with pytest.raises(SweepNotFound, match="cannot be understood"):
        sweep.record()
    assert Sweeps(empty_runs).records() == []
