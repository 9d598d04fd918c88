"""Training writes the recipe's numbers and the recipe's files, and keeps them whatever happens."""

from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.bundle import read_values
from core.data import Sample, make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.manifest import Control
from core.run.runs import Run, RunBusy, Runs
from core.settings import DataSettings, TrainSettings
from core.tf import saving, training
from core.tf.model import build, session
from tests.recipe import OPTIMIZERS, run_recipe

v1 = tf.compat.v1
SUFFIXES = (".meta", ".index", ".data-00000-of-00001")


def history_bits(run: Run) -> bytes:
    table = read_history(run, run.sample()).table
    return table[["h", "v"]].to_numpy(np.float32).tobytes()


def test_every_checkpoint_of_the_recipe_equals_its_own_loop_byte_for_byte(
    recipe_run: Run, tmp_path: Path
) -> None:
    """The recipe in its full size; `test_bits.py` has every optimizer and way."""
    sample = make_sample(DataSettings())
    run_recipe(sample.x, sample.y, directory=tmp_path)
    for path in tmp_path.glob("model_*"):
        if path.suffix != ".meta":
            assert (recipe_run.checkpoints / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_fit_comes_close_to_the_truth(recipe_run: Run) -> None:
    last = recipe_run.steps().iloc[-1]
    assert last["h"] == pytest.approx(1.0, abs=0.05)
    assert last["v"] == pytest.approx(-2.0, abs=0.1)


def test_max_to_keep_5_leaves_the_recipes_files(train: Callable[..., Run]) -> None:
    run = train(max_to_keep=5)
    names = [*(f"model_iter-{step}" for step in range(96, 100)), "model_final"]
    expected = {"checkpoint", *(name + suffix for name in names for suffix in SUFFIXES)}
    assert {path.name for path in run.checkpoints.iterdir()} == expected


def test_every_checkpoint_has_its_four_kinds_of_files(recipe_run: Run) -> None:
    names = [*(f"model_iter-{step}" for step in range(100)), "model_final"]
    expected = {"checkpoint", *(name + suffix for name in names for suffix in SUFFIXES)}
    assert {path.name for path in recipe_run.checkpoints.iterdir()} == expected


def test_the_state_file_has_relative_paths_and_survives_a_move(train: Callable[..., Run]) -> None:
    run = train(iterations=3)
    moved = run.directory.parent / "moved"
    run.checkpoints.rename(moved)
    assert tf.train.latest_checkpoint(str(moved)) == str(moved / "model_final")


def test_a_shared_meta_file_equals_the_one_that_saver_writes(empty_runs: Runs, tmp_path: Path) -> None:
    model = build(TrainSettings())
    with session(model.graph) as opened:
        opened.run(model.init)
        run = empty_runs.create(make_sample(DataSettings()), TrainSettings())
        writer = saving.CheckpointWriter(run, model, TrainSettings())
        for step in range(2):
            writer.save(opened, "model_iter", step)
        writer.saver.save(opened, f"{tmp_path}/theirs")
    assert (run.checkpoints / "model_iter-1.meta").read_bytes() == (tmp_path / "theirs.meta").read_bytes()


def test_a_checkpoint_trains_on_with_the_recipes_own_operations(recipe_run: Run) -> None:
    sample = make_sample(DataSettings())
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as opened:
        saver = v1.train.import_meta_graph(str(recipe_run.checkpoints / "model_iter-4.meta"))
        saver.restore(opened, str(recipe_run.checkpoints / "model_iter-4"))
        for x, y in zip(sample.x, sample.y, strict=True):
            opened.run("train", {"X:0": x, "Y:0": y})
        h, v = opened.run(["hor_estimate/Read/ReadVariableOp:0", "ver_estimate/Read/ReadVariableOp:0"])
    values = read_values(recipe_run.checkpoints / "model_iter-5")
    assert (h, v) == (values["hor_estimate"], values["ver_estimate"])


@pytest.mark.parametrize("batch", [0, 7, 50])
def test_batches_follow_the_mean_gradient(batch: int, train: Callable[..., Run]) -> None:
    run = train(batch=batch, iterations=3)
    sample = make_sample(DataSettings())
    x, y = sample.x.astype(float), sample.y.astype(float)
    h = v = 0.0
    for _ in range(3):
        for start in range(0, len(x), batch or len(x)):
            part = slice(start, start + (batch or len(x)))
            residual = (x[part] - h) ** 2 + v - y[part]
            slope_h = np.mean(2 * residual * -2 * (x[part] - h))
            slope_v = np.mean(2 * residual)
            h, v = h - 0.001 * slope_h, v - 0.001 * slope_v
    values = read_values(run.checkpoints / "model_final")
    assert float(values["hor_estimate"]) == pytest.approx(h, rel=1e-4)
    assert float(values["ver_estimate"]) == pytest.approx(v, rel=1e-4)


def test_a_shuffled_order_takes_every_sample_once_and_differs_by_iteration() -> None:
    settings = TrainSettings(order="shuffled")
    orders = [training.sample_order(settings, 201, iteration, 3) for iteration in (0, 1)]
    for order in orders:
        assert sorted(np.arange(201)[order]) == list(range(201))
    assert not np.array_equal(np.arange(201)[orders[0]], np.arange(201)[orders[1]])


def test_divergence_stops_with_a_sentence_and_keeps_what_was_saved(train: Callable[..., Run]) -> None:
    run = train(learning_rate=0.06, batch=0)
    manifest = run.manifest()
    assert manifest.status == "diverged"
    for words in ("stopped being finite", "learning rate 0.06", "Train again with a lower one"):
        assert words in manifest.note
    history = read_history(run, run.sample())
    assert len(history.steps) > 3
    assert f"In iteration {len(history.steps)} " in manifest.note
    assert np.isfinite(history.table[["h", "v", "cost"]].to_numpy()).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_stopped_training_goes_on_bit_for_bit(
    optimizer: str, train: Callable[..., Run], empty_runs: Runs
) -> None:
    whole = train(optimizer=optimizer, iterations=20, order="shuffled")
    manifest = whole.manifest()
    parts = empty_runs.create(whole.sample(), manifest.train, manifest.data)
    for count in (7, 5, 20):
        with closing(training.train(parts, manifest.train, parts.sample())) as steps:
            for _ in islice(steps, count):
                pass
    assert history_bits(parts) == history_bits(whole)
    final = "model_final.data-00000-of-00001"
    assert (parts.checkpoints / final).read_bytes() == (whole.checkpoints / final).read_bytes()


def test_a_resumed_saver_keeps_to_max_to_keep(empty_runs: Runs) -> None:
    settings = TrainSettings(iterations=9, max_to_keep=3)
    run = empty_runs.create(make_sample(DataSettings()), settings, DataSettings())
    for count in (5, 9):
        with closing(training.train(run, settings, run.sample())) as steps:
            for _ in islice(steps, count):
                pass
    assert {path.stem for path in run.checkpoints.glob("*.index")} == {
        "model_iter-7",
        "model_iter-8",
        "model_final",
    }


def test_left_overs_of_an_interrupted_save_are_removed(train: Callable[..., Run]) -> None:
    run = train(iterations=3, max_to_keep=None)
    for name in ("model_iter-9.data-00000-of-00001", "model_iter-9.meta", "checkpoint.tmp12ab"):
        (run.checkpoints / name).write_bytes(b"torn")
    (run.checkpoints / "model_iter-9.index.tempstate123").write_bytes(b"torn")
    train_run(str(run.directory))
    left = {path.name for path in run.checkpoints.iterdir()}
    assert not {name for name in left if "-9" in name or "tmp" in name or "temp" in name}
    assert read_history(run, run.sample()).steps == [0, 1, 2, 3]


def test_a_failed_save_stops_training_and_loses_nothing(empty_runs: Runs) -> None:
    settings = TrainSettings(iterations=9)
    run = empty_runs.create(make_sample(DataSettings()), settings, DataSettings())
    (run.checkpoints / "model_iter-4.index").mkdir()  # nobody can write a file of this name
    train_run(str(run.directory))
    manifest = run.manifest()
    assert manifest.status == "failed"
    assert "model_iter-4 could not be written" in manifest.note
    assert read_history(run, run.sample()).steps == [0, 1, 2, 3]


def test_a_wish_to_pause_ends_the_job_and_resuming_finishes_it(empty_runs: Runs) -> None:
    settings = TrainSettings(iterations=5)
    run = empty_runs.create(make_sample(DataSettings()), settings, DataSettings())
    run.steer(Control("pause"))
    assert train_run(str(run.directory)) == "paused"
    run.steer(Control())
    assert train_run(str(run.directory)) == "finished"
    assert list(run.steps()["iteration"]) == list(range(5))


def test_two_trainings_never_share_a_directory(train: Callable[..., Run]) -> None:
    run = train(iterations=1)
    with run.exclusive(), pytest.raises(RunBusy, match="being trained already"):
        train_run(str(run.directory))


def test_the_log_is_mended_to_end_where_the_checkpoints_do(train: Callable[..., Run]) -> None:
    run = train(iterations=4)
    whole = run.steps()
    lines = run.steps_file.read_bytes().splitlines(keepends=True)
    run.steps_file.write_bytes(b"".join(lines[:3]) + b"3,0.1")  # died in the middle of a line
    train_run(str(run.directory))
    columns = ["iteration", "h", "v", "cost"]
    assert run.steps()[columns].to_numpy().tobytes() == whole[columns].to_numpy().tobytes()


def test_own_points_train_as_given(train: Callable[..., Run]) -> None:
    sample = Sample(np.array([0, 1, 2, 3], np.float32), np.array([5, 2, 1, 2], np.float32))
    run = train(sample=sample, iterations=5)
    expected = run_recipe(sample.x, sample.y, iterations=5)
    assert run.steps()[["h", "v"]].to_numpy(np.float32).tobytes() == expected.tobytes()


def test_distinct_values_come_back_into_the_same_and_into_a_new_model(tmp_path: Path) -> None:
    def variables(model: object) -> list[tf.Variable]:
        return [each for each in model.graph.get_collection("variables")]  # type: ignore[attr-defined]

    model = build(TrainSettings(optimizer="Adam"))
    with session(model.graph) as opened:
        saver = v1.train.Saver()
        written = {each.op.name: np.float32(n + 0.1) for n, each in enumerate(variables(model))}
        for each in variables(model):
            each.load(written[each.op.name], opened)
        path = saver.save(opened, f"{tmp_path}/model")
        for each in variables(model):
            each.load(np.float32(-1), opened)
        saver.restore(opened, path)
        assert {each.op.name: opened.run(each) for each in variables(model)} == written
    fresh = build(TrainSettings(optimizer="Adam"))
    with session(fresh.graph) as opened:
        v1.train.Saver().restore(opened, path)
        assert {each.op.name: opened.run(each) for each in variables(fresh)} == written
        prediction = opened.run(fresh.prediction, {fresh.X: np.float32(3)})
    h, v = written["hor_estimate"], written["ver_estimate"]
    assert prediction == np.square(np.float32(3) - h) + v
