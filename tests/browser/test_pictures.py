"""The README's pictures are of the pages as they are: the names of the controls in them are still there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.run.runs import Runs
from tests.browser import pictures
from tests.browser.conftest import start_server


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server with what the pictures show."""
    models = pictures.series(tmp_path)
    runs = Runs(tmp_path / "runs")
    server, where = start_server(runs.root, tmp_path / "log", CHECKPOINT_EXPLORER_OPEN=str(models))
    yield where
    server.terminate()
    server.wait(30)


def test_a_picture_shows_the_controls_that_its_page_has(browser: Browser, address: str) -> None:
    taken = json.loads(pictures.CONTROLS.read_text(encoding="utf-8"))
    now = pictures.taken(browser, address, lambda page, name: None)
    assert now == taken, "the pages have changed: `make pictures`, and look at them"
