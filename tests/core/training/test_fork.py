"""Forks: they repeat their parent, go their own way, and need nobody."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import DATA, INDEX, ITER, META, CheckpointError, H, V
from core.data import make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.manifest import FAILED, FINISHED, Control, Parent
from core.run.runs import Run, Runs
from core.settings import OPTIMIZERS, DataSettings, TrainSettings
from core.training.fork import ForkError, family, fork, fork_settings, last_iteration, what_is_restored
from core.training.script import script_of
from tests.core.training.test_script import assert_same_checkpoints
from tests.elsewhere import execute
from tests.recipe import recipe_loop

v1 = tf.compat.v1

DATA_SETTINGS = DataSettings(samples=31, seed=2)
ITERATIONS, STEP = 20, 7


def trained(folder: Path, data: DataSettings = DATA_SETTINGS, **settings: Any) -> Run:
    run = Runs(folder).create(make_sample(data), TrainSettings(iterations=ITERATIONS, **settings), data)
    assert train_run(str(run.directory)) == FINISHED
    return run


def forked(parent: Run, step: int, more: int, **changes: Any) -> Run:
    manifest = parent.manifest()
    train = replace(manifest.train, **changes)
    return fork(
        Runs(parent.directory.parent),
        parent,
        f"{ITER}-{step}",
        step,
        fork_settings(train, step, more),
        parent.sample(),
        manifest.data,
        manifest.owner,
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_fork_with_nothing_changed_repeats_its_parent(optimizer: str, tmp_path: Path) -> None:
    parent = trained(tmp_path, optimizer=optimizer, order="shuffled")
    child = forked(parent, STEP, ITERATIONS - STEP - 1)
    assert child.manifest().parent == Parent(parent.id, STEP)
    assert train_run(str(child.directory)) == FINISHED
    history = read_history(child, child.sample())
    assert history.steps == [*range(STEP + 1, ITERATIONS), ITERATIONS]
    assert history.gone == ()
    for name in history.table["name"]:
        for suffix in (INDEX, DATA):
            mine, theirs = (run.checkpoints / f"{name}{suffix}" for run in (child, parent))
            assert mine.read_bytes() == theirs.read_bytes(), name
    # One graph, one `.meta`: the Saver that restored the start left no operation in it.
    one, other = (operations(run.checkpoints / ("model_final" + META)) for run in (child, parent))
    assert one == other


def operations(meta: Path) -> list[str]:
    """The types of a graph's operations, in their order."""
    graph = v1.MetaGraphDef.FromString(meta.read_bytes()).graph_def
    return [node.op for node in graph.node]


def restored(parent: Run, child: Run) -> str:
    return what_is_restored(parent, f"{ITER}-{STEP}", parent.manifest().train, child.manifest().train)


def test_a_fork_with_another_optimizer_takes_h_and_v_alone(tmp_path: Path) -> None:
    parent = trained(tmp_path, optimizer="Momentum")
    child = forked(parent, STEP, 5, optimizer="Adam")
    words = restored(parent, child)
    assert words == (
        "The optimizer changes, so only hor_estimate and ver_estimate are restored from model_iter-7. "
        "hor_estimate/Momentum and ver_estimate/Momentum of Momentum stay behind. "
        "What Adam keeps for itself starts fresh."
    )
    train_run(str(child.directory))
    start = read_values(parent.checkpoints / f"{ITER}-{STEP}")
    rows, end = recipe_loop("Adam", parent.sample(), 5, {name: start[name] for name in (H, V)})
    table = read_history(child, child.sample()).table
    assert np.array_equal(table[["h", "v"]].to_numpy(np.float32)[:5], rows)
    values = read_values(child.checkpoints / "model_final")
    assert {name: value.tobytes() for name, value in values.items()} == {
        name: value.tobytes() for name, value in end.items()
    }


def test_the_two_momentums_keep_the_same_and_a_fork_takes_it_over(tmp_path: Path) -> None:
    parent = trained(tmp_path, optimizer="Momentum")
    child = forked(parent, STEP, 5, optimizer="Nesterov momentum")
    words = restored(parent, child)
    assert words == (
        "Everything in model_iter-7 is restored: hor_estimate and ver_estimate, and "
        "hor_estimate/Momentum and ver_estimate/Momentum of Momentum. Nothing starts fresh."
    )
    train_run(str(child.directory))
    start = read_values(parent.checkpoints / f"{ITER}-{STEP}")
    rows, _ = recipe_loop("Nesterov momentum", parent.sample(), 5, dict(start))
    table = read_history(child, child.sample()).table
    assert np.array_equal(table[["h", "v"]].to_numpy(np.float32)[:5], rows)


def test_a_fork_on_other_points_is_fine_tuning(tmp_path: Path) -> None:
    parent = trained(tmp_path, optimizer="Adam")
    other = DataSettings(h=0.5, v=1.0, samples=40, seed=9)
    train = fork_settings(parent.manifest().train, STEP, 4)
    child = fork(Runs(tmp_path), parent, f"{ITER}-{STEP}", STEP, train, make_sample(other), other)
    train_run(str(child.directory))
    start = read_values(parent.checkpoints / f"{ITER}-{STEP}")
    rows, _ = recipe_loop("Adam", make_sample(other), 4, start)
    table = read_history(child, child.sample()).table
    assert np.array_equal(table[["h", "v"]].to_numpy(np.float32)[:4], rows)


