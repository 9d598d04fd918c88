"""Every answer in the table of all ways is checked by other means than those that gave it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import DATA, CheckpointError
from core.compare.formats import (
    ASSETS,
    CODE,
    GRAPH,
    PREDICTION,
    QUESTIONS,
    SIGNATURES,
    SLOTS,
    TAGS,
    VALUES,
    AllWays,
)
from core.data import make_sample
from core.pool import jobs
from core.pool.training import train_run
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.tf import formats as ways
from core.tf.formats.material import Brought, Calls, Material
from core.tf.formats.trying import try_all_ways

SAVER, BUILDER, CHECKPOINT, SAVED_MODEL, KERAS = (way.title for way in ways.WAYS)
DATA_SETTINGS = DataSettings(samples=21, seed=4)


def make_run(folder: Path, optimizer: str) -> Run:
    settings = TrainSettings(optimizer=optimizer, iterations=4)
    run = Runs(folder).create(make_sample(DATA_SETTINGS), settings, DATA_SETTINGS)
    train_run(str(run.directory))
    return run


@pytest.fixture(scope="module")
def adam_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("adam"), "Adam")


@pytest.fixture(scope="module")
def adam(adam_run: Run) -> AllWays:
    """The table as a worker gives it."""
    return jobs.try_all_ways(str(adam_run.directory), "model_iter-2")


def answers(found: AllWays, question: str) -> dict[str, tuple[bool | None, str]]:
    return {each.title: (each.findings[question].kept, each.findings[question].text) for each in found.ways}


def material(run: Run, folder: Path, name: str = "model_iter-2") -> Material:
    values = {key: np.float32(value) for key, value in read_values(run.checkpoints / name).items()}
    about = folder / "about.txt"
    about.write_text("about", encoding="utf-8")
    return Material(run.manifest().train, values, 63, about, run.sample().x)


def test_every_way_answers_every_question(adam: AllWays) -> None:
    assert [each.title for each in adam.ways] == [SAVER, BUILDER, CHECKPOINT, SAVED_MODEL, KERAS]
    for way in adam.ways:
        assert tuple(way.findings) == QUESTIONS
        assert all(each.evidence for each in way.findings.values())
        assert len(way.write.milliseconds) == len(way.read.milliseconds) == 5
        assert way.bytes == sum(way.files.values()) > 0


def test_values_and_predictions_are_equal_bit_for_bit(adam: AllWays, adam_run: Run) -> None:
    assert set(answers(adam, VALUES).values()) == {(True, "equal bits")}
    assert set(answers(adam, PREDICTION).values()) == {(True, "equal bits")}
    values = read_values(adam_run.checkpoints / "model_iter-2")
    said = adam.ways[0].findings[VALUES].evidence
    h, v = (np.float32(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", said))
    assert (h, v) == (values["hor_estimate"], values["ver_estimate"])


def test_who_can_predict_without_the_code(adam: AllWays) -> None:
    kept = {title: kept for title, (kept, _) in answers(adam, GRAPH).items()}
    assert kept == {SAVER: True, BUILDER: True, CHECKPOINT: False, SAVED_MODEL: True, KERAS: False}
    assert kept == {title: kept for title, (kept, _) in answers(adam, CODE).items()}
    said = {each.title: each.findings[GRAPH].evidence for each in adam.ways}
    assert "AttributeError: 'Checkpoint' object has no attribute 'predict'" in said[CHECKPOINT]
    assert "Could not locate class 'Parabola'" in said[KERAS]
    assert "core" not in re.findall(r"(?:import|from) (\w+)", adam.codeless)


def test_slots_signatures_assets_and_tags(adam: AllWays) -> None:
    assert adam.slots == (
        "beta1_power",
        "beta2_power",
        "hor_estimate/Adam",
        "hor_estimate/Adam_1",
        "ver_estimate/Adam",
        "ver_estimate/Adam_1",
    )
    slots = answers(adam, SLOTS)
    assert slots.pop(KERAS) == (False, "4 of 6")  # it computes the powers from its count of updates
    assert set(slots.values()) == {(True, "6 of 6")}
    called = (True, "serving_default")
    none = (False, "none")
    assert answers(adam, SIGNATURES) == {
        SAVER: none,
        BUILDER: called,
        CHECKPOINT: none,
        SAVED_MODEL: called,
        KERAS: none,
    }
    about, lost = (True, "about.txt"), (False, "lost")
    assert answers(adam, ASSETS) == {
        SAVER: lost,
        BUILDER: about,
        CHECKPOINT: lost,
        SAVED_MODEL: about,
        KERAS: about,
    }
    assert answers(adam, TAGS) == {
        SAVER: none,
        BUILDER: (True, "train, serve"),
        CHECKPOINT: none,
        SAVED_MODEL: (True, "serve"),
        KERAS: none,
    }
    said = next(each for each in adam.ways if each.title == BUILDER).findings[TAGS].evidence
    assert "loaded by ['train']: 8 variables, signatures none" in said
    assert "loaded by ['serve']: 2 variables, signatures serving_default" in said
    assert "['no-such-tag']: RuntimeError, MetaGraphDef associated with tags 'no-such-tag'" in said


@pytest.mark.parametrize(
    ("optimizer", "slots", "keras"),
    [
        ("gradient descent", "has none", "has none"),
        ("Nesterov momentum", "2 of 2", "2 of 2"),
        ("RMSProp", "4 of 4", "2 of 4"),  # Keras keeps no momentum where there is none
    ],
)
def test_the_other_optimizers(optimizer: str, slots: str, keras: str, tmp_path: Path) -> None:
    found = try_all_ways(make_run(tmp_path, optimizer), "model_final")
    assert [text for _, text in answers(found, SLOTS).values()] == [slots] * 4 + [keras]
    assert all(each.exact for each in found.ways)
    assert "All 5 ways bring back the same h, v and prediction, bit for bit." in found.conclusion()


def test_a_way_that_brings_back_something_else_is_found_out(
    adam_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that rounds in the last bit, and a script without a prediction, do not pass."""
    good = next(way for way in ways.WAYS if way.title == CHECKPOINT)

    def off_by_one_bit(directory: Path, offered: Material) -> Brought:
        brought = good.read(directory, offered)
        h = np.nextafter(brought.h, np.float32(9))
        return Brought(h, brought.v, brought.prediction + np.float32(1), {}, {"f": brought.prediction})

    bad = Calls(CHECKPOINT, good.offer, off_by_one_bit, good.without_code, good.needs)
    monkeypatch.setattr("core.tf.formats.trying.WAYS", (bad,))
    found = try_all_ways(adam_run, "model_iter-2")
    (way,) = found.ways
    assert not way.exact
    assert way.findings[VALUES].text == "differ"
    assert way.findings[PREDICTION].text == "differs"
    assert way.findings[SLOTS].text == "0 of 6"
    assert found.conclusion().startswith(f"Not bit for bit: {CHECKPOINT}.")


