"""Saver and SavedModel are compared by doing both; the record says what happened."""

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import CheckpointError
from core.compare.comparison import Comparison
from core.compare.timing import Phase
from core.pool import jobs
from core.run.runs import Run
from core.tf import exporting, restoring
from core.tf.compare import compare_checkpoint
from pages.ui.comparing import call

v1 = tf.compat.v1


@pytest.fixture(scope="module")
def found(recipe_run: Run) -> Comparison:
    return jobs.compare(str(recipe_run.directory), "model_iter-12")


def test_both_give_the_files_values_and_numpys_prediction(found: Comparison, recipe_run: Run) -> None:
    values = read_values(recipe_run.checkpoints / "model_iter-12")
    h, v = np.float32(values["hor_estimate"]), np.float32(values["ver_estimate"])
    expected = np.square(recipe_run.sample().x - h) + v
    for way in (found.saver, found.saved_model):
        assert tuple(way.values.values()) == (float(h), float(v))
        assert way.prediction == expected.astype(np.float32).tobytes()
    assert found.bare == (float(h), float(v))
    assert found.same_values
    assert found.same_prediction
    assert "Same h, same v, same 201 predictions, bit for bit." in found.conclusion()


def test_only_the_saved_model_has_tags_a_signature_and_an_asset(found: Comparison) -> None:
    saver, saved = found.saver, found.saved_model
    assert (saver.tags, saver.signatures, saver.assets) == ((), {}, {})
    assert saved.tags == ("serve",)
    assert "x: float32" in saved.signatures["serving_default"]
    assert "model_iter-12" in saved.assets["about.txt"]


def test_files_and_bytes_are_those_on_disk(found: Comparison, recipe_run: Run) -> None:
    for name, size in found.saver.files.items():
        assert (recipe_run.checkpoints / name).stat().st_size == size
    exported = recipe_run.saved_model / "model_iter-12"
    assert set(found.saved_model.files) == {
        "saved_model.pb",
        "assets/about.txt",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
    }
    assert found.saved_model.bytes == sum(p.stat().st_size for p in exported.rglob("*") if p.is_file())


def test_todays_loader_opens_the_export_and_calls_the_signature(found: Comparison, recipe_run: Run) -> None:
    loaded = tf.saved_model.load(str(recipe_run.saved_model / "model_iter-12"))
    y = loaded.signatures["serving_default"](x=tf.constant(recipe_run.sample().x))["y"]
    assert y.numpy().tobytes() == found.saved_model.prediction


def test_the_code_on_the_page_is_the_code_that_ran(found: Comparison) -> None:
    for way, module in ((found.saver, restoring), (found.saved_model, exporting)):
        source = inspect.getsource(module)
        for block in way.code.split("\n\ndef "):
            assert block in source


def test_every_phase_was_measured_several_times(found: Comparison) -> None:
    for phase in (*found.saver.phases, *found.saved_model.phases, found.export):
        assert len(phase.milliseconds) >= 5
        assert min(phase.milliseconds) <= phase.median <= max(phase.milliseconds)


def test_slots_stay_behind_in_a_saved_model(train: Callable[..., Run]) -> None:
    run = train(optimizer="Momentum", iterations=2)
    found = jobs.compare(str(run.directory), "model_final")
    assert set(found.saver.variables) - set(found.saver.values) == {
        "hor_estimate/Momentum",
        "ver_estimate/Momentum",
    }
    assert len(found.saved_model.variables) == 2
    assert any("2 slots" in row.saver and row.saved_model.startswith("no") for row in found.rows())


def test_the_saver_restores_what_the_file_holds(recipe_run: Run) -> None:
    restored = jobs.restore(str(recipe_run.directory), "model_iter-40")
    values = read_values(recipe_run.checkpoints / "model_iter-40")
    assert {name: np.float32(value) for name, value in restored.values.items()} == values
    assert restored.milliseconds > 0


def test_a_foreign_file_never_reaches_tensorflow(train: Callable[..., Run]) -> None:
    run = train(iterations=2)
    meta = run.checkpoints / "model_iter-0.meta"
    meta.unlink()
    meta.write_bytes(b"not what the run wrote")
    for job in (jobs.restore, jobs.compare):
        with pytest.raises(CheckpointError, match=r"model_iter-0\.meta is not the file that this run wrote"):
            job(str(run.directory), "model_iter-0")


def test_a_missing_file_is_named(train: Callable[..., Run]) -> None:
    run = train(iterations=1)
    (run.checkpoints / "model_iter-0.index").unlink()
    with pytest.raises(CheckpointError, match=r"model_iter-0\.index is missing"):
        jobs.restore(str(run.directory), "model_iter-0")


def test_nothing_half_written_is_published(tmp_path: Path) -> None:
    target = tmp_path / "saved_model" / "x"

    def die() -> None:
        with exporting.published(target) as temporary:
            temporary.mkdir()
            raise RuntimeError("died")

    with pytest.raises(RuntimeError, match="died"):
        die()
    assert list(target.parent.iterdir()) == []


def test_the_median_of_an_even_count_lies_between_the_middle_two() -> None:
    assert Phase("x", (1.0, 5.0, 2.0, 4.0)).median == 3.0


def test_no_default_graph_or_session_is_left_behind(recipe_run: Run) -> None:
    before = len(v1.get_default_graph().get_operations())
    jobs.restore(str(recipe_run.directory), "model_iter-3")
    assert len(v1.get_default_graph().get_operations()) == before
    assert v1.get_default_session() is None
    assert tf.executing_eagerly()


def test_the_lines_that_are_shown_give_the_values_beside_them(
    found: Comparison, recipe_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recipe_run.checkpoints)
    directory = str(recipe_run.saved_model / "model_iter-12")
    for way in (found.saver, found.saved_model):
        lines = call(way).splitlines()
        with tf.Graph().as_default(), v1.Session() as session:
            names = {"tf": v1, "session": session, "directory": directory}
            exec("\n".join(lines[:-2]), names)
            for line in lines[-2:]:
                code, _, shown = line.partition("  # ")
                assert f"{eval(code, names):.9g}" == shown


def test_two_who_compare_the_same_at_once_are_both_answered(recipe_run: Run) -> None:
    for step in range(40, 46):
        with ThreadPoolExecutor(2) as two:
            answers = [two.submit(compare_checkpoint, recipe_run, f"model_iter-{step}") for _ in range(2)]
            assert [(each.result().same_values, each.result().note) for each in answers] == [(True, "")] * 2


def test_predictions_that_are_both_infinite_do_not_differ(found: Comparison) -> None:
    infinite = np.full(3, np.inf, np.float32).tobytes()
    sides = (replace(side, prediction=infinite) for side in (found.saver, found.saved_model))
    saver, saved = sides
    assert replace(found, saver=saver, saved_model=saved).largest_difference() == 0