def test_a_fork_needs_neither_its_parent_nor_an_undisturbed_life(tmp_path: Path) -> None:
    parent = trained(tmp_path, optimizer="Momentum")
    whole, cut = forked(parent, STEP, 9), forked(parent, STEP, 9)
    Runs(tmp_path).delete(parent.id)
    train_run(str(whole.directory))
    cut.steer(Control("stop"))
    assert train_run(str(cut.directory)) == "stopped"  # before its first iteration
    from core.tf.training import train

    steps = train(cut, cut.manifest().train, cut.sample())
    assert next(steps).iteration == STEP + 1
    steps.close()
    (cut.checkpoints / f"{ITER}-{STEP + 2}{META}").write_bytes(b"half a")
    cut.steer(Control())
    assert train_run(str(cut.directory)) == FINISHED
    assert list(cut.steps()["iteration"]) == list(range(STEP + 1, STEP + 10))
    mine, theirs = ({path.name for path in run.checkpoints.iterdir()} for run in (cut, whole))
    assert mine == theirs
    for name in mine:
        if name.endswith(DATA):
            assert (cut.checkpoints / name).read_bytes() == (whole.checkpoints / name).read_bytes()
    assert {path for path in cut.recorded() if path.startswith("start/")} == {
        f"start/{ITER}-{STEP}{suffix}" for suffix in (META, INDEX, DATA)
    }


def test_the_script_of_a_fork_repeats_it_without_the_parent(tmp_path: Path) -> None:
    parent = trained(tmp_path / "runs", optimizer="Adam")
    child = forked(parent, STEP, 3, order="shuffled", learning_rate=0.01)
    train_run(str(child.directory))
    script = script_of(child)
    assert f"a fork of run {parent.id} after its iteration {STEP}" in script
    assert "The same bits" in execute(script, tmp_path / "elsewhere")
    assert_same_checkpoints(child, tmp_path / "elsewhere" / "checkpoints")


def test_a_fork_of_model_final_goes_on_after_the_last_iteration(tmp_path: Path) -> None:
    parent = trained(tmp_path)
    history = read_history(parent, parent.sample())
    last = last_iteration(history, history.steps[-1])
    assert last == ITERATIONS - 1
    assert last_iteration(history, 3) == 3
    train = fork_settings(parent.manifest().train, last, 2)
    child = fork(Runs(tmp_path), parent, "model_final", last, train, parent.sample(), DATA_SETTINGS)
    train_run(str(child.directory))
    rows, _ = recipe_loop("gradient descent", parent.sample(), ITERATIONS + 2)
    table = read_history(child, child.sample()).table
    assert list(table["step"]) == [ITERATIONS, ITERATIONS + 1, ITERATIONS + 2]
    assert np.array_equal(table[["h", "v"]].to_numpy(np.float32)[:2], rows[-2:])


def test_what_cannot_be_forked_is_said_in_a_sentence(tmp_path: Path) -> None:
    parent = trained(tmp_path)
    with pytest.raises(ForkError, match="would end after iteration 20007; a run counts 20,000 iterations"):
        fork_settings(parent.manifest().train, STEP, 20_000)
    with pytest.raises(
        ForkError, match="starts after iteration 7 and would end after 7, so there is nothing"
    ):
        forked(parent, STEP, 0)
    path = parent.checkpoints / f"{ITER}-{STEP}{DATA}"
    os.chmod(path, 0o644)
    path.write_bytes(b"\0" * 8)
    with pytest.raises(CheckpointError, match=r"is not the file that this run wrote"):
        forked(parent, STEP, 3)
    path.unlink()
    with pytest.raises(CheckpointError, match=r"model_iter-7\.data-00000-of-00001 is missing"):
        forked(parent, STEP, 3)
    assert [path.parent.name for path in tmp_path.glob("*/run.json")] == [parent.id], "no half fork is left"


def test_a_fork_whose_start_is_gone_fails_with_a_sentence(tmp_path: Path) -> None:
    child = forked(trained(tmp_path), STEP, 3)
    for path in child.start.iterdir():
        path.unlink()
    assert train_run(str(child.directory)) == FAILED
    assert "what it starts from cannot be read: its folder start/ has no checkpoint." in child.manifest().note


def test_the_family_lists_parents_before_children(tmp_path: Path) -> None:
    first = trained(tmp_path)
    second = forked(first, 3, 4)
    third = forked(first, 5, 4)
    train_run(str(second.directory))
    fourth = forked(second, 5, 4)
    stranger = trained(tmp_path)
    manifests = Runs(tmp_path).manifests()
    tree = [(each.manifest.id, each.depth) for each in family(manifests, fourth.id)]
    assert tree == [(first.id, 0), (second.id, 1), (fourth.id, 2), (third.id, 1)]
    assert [each.manifest.id for each in family(manifests, stranger.id)] == [stranger.id]
    assert family(manifests, "0" * 16) == ()
    Runs(tmp_path).delete(first.id)
    tree = [(each.manifest.id, each.depth) for each in family(Runs(tmp_path).manifests(), second.id)]
    assert tree == [(second.id, 0), (fourth.id, 1)]
