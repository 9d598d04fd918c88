"""Interrupted and resumed trainings, against the recipe's own loop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.checkpoint import ITER, H, V
from core.data import cost as data_cost
from core.data import make_sample
from core.figures.interruption import interruption_figure
from core.pool.training import train_run
from core.run.runs import Run, Runs
from core.settings import OPTIMIZERS, DataSettings, TrainSettings
from core.tf.resume import interrupt
from core.training.resume import TELLING, TELLING_CUT, Interruption, Resumed
from tests.core.training.test_fork import ITERATIONS, STEP, trained
from tests.recipe import recipe_loop

v1 = tf.compat.v1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_going_on_equals_the_recipe_s_loop_with_and_without_slots(optimizer: str, tmp_path: Path) -> None:
    origin = trained(tmp_path)
    sample = origin.sample()
    before = {path: path.stat().st_mtime_ns for path in origin.directory.rglob("*")}
    settings = TrainSettings(optimizer=optimizer, iterations=ITERATIONS)
    found = interrupt(origin, settings, STEP, kill=False)
    assert {path: path.stat().st_mtime_ns for path in origin.directory.rglob("*")} == before

    whole, _ = recipe_loop(optimizer, sample, ITERATIONS)
    assert np.array_equal(np.stack([found.h, found.v], 1), whole)
    _, at_step = recipe_loop(optimizer, sample, STEP + 1)
    only = {name: at_step[name] for name in (H, V)}
    rest, _ = recipe_loop(optimizer, sample, ITERATIONS - STEP - 1, only)
    side = found.without_slots
    assert np.array_equal(np.stack([side.h, side.v], 1), rest)

    assert found.latest == f"{ITER}-{STEP}"
    assert found.left_over == ()
    assert found.with_slots.departs is None
    assert found.with_slots.files == 2 * (ITERATIONS - STEP), "of each iteration two, and of model_final"
    assert found.with_slots.largest == 0.0
    assert found.with_slots.verdict() == "bit-identical"
    if optimizer == "gradient descent":
        assert found.slots == ()
        assert side.departs is None
        assert "are bit-identical; with only h and v restored, h and v of all 12" in found.sentence()
    else:
        assert found.slots
        differing = np.flatnonzero((rest != whole[STEP + 1 :]).any(axis=1))
        assert side.departs == STEP + 1 + differing[0]
        expected = np.abs(rest.astype(float) - whole[STEP + 1 :].astype(float)).max()
        assert side.largest == expected > 0
        assert f"it departs at iteration {side.departs}, by up to" in found.sentence()
    # What the missing slots cost, against the mean of the squares over the points.
    squares = [
        float(np.mean((sample.y - (sample.x.astype(float) - h) ** 2 - v) ** 2))
        for h, v in (rest[side.farthest - STEP - 1], whole[side.farthest], rest[-1], whole[-1])
    ]
    numbers = [f"{each:.5g}" for each in squares]
    if optimizer == "gradient descent":
        assert f"Nothing is lost: at the end the cost is {numbers[2]} either way" in found.harm()
    else:
        assert np.abs(rest - whole[STEP + 1 :])[side.farthest - STEP - 1].max() == np.float32(side.largest)
        assert [each.strip(",;") for each in found.harm().split() if each.strip(",;") in numbers] == numbers


@pytest.mark.parametrize("seed", [0, 7])
def test_the_interruption_that_the_page_offers_shows_a_jump(seed: int, tmp_path: Path) -> None:
    data = DataSettings(seed=seed)
    run = Runs(tmp_path).create(make_sample(data), TELLING, data)
    found = interrupt(run, TELLING, TELLING_CUT, kill=False)
    ratio, at = found.jump()
    costs = [
        float(data_cost(run.sample(), side.h, side.v)[0]) for side in (found.without_slots, found.with_slots)
    ]
    assert at == TELLING_CUT + 1, "in the next iteration"
    assert ratio == pytest.approx(costs[0] / costs[1])
    assert ratio > 5
    assert found.headline() == (
        f"Without its slots, Adam has cost {costs[0]:.3g} in iteration 61, with them {costs[1]:.3g}."
    )


def test_a_killed_process_resumes_bit_for_bit(tmp_path: Path) -> None:
    origin = trained(tmp_path)
    settings = TrainSettings(optimizer="Adam", iterations=60)
    found = interrupt(origin, settings, STEP, kill=True)
    assert found.killed
    latest = int(found.latest.rpartition("-")[2])
    assert latest >= STEP, "what was printed was on disk"
    assert found.with_slots.first == latest + 1
    assert found.with_slots.departs is None
    assert found.without_slots.departs is not None
    assert found.sentence().startswith(
        "Adam keeps 4 slots and 2 powers beside h and v. Its process was killed after iteration 7"
    )


def test_slots_that_change_nothing_and_an_end_that_was_reached_are_told_as_such(tmp_path: Path) -> None:
    origin = trained(tmp_path)
    still = interrupt(origin, TrainSettings("Momentum", momentum=0.0, iterations=20), STEP, kill=False)
    assert still.headline() == "Without its slots, Momentum gives the same h and v here, bit for bit."
    found = interrupt(origin, TrainSettings("Adam", iterations=20), 18, kill=False)
    nothing = np.empty(0, np.float32)
    over = {"first": 20, "h": nothing, "v": nothing, "cost": np.empty(0), "departs": None, "farthest": 19}
    sides = {side: replace(getattr(found, side), **over) for side in ("with_slots", "without_slots")}
    ended = replace(found, **sides)  # a killed process that was faster than the kill
    assert ended.headline() == "The run had already finished, so there was nothing to resume."
    assert "Nothing is lost" in ended.harm()
    plain = interrupt(origin, TrainSettings(iterations=20), STEP, kill=False)
    assert plain.headline() == "Gradient descent keeps nothing beside h and v, so nothing is lost."


def test_what_goes_on_from_the_final_checkpoint_has_no_iteration_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_its_end(run: Run, *_: object) -> None:
        train_run(str(run.directory))

    monkeypatch.setattr("core.tf.resume._train_and_kill", to_its_end)
    found = interrupt(trained(tmp_path), TrainSettings("Adam", iterations=20), 18, kill=True)
    assert found.latest == "model_final"
    assert found.headline() == "The run had already finished, so there was nothing to resume."
    assert found.harm()
    assert found.sentence()


def test_the_figure_draws_what_the_record_holds(tmp_path: Path) -> None:
    found = interrupt(trained(tmp_path), TrainSettings("Momentum", iterations=ITERATIONS), STEP, kill=False)
    for name in ("h", "v", "cost"):
        whole, within, no_gap, without, gap = interruption_figure(found, name).data
        assert np.array_equal(whole.y, getattr(found, name))
        assert np.array_equal(within.y, getattr(found.with_slots, name))
        assert np.array_equal(without.y, getattr(found.without_slots, name))
        assert list(without.x) == list(range(STEP + 1, ITERATIONS))
        assert np.isnan(no_gap.y).all(), "bit-identical: nothing to draw"
        drawn = np.nan_to_num(gap.y)
        assert np.array_equal(drawn, np.abs(without.y.astype(float) - whole.y[STEP + 1 :]))


def resumed(slots: bool, went_on: np.ndarray, whole: np.ndarray, files: int = 0) -> Resumed:
    return Resumed.beside(slots, 4, went_on, whole, make_sample(DataSettings()), files)


def told(without: np.ndarray, whole: np.ndarray) -> Interruption:
    """Going on from iteration 4 without the slots, beside going on with them."""
    sample = make_sample(DataSettings())
    costs = data_cost(sample, whole[:, 0], whole[:, 1])
    sides = resumed(True, whole[4:], whole, 8), resumed(False, without, whole)
    return Interruption("Adam", 3, False, "", (), whole[:, 0], whole[:, 1], costs, 1.0, 21.0, ("m",), *sides)


def test_a_training_that_diverges_without_its_slots_is_said_to() -> None:
    whole = np.linspace((0, 0), (1, -2), 8, dtype=np.float32)
    found = told(np.array([[0.6, -1.2], [np.nan, 0], [np.nan, np.nan], [np.nan, np.nan]], np.float32), whole)
    assert found.headline() == "Without its slots, Adam diverges in iteration 5."
    assert found.jump() == (np.inf, 5)
    assert "a value is no longer finite in iteration 5" in found.harm()
    assert "nan" not in found.sentence() + found.headline() + found.harm()


def test_what_was_not_compared_is_not_called_the_same() -> None:
    whole = np.linspace((0, 0), (1, -2), 8, dtype=np.float32)
    found = told(whole[4:], whole)
    assert (found.with_slots.verdict(), found.without_slots.verdict()) == (
        "bit-identical",
        "h and v bit-identical",
    )


def test_a_cost_that_is_a_little_higher_and_a_training_that_has_moved_are_told_as_such() -> None:
    whole = np.tile(np.array([[1.5, -2]], np.float32), (8, 1))
    whole[0] = 0.9, -2
    near = told(whole[4:] + np.array([[0.005, 0]], np.float32), whole)
    assert near.headline().endswith("The cost is at most 5% higher.")
    assert "hardly moved" not in near.harm()  # it came near, and went away again
    still = np.linspace((0, 0), (0.05, -0.1), 8, dtype=np.float32)
    assert "hardly moved" in told(still[4:] + np.array([[0.01, 0]], np.float32), still).harm()


def test_a_training_of_one_iteration_is_drawn_as_a_point() -> None:
    whole = np.linspace((0, 0), (1, -2), 5, dtype=np.float32)
    found = told(whole[4:], whole)
    modes = [trace.mode for trace in interruption_figure(found, "h").data if len(trace.y) == 1]
    assert modes == ["lines+markers"] * len(modes)
