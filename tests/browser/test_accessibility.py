"""axe-core finds nothing against WCAG 2 A and AA: on every page, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweeps
from core.sweep.grid import Axis, Grid
from tests.browser import drawn, playground
from tests.browser.conftest import SECRET
from tests.browser.test_whole_way import run_id
from tests.conftest import train_all

Visit = Callable[..., Page]

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Streamlit's navigation puts its list items into elements that are no lists. Nothing else is left aside.
NAVIGATION = "[data-testid=stSidebarNavItems]"
LISTS = {"list": {"enabled": False}, "listitem": {"enabled": False}}

WITHOUT_A_RUN = (
    *("lessons", "lessons?lesson=1-saved&at=1", "lessons?lesson=1-saved&at=1&lang=fa", "gallery"),
    *("sweep", "inspect", "retention", "admin"),
)
WITH_A_RUN = ("", "runs", "history", "compare", "compare?tab=formats", "export", "files", "resume")


@pytest.fixture(scope="module")
def sweep_id(server_runs: Runs) -> str:
    """A finished sweep of two cells."""
    grid = Grid(
        (Axis("learning_rate", (0.001, 0.01)),), DataSettings(samples=20), TrainSettings(iterations=9)
    )
    sweep = Sweeps(server_runs).create(grid)
    train_all(sweep)
    return sweep.id


def found(
    page: Page, only: list[str], where: dict[str, Any], rules: dict[str, Any] | None = None
) -> list[str]:
    """What axe-core finds against these tags, or these rules, in that part of the page; a line each."""
    options = {"runOnly": only, "rules": rules or {}, "resultTypes": ["violations"]}
    result = Axe().run(page, context=where, options=options).response
    return [
        f"{broken['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for broken in result["violations"]
        for node in broken["nodes"]
    ]


def looked_at(page: Page, path: str) -> list[str]:
    """What is wrong with the page that is open, at both widths and in both schemes.

    Only its colours depend on the scheme, so that in the dark they alone are looked at.
    """
    wrong = []
    for width, scheme in ((1400, "light"), (390, "light"), (390, "dark"), (1400, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        drawn.at_rest(page)
        only = STANDARD if scheme == "light" else ["color-contrast"]
        lines = found(page, only, {"exclude": [[NAVIGATION]]})
        if path == "gallery" and width == 1400:  # the same on every page
            lines += found(page, only, {"include": [[NAVIGATION]]}, LISTS)
        wrong += [f"/{path}, {width} px, {scheme}: {line}" for line in lines]
    return wrong


def opened(page: Page, address: str) -> None:
    """Go there, and wait until nothing is drawn any more."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    drawn.at_rest(page)


def test_without_a_run(visit: Visit, server: str) -> None:
    page = visit("", 1400)
    wrong = []
    for path in WITHOUT_A_RUN:
        opened(page, f"{server}/{path}")
        wrong += looked_at(page, path)
    page.get_by_label("Secret", exact=True).fill(SECRET)  # the last page was the administrator's
    page.get_by_role("button", name="Show the server's state").click()
    expect(page.get_by_text("The newest runs")).to_be_visible()
    wrong += looked_at(page, "admin, open")
    assert not wrong, "\n".join(wrong)


def test_with_a_run(visit: Visit, server: str, sweep_id: str) -> None:
    page = visit("?iterations=12", 1400)
    playground.train(page, 12)
    own, wrong = run_id(page), []
    for path in (
        *(f"{path}{'&' if '?' in path else '?'}run={own}" for path in WITH_A_RUN),
        f"sweep?sweep={sweep_id}",
    ):
        opened(page, f"{server}/{path}")
        wrong += looked_at(page, path)
    assert not wrong, "\n".join(wrong)
