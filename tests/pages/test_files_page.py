"""The page Files shows what is in the run's directory, and follows the step."""

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundle import read_values
from core.checkpoint import DATA, META
from core.data import make_sample
from core.pool.training import train_run
from core.pool.workers import Pool
from core.run.manifest import RUNNING
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from pages.ui import services
from pages.ui.state import State
from tests.pages.conftest import alone, checkpoint_choice, fine, words


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A short Momentum run, trained once; each test looks at a copy of its own."""
    run = Runs(tmp_path_factory.mktemp("trained")).create(
        make_sample(DataSettings()), TrainSettings(optimizer="Momentum", iterations=4), DataSettings()
    )
    train_run(str(run.directory))
    return run


@pytest.fixture
def run(trained: Run, empty_runs: Runs) -> Run:
    return Run(Path(shutil.copytree(trained.directory, empty_runs.root / trained.id)))


@pytest.fixture
def show(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Draw the page for a run and a step."""
    monkeypatch.setattr(services, "pool", lambda: pool)

    def shown(run: Run | None = None, step: int | None = None) -> AppTest:
        page = alone("files")
        page.session_state["explorer"] = State(run=None if run is None else run.id, step=step)
        return fine(page.run())

    return shown


def open_file(page: AppTest, what: str) -> AppTest:
    return fine(page.button_group(key="open-file").set_value(what).run())


def html(page: AppTest) -> str:
    return "".join(each.proto.body for each in page.get("html"))


def table(page: AppTest, column: str) -> list[str]:
    """The named column of the first table that has it."""
    return next([str(x) for x in each.value[column]] for each in page.dataframe if column in each.value)


def test_a_run_without_a_checkpoint_says_so(show: Callable[..., AppTest], empty_runs: Runs) -> None:
    page = show(empty_runs.create(make_sample(DataSettings()), TrainSettings()))
    assert "no readable checkpoint yet" in page.info[0].value
    assert page.button(key="look-again")


def test_the_bytes_of_h_and_v_are_framed_and_decoded(show: Callable[..., AppTest], run: Run) -> None:
    page = show(run, step=2)
    assert checkpoint_choice(page).value == "model_iter-2"
    values = read_values(run.checkpoints / "model_iter-2")
    drawn = html(page)
    assert drawn.count("ce-byte ce-framed") == 8
    for name in ("hor_estimate", "ver_estimate"):
        said = f"{name}: {struct.pack('<f', values[name]).hex(' ')}, which is {values[name]!s}"
        assert said in drawn
    assert table(page, "as in the file") == [struct.pack("<f", each).hex(" ") for each in values.values()]
    (worked,) = [each.value for each in page.code if each.value.startswith("value =")]
    for line, name in zip(worked.splitlines()[1:], ("hor_estimate", "ver_estimate"), strict=True):
        called, formula, shown = line.split(" = ")
        assert called == name
        assert np.float32(eval(formula.replace("^", "**").replace("×", "*"))) == values[name]
        assert np.float32(shown) == values[name]
    assert table(page, "value") == [str(each) for each in values.values()]
    assert table(page, "checksum") == ["✓ matches"] * 4


def test_the_tree_marks_what_was_changed(show: Callable[..., AppTest], run: Run) -> None:
    assert "✗ differs" not in html(show(run, step=2))
    path = run.checkpoints / ("model_iter-2" + DATA)
    path.write_bytes(path.read_bytes()[::-1])
    page = show(run, step=2)
    assert checkpoint_choice(page).value != "model_iter-2", "a torn checkpoint cannot be chosen"
    page = fine(page.button(key="check-all").click().run())
    assert any("1 differs" in each.value for each in page.warning)
    assert f"checkpoints/model_iter-2{DATA}" in table(page, "file")


def test_choosing_a_checkpoint_moves_the_step(show: Callable[..., AppTest], run: Run) -> None:
    page = show(run)
    assert checkpoint_choice(page).value == "model_final"
    page = fine(checkpoint_choice(page).set_value("model_iter-1").run())
    assert page.session_state["explorer"].step == 1
    assert checkpoint_choice(page).value == "model_iter-1"
    assert "Bold: the files of model_iter-1" in words(page)


def test_the_state_file_shows_what_it_forgets(show: Callable[..., AppTest], run: Run) -> None:
    page = open_file(show(run), "checkpoint")
    assert 'model_checkpoint_path: "model_final"' in page.code[0].value
    assert "4 more checkpoints on disk are not listed" in words(page)
    assert table(page, "in this file") == ["listed"] + ["not listed"] * 4


def test_the_index_is_a_table_of_tensors(show: Callable[..., AppTest], run: Run) -> None:
    page = open_file(show(run), "index")
    assert table(page, "name") == [
        "hor_estimate",
        "hor_estimate/Momentum",
        "ver_estimate",
        "ver_estimate/Momentum",
    ]
    assert table(page, "offset") == ["0", "4", "8", "12"]
    assert all(each.startswith("0x") for each in table(page, "checksum (masked CRC-32C)"))


def test_the_meta_file_is_decoded_drawn_and_searched(show: Callable[..., AppTest], run: Run) -> None:
    page = open_file(show(run), "meta")
    (drawing,) = page.get("graphviz_chart")
    assert "gradients" in drawing.proto.alt
    assert drawing.proto.spec.startswith("digraph {")
    assert "The first 200 of" in words(page)
    (search,) = page.text_input
    page = fine(search.set_value("restore_op_name").run())
    assert "1 of" in words(page)
    assert 'restore_op_name: "save/restore_all"' in page.code[0].value
    page = fine(page.text_input[0].set_value("no such line").run())
    assert "No line of" in words(page)


def test_a_changed_meta_file_is_not_decoded(show: Callable[..., AppTest], run: Run) -> None:
    path = run.checkpoints / ("model_iter-2" + META)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"\0")
    page = open_file(show(run, step=2), "meta")
    assert any("is not the file that this run wrote" in each.value for each in page.warning)
    assert not page.get("graphviz_chart")


def test_a_button_exports_what_is_missing_and_the_bytes_are_compared(
    show: Callable[..., AppTest], run: Run
) -> None:
    page = show(run, step=1)
    assert "model_iter-1 has no SavedModel yet." in words(page)
    page = fine(page.button(key="export").click().run())
    assert (run.saved_model / "model_iter-1" / "saved_model.pb").is_file()
    assert table(page, "same bytes") == ["yes", "only in the Saver's file"] * 2
    assert "h and v are the same bytes in both." in words(page)
    page = open_file(page, "saved_model")
    assert "serving_default" in words(page)
    assert "signature serving_default" in page.get("graphviz_chart")[0].proto.alt


def test_while_training_goes_on_every_checkpoint_is_recorded_already(
    show: Callable[..., AppTest], run: Run
) -> None:
    run.update(status=RUNNING)
    page = show(run)
    assert "Training continues" in words(page)
    assert "matches" in html(page)
    assert page.button(key="look-again")
