"""The page Export offers a script, a table and a zip of the run that is looked at."""

import pytest
from streamlit.testing.v1 import AppTest

from core.pool.workers import Pool
from core.run.export import contents
from core.run.runs import Run
from core.training.script import script_of
from pages.ui import services
from tests.pages.conftest import alone, fine, look_at, words


@pytest.fixture
def page(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(services, "pool", lambda: pool)
    return alone("export")


def labels(page: AppTest) -> list[str]:
    return [each.proto.label for each in page.get("download_button")]


def test_the_script_that_is_shown_is_the_one_of_this_run(page: AppTest, recipe_run: Run) -> None:
    page = look_at(page, recipe_run)
    assert page.code[0].value == script_of(recipe_run).strip()
    short = recipe_run.id[:6]
    assert labels(page) == [f"Download repeat_{short}.py", f"Download history_{short}.csv"]
    assert "101 checkpoints" in words(page)


def test_the_zip_says_its_size_first_and_is_made_only_on_request(page: AppTest, recipe_run: Run) -> None:
    page = look_at(page, recipe_run)
    inside = contents(recipe_run)
    assert f"{inside.files} files, {inside.bytes / 1e6:.1f} MB" in words(page)
    page = fine(page.button(key="prepare-zip").click().run())
    assert labels(page)[-1].startswith(f"Download run_{recipe_run.id[:6]}.zip, ")
