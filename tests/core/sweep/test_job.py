"""A sweep's cells are the runs that they would be alone, whoever trains them and whatever interrupts it."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import numpy as np
import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from core.checkpoint import META
from core.data import Sample
from core.history.history import read_history
from core.pool.sweep_job import train_sweep
from core.pool.training import train_run
from core.run.manifest import DIVERGED, FAILED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED, Control
from core.run.runs import Run, RunBusy, RunNotFound, Runs
from core.run.step_log import iterations_done
from core.settings import DataSettings, TrainSettings
from core.sweep.estimate import read_rates
from core.sweep.folder import BEGAN, Sweep, SweepNotFound, Sweeps
from core.sweep.grid import Axis, Grid
from tests.conftest import wait_until

SMALL = DataSettings(samples=31, seed=3)
FEW = TrainSettings(iterations=6)
MOMENTUM = TrainSettings("Momentum", iterations=5)


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


def work(directory: str, part: str, folder: str) -> None:
    """What a worker process does, in a working directory of its own."""
    os.chdir(folder)
    sys.exit(train_sweep(directory, part) not in (FINISHED, PAUSED, STOPPED))


# Processes that are born with TensorFlow loaded, from one that has never used it.
WORKERS = multiprocessing.get_context("forkserver")
WORKERS.set_forkserver_preload(["core.tf.sweeping", "core.pool.sweep_job"])


def process(sweep: Sweep, part: str, folder: Path | None = None) -> ForkServerProcess:
    arguments = (str(sweep.directory), part, str(folder or sweep.directory))
    started = WORKERS.Process(target=work, args=arguments)
    started.start()
    return started


def ended(part: ForkServerProcess) -> bool:
    """Whether a worker has done all that it could."""
    part.join(120)
    return part.exitcode == 0


@pytest.mark.parametrize(
    ("axes", "train"),
    [
        ((Axis("learning_rate", (0.001, 0.01)), Axis("seed", (1, 2))), FEW),
        ((Axis("optimizer", ("Adam", "Momentum", "gradient descent")), Axis("batch", (1, 8, 0))), FEW),
        ((Axis("momentum", (0.5, 0.9)), Axis("order", ("in order", "shuffled"))), MOMENTUM),
        ((Axis("noise", (0.0, 2.0)), Axis("samples", (9, 31))), TrainSettings(iterations=9, max_to_keep=3)),
        ((Axis("h", (-1.0, 2.0)), Axis("v", (0.0, 3.0))), TrainSettings("Adam", 0.05, iterations=4)),
        ((Axis("learning_rate", (0.05, 0.5, 9.0)),), FEW),
    ],
    ids=lambda value: " × ".join(axis.name for axis in value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_every_cell_is_byte_for_byte_its_own_single_run(
    axes: tuple[Axis, ...], train: TrainSettings, empty_runs: Runs
) -> None:
    sweep = made(empty_runs, *axes, train=train)
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert sweep.record().status == FINISHED
    for run in runs_of(sweep):
        assert_same_files(run, alone(run))
        assert run.manifest().sweep == sweep.id
        assert run.manifest().owner == "me"
        assert run.manifest().bytes > 0


def test_a_cell_that_diverges_says_so_and_the_others_go_on(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("learning_rate", (0.001, 9.0, 0.002)))
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert statuses(sweep) == [FINISHED, DIVERGED, FINISHED]
    assert "learning rate 9 is too high" in runs_of(sweep)[1].manifest().note
    assert sweep.told()[runs_of(sweep)[1].id].status == DIVERGED


def test_a_cell_whose_points_are_damaged_says_so_and_the_others_go_on(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2, 3)))
    damaged = runs_of(sweep)[1]
    (damaged.directory / "data.csv").write_text("x,y\n0,0\n1,1\n")
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert statuses(sweep) == [FINISHED, FAILED, FINISHED]
    assert "data.csv is not the file that it trained on" in damaged.manifest().note
    assert sweep.record().status == FINISHED


def test_own_points_can_be_swept_over(empty_runs: Runs) -> None:
    x = np.linspace(-1, 2, 20, dtype=np.float32)
    points = Sample(x, x**2)
    sweep = Sweeps(empty_runs).create(Grid((Axis("batch", (1, 0)),), None, FEW), points)
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert all(run.sample().y.tobytes() == points.y.tobytes() for run in runs_of(sweep))


@pytest.mark.parametrize("machines", [("ab",), ("ab", "cd")], ids=["one machine", "two machines"])
def test_several_parts_train_every_cell_once(
    machines: tuple[str, ...], empty_runs: Runs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sweep = made(empty_runs, Axis("learning_rate", (0.001, 0.002, 0.003)), Axis("seed", (1, 2, 3, 4)))
    folders = [(tmp_path_factory.mktemp("machine"), parts) for parts in machines]
    parts = [process(sweep, part, folder) for folder, names in folders for part in names]
    assert all(ended(part) for part in parts)
    assert statuses(sweep) == [FINISHED] * 12
    began = [line for line in (sweep.directory / "cells.csv").read_text().splitlines() if BEGAN in line]
    assert len(began) == 12
    assert sweep.record().status == FINISHED
    assert all(not any(folder.iterdir()) for folder, _ in folders)
    for run in runs_of(sweep)[::5]:
        assert_same_files(run, alone(run))


def test_ten_kills_lose_nothing(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", tuple(range(40))), train=TrainSettings(iterations=120))
    chance = random.Random(5)
    parts = {name: process(sweep, name) for name in "ab"}

    def done() -> int:
        """Iterations of all cells."""
        return sum(iterations_done(run.steps_file) for run in runs_of(sweep))

    for kill in range(10):
        name = "ab"[kill % 2]
        goal = done() + chance.randrange(1, 150)
        wait_until(lambda goal=goal: done() >= goal, 120)  # type: ignore[misc]
        assert parts[name].is_alive()
        parts[name].kill()
        parts[name].join()
        parts[name] = process(sweep, name)
    assert all(ended(part) for part in parts.values())
    if FAILED in statuses(sweep):  # two kills in a row can meet one cell before it has gone on
        sweep.again()
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert statuses(sweep) == [FINISHED] * 40
    for run in runs_of(sweep):
        history = read_history(run, run.sample())
        assert not history.lost
        assert len(history.steps) == 121
        assert list(run.steps()["iteration"]) == list(range(120))
    for run in runs_of(sweep)[::9]:
        single = alone(run)
        for path in single.checkpoints.glob("*[0-9x]"):
            assert (run.checkpoints / path.name).read_bytes() == path.read_bytes()


def test_a_cell_whose_worker_dies_is_tried_once_more_and_then_fails_in_its_place(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    first, _ = runs_of(sweep)
    first.update(status=RUNNING)
    sweep.note(BEGAN, first.id, "a", "0")  # and the worker died
    again = made(empty_runs, Axis("seed", (1, 2)))
    second, _ = runs_of(again)
    for part in "ab":
        again.note(BEGAN, second.id, part, "0")
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert statuses(sweep) == [FINISHED, FINISHED]
    assert train_sweep(str(again.directory), "a") == FINISHED
    assert statuses(again) == [FAILED, FINISHED]
    assert "died 2 times before iteration 0 was saved" in second.manifest().note
    again.again()
    assert again.record().status == QUEUED
    assert train_sweep(str(again.directory), "a") == FINISHED
    assert statuses(again) == [FINISHED, FINISHED]


def test_an_interrupted_cell_goes_on_from_its_checkpoints(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)), train=TrainSettings(iterations=2000))
    part = process(sweep, "a")
    first = runs_of(sweep)[0]
    wait_until(lambda: len(first.steps()) > 20)
    part.kill()
    part.join()
    assert first.manifest().status == RUNNING
    before = (first.checkpoints / "model_iter-3.index").stat().st_mtime_ns
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert (first.checkpoints / "model_iter-3.index").stat().st_mtime_ns == before
    assert list(first.steps()["iteration"]) == list(range(2000))


@pytest.mark.parametrize(("wish", "status"), [("pause", PAUSED), ("stop", STOPPED)])
def test_pause_and_stop_are_felt_within_a_cell_and_it_goes_on_to_the_same_bits(
    wish: str, status: str, empty_runs: Runs
) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)), train=TrainSettings(iterations=400))
    part = process(sweep, "a")
    first = runs_of(sweep)[0]
    wait_until(lambda: len(first.steps()) > 3)
    sweep.steer(Control(wish))
    assert ended(part)
    assert sweep.record().status == status
    assert statuses(sweep)[1] == QUEUED
    assert train_sweep(str(sweep.directory), "a") == status  # still wanted so
    sweep.again()
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert statuses(sweep) == [FINISHED, FINISHED]
    single = alone(first)
    for path in single.checkpoints.glob("model_*"):
        if not path.name.endswith(".meta"):
            assert (first.checkpoints / path.name).read_bytes() == path.read_bytes()


def test_a_part_gives_its_worker_back_when_somebody_waits(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    (sweep.directory / "yield-a").touch()
    assert train_sweep(str(sweep.directory), "a") == QUEUED
    assert statuses(sweep) == [QUEUED, QUEUED]
    (sweep.directory / "yield-b").touch()
    assert train_sweep(str(sweep.directory), "a") == FINISHED  # only the part that was asked


def test_a_page_that_looks_whether_a_run_trains_keeps_no_cell_from_being_trained(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    looking = runs_of(sweep)[0].exclusive()
    looking.__enter__()
    part = process(sweep, "a")
    wait_until(lambda: statuses(sweep)[1] == FINISHED)
    assert part.is_alive()
    looking.__exit__(None, None, None)
    assert ended(part)
    assert statuses(sweep) == [FINISHED, FINISHED]


def test_a_deleted_cell_is_left_out(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    empty_runs.delete(runs_of(sweep)[0].id)
    assert train_sweep(str(sweep.directory), "a") == FINISHED
    assert sweep.record().status == FINISHED
    with pytest.raises(RunNotFound):
        runs_of(sweep)[0].manifest()


def test_a_sweep_measures_how_fast_this_server_is(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    train_sweep(str(sweep.directory), "a")
    rates = read_rates(Sweeps(empty_runs).root)
    assert rates.cells == 2
    spent = sum(run.manifest().seconds for run in runs_of(sweep))
    assert 12 * (rates.checkpoint + 31 * rates.update) == pytest.approx(spent, rel=1e-6)
    assert rates.bytes * 14 == pytest.approx(sum(run.manifest().bytes for run in runs_of(sweep)))


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


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99}', '{"format": 1, "axes": []}'])
def test_a_record_that_cannot_be_understood_says_so(content: str, empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    (sweep.directory / "sweep.json").write_text(content)
    with pytest.raises(SweepNotFound, match="cannot be understood"):
        sweep.record()
    assert Sweeps(empty_runs).records() == []


def test_a_torn_log_costs_its_torn_lines_alone(empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("seed", (1, 2)))
    first, second = runs_of(sweep)
    sweep.note(BEGAN, first.id, "a", "0")
    with (sweep.directory / "cells.csv").open("ab") as log:
        log.write(b"\xff\nbegan,zzz\nended,")
    assert sweep.told()[first.id].status == RUNNING
    assert second.id not in sweep.told()