def test_the_files_hold_what_the_table_says_they_hold(adam_run: Run, tmp_path: Path) -> None:
    offered = material(adam_run, tmp_path)
    places = {}
    for number, way in enumerate(ways.WAYS):
        places[way.title] = tmp_path / str(number) / "0"
        places[way.title].parent.mkdir()
        with way.offer(offered) as save:
            save(places[way.title])
    mine = (adam_run.checkpoints / ("model_iter-2" + DATA)).read_bytes()
    assert (places[SAVER] / ("model" + DATA)).read_bytes() == mine
    assert (places[BUILDER] / "variables" / ("variables" + DATA)).read_bytes() == mine
    listed = dict(tf.train.list_variables(tf.train.latest_checkpoint(str(places[CHECKPOINT]))))
    assert "hor_estimate/.ATTRIBUTES/VARIABLE_VALUE" in listed
    for title in (BUILDER, SAVED_MODEL):
        assert (places[title] / "assets" / "about.txt").read_text() == "about"
    with zipfile.ZipFile(places[KERAS] / "model.keras") as archive:
        assert archive.read("assets/layers/parabola/about.txt") == b"about"
    for title in (SAVER, CHECKPOINT):
        assert not list(places[title].rglob("about.txt"))


def test_nothing_global_is_switched_and_the_run_is_only_read(adam_run: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in adam_run.directory.rglob("*")}
    try_all_ways(adam_run, "model_iter-1")
    assert {path: path.stat().st_mtime_ns for path in adam_run.directory.rglob("*")} == before
    assert tf.executing_eagerly()
    assert tf.compat.v1.get_default_graph().get_operations() == []


def test_a_checkpoint_that_was_changed_is_not_handed_to_tensorflow(tmp_path: Path) -> None:
    run = make_run(tmp_path, "gradient descent")
    (run.checkpoints / ("model_iter-2" + DATA)).write_bytes(b"\0" * 8)
    with pytest.raises(CheckpointError, match="is not the file that this run wrote"):
        try_all_ways(run, "model_iter-2")
