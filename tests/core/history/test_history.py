"""History tells what is on disk: nothing forgotten, nothing invented, one bad file costs one row."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from core import data
from core.checkpoint import DATA, INDEX, H, V
from core.history.history import read_history
from core.run.runs import Run, Runs


def test_every_checkpoint_has_its_row_with_the_values_of_its_file(recipe_run: Run) -> None:
    sample = recipe_run.sample()
    history = read_history(recipe_run, sample)
    table, steps = history.table, recipe_run.steps()
    assert list(table["name"]) == [*(f"model_iter-{i}" for i in range(100)), "model_final"]
    assert list(table["step"]) == list(range(101))
    assert table["h"].to_numpy()[:100].tobytes() == steps["h"].to_numpy().tobytes()
    np.testing.assert_array_equal(table["cost"], data.cost(sample, table["h"], table["v"]))
    assert history.lost == ()
    assert history.gone == ()


def test_slots_have_columns_of_their_own(train: Callable[..., Run]) -> None:
    run = train(optimizer="Momentum", iterations=2)
    table = read_history(run, run.sample()).table
    assert {"hor_estimate/Momentum", "ver_estimate/Momentum"} <= set(table.columns)


def test_it_does_not_believe_the_state_file(train: Callable[..., Run]) -> None:
    run = train(iterations=3)
    (run.checkpoints / "checkpoint").unlink()
    assert read_history(run, run.sample()).steps == [0, 1, 2, 3]


def test_what_retention_deleted_is_gone(train: Callable[..., Run]) -> None:
    run = train(iterations=8, max_to_keep=3)
    history = read_history(run, run.sample())
    assert history.steps == [6, 7, 8]
    assert history.gone == (0, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("suffix", "content", "reason"),
    [
        (".index", None, "model_iter-1.index is missing"),
        (".data-00000-of-00001", None, "model_iter-1.data-00000-of-00001 is missing"),
        (".index", b"", "model_iter-1.index is damaged"),
        (".data-00000-of-00001", b"12345678", "the checksum of hor_estimate"),
        (".data-00000-of-00001", b"1", "the file has 1"),
    ],
)
def test_a_bad_file_costs_its_row_and_says_why(
    suffix: str, content: bytes | None, reason: str, train: Callable[..., Run]
) -> None:
    run = train(iterations=3)
    before = read_history(run, run.sample())
    path = run.checkpoints / f"model_iter-1{suffix}"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    for known in (None, before):
        history = read_history(run, run.sample(), known)
        assert history.steps == [0, 2, 3]
        (lost,) = history.lost
        assert (lost.name, lost.step) == ("model_iter-1", 1)
        assert reason in lost.reason


def test_reading_again_takes_over_rows_and_sees_new_ones(train: Callable[..., Run]) -> None:
    run = train(iterations=3)
    first = read_history(run, run.sample())
    for suffix in (".meta", ".index", ".data-00000-of-00001"):
        (run.checkpoints / f"model_iter-0{suffix}").unlink()
    again = read_history(run, run.sample(), first)
    assert again.steps == [1, 2, 3]
    assert again.gone == (0,)
    assert again.table["h"].to_numpy().tobytes() == first.table["h"].to_numpy()[1:].tobytes()


def test_what_has_not_changed_is_not_read_again_and_damage_is_seen_each_time(
    train: Callable[..., Run],
) -> None:
    run = train(iterations=3)
    sample = run.sample()
    first = read_history(run, sample)
    assert read_history(run, sample, first) is first
    other = replace(sample, y=sample.y + 1)
    assert not read_history(run, other, first).table["cost"].equals(first.table["cost"])
    index = run.checkpoints / "model_iter-1.index"
    index.write_bytes(index.read_bytes()[:-1])
    damaged = read_history(run, sample, first)
    assert [each.name for each in damaged.lost] == ["model_iter-1"]
    assert [each.name for each in read_history(run, sample, damaged).lost] == ["model_iter-1"]


def test_a_run_without_checkpoints_has_an_empty_table(train: Callable[..., Run]) -> None:
    run = train(learning_rate=5.0)
    history = read_history(run, run.sample())
    assert history.table.empty
    assert history.steps == []
    assert history.nearest(3) is None


def test_a_row_is_found_by_its_step(recipe_run: Run) -> None:
    history = read_history(recipe_run, recipe_run.sample())
    assert history.row(100)["name"] == "model_final"
    assert history.nearest(1000) == 100
    with pytest.raises(KeyError):
        history.row(101)


def test_two_checkpoints_that_were_swapped_whole_cost_their_rows(train: Callable[..., Run]) -> None:
    run = train(iterations=4)
    one, other = ([run.checkpoints / f"model_iter-{n}{suffix}" for suffix in (INDEX, DATA)] for n in (1, 2))
    contents = [[path.read_bytes() for path in paths] for paths in (one, other)]
    for paths, swapped in ((one, contents[1]), (other, contents[0])):
        for path, content in zip(paths, swapped, strict=True):
            path.write_bytes(content)
    history = read_history(run, run.sample())
    assert [each.name for each in history.lost] == ["model_iter-1", "model_iter-2"]
    assert all("not the file that this run wrote" in each.reason for each in history.lost)
    assert history.steps == [0, 3, 4]


@pytest.mark.parametrize("name", ["step", "name", "cost"])
def test_a_crafted_tensor_costs_its_row_alone(train: Callable[..., Run], name: str) -> None:
    run = train(iterations=3)
    for path in run.checkpoints.glob("model_iter-1.*"):
        path.unlink()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        values = {H: 1.0, V: 2.0, name: 3.0}
        made = {
            key: tf.compat.v1.Variable(value, name=f"v{n}") for n, (key, value) in enumerate(values.items())
        }
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(made).save(session, str(run.checkpoints / "model_iter-1"))
    run.record(run.digests())
    history = read_history(run, run.sample())
    assert [(each.name, name in each.reason) for each in history.lost] == [("model_iter-1", True)]
    assert history.steps == [0, 2, 3]


def test_a_value_of_another_shape_costs_its_row_alone(train: Callable[..., Run]) -> None:
    run = train(iterations=3)
    for path in run.checkpoints.glob("model_iter-1.*"):
        path.unlink()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        made = {key: tf.compat.v1.Variable([1.0]) for key in (H, V)}
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(made).save(session, str(run.checkpoints / "model_iter-1"))
    run.record(run.digests())
    history = read_history(run, run.sample())
    assert ["(1,)" in each.reason for each in history.lost] == [True]
    assert history.steps == [0, 2, 3]


def test_a_stray_name_and_a_wrong_line_do_not_make_a_run_longer_than_it_can_be(
    empty_runs: Runs, recipe_run: Run
) -> None:
    shutil.copytree(recipe_run.directory, empty_runs.root / recipe_run.id)
    run = empty_runs.open(recipe_run.id)
    for stray in ("model_iter-20000000", "model_iter-007", "model_iter-99999999999"):
        (run.checkpoints / f"{stray}.index").touch()
    with run.steps_file.open("a") as log:
        log.write("9999999,1,1,1,1\n")
    history = read_history(run, run.sample())
    assert history.gone == ()
    assert history.table["step"].is_unique
    assert [each.name for each in history.lost] == ["model_iter-20000000"]
