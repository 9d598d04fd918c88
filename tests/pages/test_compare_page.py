"""Compare tries all five formats when asked, and shows what trying showed."""

import pytest
from streamlit.testing.v1 import AppTest

from core.compare.formats import QUESTIONS, SLOTS
from core.data import make_sample
from core.pool.workers import Pool
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from pages.ui import services
from tests.pages.conftest import alone, checkpoint_choice, fine, look_at


@pytest.fixture
def page(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(services, "pool", lambda: pool)
    return alone("compare", 180)


def test_a_run_without_checkpoints_is_said_in_a_sentence(page: AppTest, empty_runs: Runs) -> None:
    run = empty_runs.create(make_sample(DataSettings()), TrainSettings(), DataSettings())
    page = look_at(page, run, page="compare")
    assert "no readable checkpoint yet" in page.info[0].value
    assert not page.button


def test_nothing_is_tried_before_it_is_asked_for(page: AppTest, recipe_run: Run) -> None:
    page = look_at(page, recipe_run, step=12, page="compare", choices={"compare": {"tab": "formats"}})
    assert checkpoint_choice(page).value == "model_iter-12"
    assert not page.dataframe
    assert not page.success


def test_all_ways_are_tried_and_one_is_looked_at_closely(page: AppTest, recipe_run: Run) -> None:
    page = look_at(page, recipe_run, step=12, page="compare", choices={"compare": {"tab": "formats"}})
    page = fine(page.button(key="try-ways").click().run())
    assert "All 5 ways bring back the same h, v and prediction, bit for bit." in page.success[0].value
    table = page.dataframe[0].value
    assert list(table.columns) == [
        "Saver",
        "SavedModel (v1)",
        "tf.train.Checkpoint",
        "tf.saved_model.save",
        "Keras .keras",
    ]
    assert list(table.index) == [*QUESTIONS, "files", "bytes", "write (ms)", "read (ms)"]
    assert set(table.loc[SLOTS]) == {"– has none"}
    page = fine(page.segmented_control(key="way").set_value("Keras .keras").run())
    assert page.table[0].value.loc["graph", "answer"] == "✗ not kept"
    assert "class Parabola(tf.keras.layers.Layer)" in page.code[0].value
    assert "import core" not in page.code[1].value
    # Another checkpoint has not been tried yet, so nothing is said about it.
    page = fine(checkpoint_choice(page).select("model_iter-13").run())
    assert not page.success
