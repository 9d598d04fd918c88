"""Compare tries all five formats when asked, and shows what trying showed."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.compare.formats import QUESTIONS, SLOTS
from core.data import make_sample
from core.pool.training import train_run
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


def test_two_runs_are_chosen_and_shown_under_one_slider(application: Callable[..., AppTest]) -> None:
    runs = services.runs()
    first, second = (
        runs.create(
            make_sample(DataSettings()), TrainSettings(iterations=3, learning_rate=rate), DataSettings()
        )
        for rate in (0.001, 0.01)
    )
    test = application("compare", first).button_group(key="compare-tab").set_value("runs").run()
    assert test.info[0].value == "There is no other run of yours yet."
    for run, name in ((first, "slow"), (second, "quick")):
        train_run(str(run.directory))
        run.update(owner="me", name=name)
    test = application("compare", first).button_group(key="compare-tab").set_value("runs").run()
    assert test.selectbox(key="compare-with").options == ["quick"]
    test.button(key="compare-runs").click().run()
    assert test.title[0].value == "History"
    state = test.session_state["explorer"]
    assert (state.run, state.others) == (first.id, (second.id,))


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


@pytest.mark.parametrize("tab", ["formats.", "x"])
def test_a_tab_that_there_is_not_opens_the_first(
    application: Callable[..., AppTest], recipe_run: Run, tab: str
) -> None:
    test = fine(application("compare", recipe_run, tab=tab))
    assert not test.error
    assert test.button_group(key="compare-tab").value == "two"
