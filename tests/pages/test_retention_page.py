"""The page Retention needs no run: a Saver of its own saves, and the page shows what came of it."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.pool.workers import Pool
from core.retention.retention import TRAPS
from pages.ui import services
from tests.pages.conftest import alone, fine, words


@pytest.fixture
def page(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(services, "pool", lambda: pool)
    return fine(alone("retention").run())


def test_before_anything_is_pressed_nothing_is_claimed(page: AppTest) -> None:
    assert not page.get("plotly_chart")
    assert not page.dataframe
    assert "Only the clock is simulated" in words(page)


def test_pressing_go_shows_which_checkpoints_live(page: AppTest) -> None:
    page.number_input(key="retention-max_to_keep").set_value(2)
    page.number_input(key="retention-keep_checkpoint_every_n_hours").set_value(4.0)
    page.number_input(key="retention-saves").set_value(10)
    page.selectbox(key="retention-final").set_value("yes")
    page = fine(page.button(key="retention-go").click().run())
    (chart,) = page.get("plotly_chart")
    drawn = {trace["name"]: trace["y"] for trace in json.loads(chart.proto.spec)["data"]}
    assert drawn["kept and listed"] == ["model_iter-9", "model_final"]
    assert drawn["kept, not listed"] == ["model_iter-4", "model_iter-8"]
    assert "11 checkpoints were saved, 7 deleted again; 4 are on disk" in words(page)
    assert page.code[0].value.startswith('model_checkpoint_path: "model_final"')
    fates = page.dataframe[0].value.set_index("checkpoint")["what became of it"]
    assert fates["model_iter-0"] == "deleted when model_iter-2 was saved"
    assert fates["model_iter-4"] == "on disk, not listed"


def test_an_empty_max_to_keep_keeps_all(page: AppTest) -> None:
    page.number_input(key="retention-max_to_keep").set_value(None)
    page = fine(page.button(key="retention-go").click().run())
    assert "20 checkpoints were saved, 0 deleted again" in words(page)
    assert "What max_to_keep=None left of 20 checkpoints" in words(page)


def test_the_recipes_button_leaves_the_recipes_files(page: AppTest) -> None:
    page = fine(page.button(key="retention-recipe").click().run())
    assert "on disk: model_iter-96, model_iter-97, model_iter-98, model_iter-99 and model_final." in words(
        page
    )


@pytest.mark.parametrize(
    ("key", "said"),
    {
        "default": "5 checkpoints on disk: model_iter-96",
        "none": "The checkpoint file lists 1. On disk but not listed: model_iter-0",
        "resumed": "On disk but not listed: model_iter-2, model_iter-3 and model_iter-4.",
        "moved": "The checkpoint file lists 3, of which 3 cannot be found",
        "two_savers": "On disk but not listed: model_iter-2 and model_iter-3.",
        "minus_one": "No checkpoint has its values on disk",
    }.items(),
)
def test_each_trap_springs_on_its_button(page: AppTest, key: str, said: str) -> None:
    assert said not in words(page)
    page = fine(page.button(key=f"try-{key}").click().run())
    assert said in words(page)
    assert any("Saver(" in each.value for each in page.code)


def test_every_trap_has_a_button(page: AppTest) -> None:
    assert [each.key for each in page.button if str(each.key).startswith("try-")] == [
        f"try-{key}" for key in TRAPS
    ]


def test_the_saver_options_show_what_is_missing_in_tensorflows_words(page: AppTest) -> None:
    page = fine(page.button(key="options-go").click().run())
    matrix = page.dataframe[0].value.set_index("restored into")
    assert matrix.loc["same names, Saver()", "Saver()"] == "✓ everything"
    assert matrix.loc["same names, Saver()", "Saver([h])"] == "✗ missing: ver_estimate"
    assert matrix.loc["same names, Saver([h])", "Saver([h])"] == "✓ all but ver_estimate"
    page = fine(page.selectbox(key="options-saved").set_value("Saver([h])").run())
    assert "Missing: ver_estimate." in page.error[0].value
    assert any("Key ver_estimate not found in checkpoint" in each.value for each in page.code)
    assert any("v1.train.Saver([h])" in each.value for each in page.code)


def test_what_was_chosen_is_there_when_one_comes_back(application: Callable[..., AppTest]) -> None:
    test = application("retention")
    test.number_input(key="retention-saves").set_value(30).run()
    test.number_input(key="retention-max_to_keep").set_value(None).run()
    test.switch_page("pages/playground.py").run()
    test.run()
    test.switch_page("pages/retention.py").run()
    assert test.number_input(key="retention-saves").value == 30
    assert test.number_input(key="retention-max_to_keep").value is None
    test.number_input(key="retention-saves").set_value(12).run()
    assert test.number_input(key="retention-saves").value == 12
