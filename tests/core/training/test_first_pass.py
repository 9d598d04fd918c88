"""The updates inside the first pass: the recipe's own, saved by a Saver; nothing else of the run changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import CheckpointError
from core.data import Sample, cost, make_sample
from core.pool import training
from core.pool.training import train_run
from core.run.manifest import DIVERGED, FINISHED, PAUSE, PAUSED, Control
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.tf.first_pass import save_first_pass
from core.training.first_pass import read_first_pass
from core.training.fork import fork, fork_settings
from core.training.step import TrainingError
from tests.recipe import recipe_loop


def other_files(run: Run) -> dict[str, bytes]:
    """What the run has beside the first pass and its record."""
    return {
        str(path): path.read_bytes()
        for path in run.directory.rglob("*")
        if path.is_file() and run.first_pass not in path.parents and path.name != "SHA256SUMS"
    }


def test_each_update_has_the_bits_of_the_recipes_own_loop(train: Callable[..., Run]) -> None:
    optimizer = "Adam"  # test_bits.py has the others
    run = train(optimizer=optimizer, iterations=2)
    sample, before = run.sample(), other_files(run)
    assert read_first_pass(run, sample) is None
    assert save_first_pass(run) == 201
    assert other_files(run) == before
    found = read_first_pass(run, sample)
    assert found is not None
    for update in (1, 2, 120, 201):
        ((h, v),), _ = recipe_loop(optimizer, Sample(sample.x[:update], sample.y[:update]), 1)
        assert (found.h[update - 1], found.v[update - 1]) == (h, v), update
        assert found.cost[update - 1] == cost(sample, h, v)
    last = read_values(run.first_pass / "model_update-201")
    assert last == read_values(run.checkpoints / "model_iter-0"), "slots included"
    assert set(run.digests()) <= set(run.recorded())
    restored = tf.train.load_checkpoint(str(run.first_pass / "model_update-120"))
    assert restored.get_tensor("hor_estimate") == found.h[119]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def watched(runs: Runs, **settings: Any) -> Run:
    """A run that was trained at a pace."""
    run = runs.create(make_sample(DATA), TrainSettings(**settings), DATA)
    run.steer(Control(pace=1000.0))
    train_run(str(run.directory))
    return run


DATA = DataSettings(samples=40)


@pytest.mark.parametrize("optimizer", ["Adam", "gradient descent"])
def test_at_a_pace_each_update_of_the_first_iteration_is_saved_and_no_other_file_differs(
    optimizer: str, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "FIRST", 0.05)
    settings: dict[str, Any] = {
        "optimizer": optimizer,
        "iterations": 3,
        "max_to_keep": 2,
        "order": "shuffled",
    }
    slow = watched(empty_runs, **settings)
    quick = empty_runs.create(make_sample(DATA), slow.manifest().train, DATA)
    train_run(str(quick.directory))
    assert not quick.first_pass.exists()
    save_first_pass(quick)
    assert files_of(slow.checkpoints) == files_of(quick.checkpoints)
    seen, again = files_of(slow.first_pass), files_of(quick.first_pass)
    assert len(seen) == 2 * 40 + 1
    assert {
        name: content for name, content in again.items() if not name.endswith(".meta")
    }.items() <= seen.items()
    assert slow.manifest().bytes > quick.manifest().bytes * 0.9, "they count"
    assert {f"first_pass/checkpoints/{name}" for name in seen} <= set(slow.recorded())
    assert slow.steps()["seconds"].iloc[0] >= 0.05


def test_a_first_iteration_is_read_while_it_is_being_saved(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "FIRST", 0.0)
    found: list[int] = []

    def look(self: training._Wishes) -> float | None:
        part = read_first_pass(self._run, self._run.sample())
        found.append(0 if part is None else len(part.h))
        return None

    monkeypatch.setattr(training._Wishes, "_pace", look)
    watched(empty_runs, iterations=1)
    assert found[:40] == list(range(1, 41))


def test_a_pause_in_the_first_iteration_ends_the_waiting_and_resuming_goes_on_behind_it(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Control] = []
    usual = training._Wishes._pace

    def pausing(self: training._Wishes) -> float | None:
        calls.append(self.now())
        if len(calls) == 10:
            self._run.steer(Control(PAUSE, pace=1e6))
        return usual(self)

    monkeypatch.setattr(training, "FIRST", 4.0)
    monkeypatch.setattr(training._Wishes, "_pace", pausing)
    run = watched(empty_runs, iterations=2)
    assert (run.manifest().status, len(run.steps())) == (PAUSED, 1)
    before = files_of(run.first_pass)
    assert len(before) == 81
    run.steer(Control(pace=1e6))
    assert train_run(str(run.directory)) == FINISHED
    assert files_of(run.first_pass) == before
    assert len(calls) < 80, "nobody waited after the pause"


def test_updates_that_run_away_are_no_part_of_the_picture(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "FIRST", 0.0)
    run = watched(empty_runs, learning_rate=9.0, iterations=2)
    assert run.manifest().status == DIVERGED
    found = read_first_pass(run, run.sample())
    assert found is not None
    assert 0 < len(found.h) < 40
    assert np.isfinite(found.h).all()


def test_batches_and_shuffled_orders_are_taken_as_the_run_took_them(train: Callable[..., Run]) -> None:
    run = train(batch=80, order="shuffled", iterations=1)
    assert save_first_pass(run) == 3
    sample = run.sample()
    found = read_first_pass(run, sample)
    assert found is not None
    taken = np.random.default_rng([0, 0]).permutation(201)[:80]
    x, y = sample.x[taken].astype(float), sample.y[taken].astype(float)
    gap = y - x**2
    assert found.v[0] == pytest.approx(0.001 * 2 * gap.mean(), rel=1e-5)
    assert found.h[0] == pytest.approx(0.001 * 2 * (gap * -2 * x).mean(), rel=1e-5)
    assert found.v[2] == run.steps()["v"].iloc[0]


def test_a_fork_and_a_run_that_lost_its_first_checkpoint_have_one_too(
    train: Callable[..., Run], empty_runs: Runs
) -> None:
    run = train(iterations=8, max_to_keep=3)
    assert not (run.checkpoints / "model_iter-0.index").exists()
    assert save_first_pass(run) == 201
    child = fork(
        empty_runs, run, "model_iter-6", 6, fork_settings(run.manifest().train, 6, 1), run.sample(), None
    )
    train_run(str(child.directory))
    assert save_first_pass(child) == 201
    found = read_first_pass(child, child.sample())
    assert found is not None
    assert found.h[-1] == run.steps()["h"].iloc[7], "it went on as its parent did"


def test_what_did_not_come_out_the_same_is_not_kept(train: Callable[..., Run]) -> None:
    run = train(iterations=1)
    run.update(train=type(run.manifest().train)(learning_rate=0.002, iterations=1))
    with pytest.raises(TrainingError, match="does not equal model_iter-0 bit for bit, so nothing was kept"):
        save_first_pass(run)
    assert not run.first_pass.exists()
    assert [*run.first_pass.parent.iterdir()] == []


def test_a_pass_of_too_many_updates_says_what_to_do(train: Callable[..., Run]) -> None:
    x = np.linspace(-2, 4, 2500, dtype=np.float32)
    run = train(Sample(x, x**2), iterations=1)
    with pytest.raises(TrainingError, match=r"makes 2,500 updates, and at most 2,000 .* larger batch"):
        save_first_pass(run)


def test_a_damaged_update_is_named_and_saving_again_mends_it(train: Callable[..., Run]) -> None:
    run = train(iterations=1, batch=100)
    save_first_pass(run)
    torn: Path = run.first_pass / "model_update-2.data-00000-of-00001"
    whole = torn.read_bytes()
    torn.write_bytes(b"12345678")
    with pytest.raises(CheckpointError, match="model_update-2"):
        read_first_pass(run, run.sample())
    save_first_pass(run)
    assert torn.read_bytes() == whole
