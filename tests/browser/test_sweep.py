"""Scrubbing through a sweep with a real pointer: every cell redraws, and no message is sent meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid, spread
from core.sweep.results import read_results
from tests.browser import drawn
from tests.browser.test_whole_way import go
from tests.conftest import train_all, wait_until

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def sweep(server_runs: Runs) -> Sweep:
    """6 × 6 cells, some of which diverge."""
    rates = Axis("learning_rate", spread("learning_rate", 0.0002, 0.2, 6, True))
    grid = Grid(
        (rates, Axis("batch", (1, 2, 4, 8, 16, 0))), DataSettings(samples=60), TrainSettings(iterations=40)
    )
    made = Sweeps(server_runs).create(grid)
    train_all(made)
    return made


def machine(page: Page) -> Locator:
    return page.locator("[data-role=sweep]")


def opened(visit: Visit, sweep: Sweep, width: int = 1280, **options: object) -> Page:
    page = visit(f"sweep?sweep={sweep.id}", width, **options)
    expect(machine(page)).to_have_attribute("data-drawn", re.compile(r"\d"), timeout=60_000)
    return page


def step(page: Page) -> int:
    return int(machine(page).get_attribute("data-step") or -1)


def here(page: Page) -> str:
    return page.locator("[data-role=here]").inner_text()


def point_at(page: Page, cell: int, columns: int = 6) -> None:
    """Move the pointer over a tile of the heat map, which lies as the grid does."""
    page.locator(f"[data-panel=cost] [data-cell='{cell}']").hover()
    expect(machine(page)).to_have_attribute("data-cell", str(cell))


def test_a_drag_redraws_all_cells_without_a_message_and_one_says_where_it_rests(
    visit: Visit, sweep: Sweep
) -> None:
    page = opened(visit, sweep)
    results = read_results(sweep)
    drawn.count_messages(page)
    point_at(page, 8)
    box = page.locator("input.slider").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 12, middle)
    page.mouse.down()
    seen = {}
    for part in np.linspace(0.95, 0.05, 19):
        page.mouse.move(box["x"] + 12 + part * (box["width"] - 24), middle)
        wanted = part * 39
        wait_until(lambda wanted=wanted: abs(step(page) - wanted) <= 1, 5)  # type: ignore[misc]
        seen[step(page)] = here(page)
    assert page.evaluate("window.sent") == 0
    page.mouse.up()
    wait_until(lambda: page.evaluate("window.sent") == 1)
    assert len(seen) > 12
    cell = results.cells[8]
    for at, words in seen.items():
        assert f"iteration {at}: h {cell.h[at]:.3f}, v {cell.v[at]:.3f}" in words


def test_the_picture_changes_with_the_step_and_the_view(visit: Visit, sweep: Sweep) -> None:
    page = opened(visit, sweep)
    pixels = """() => {
      const find = (root) => {
        for (const each of root.querySelectorAll("*")) {
          if (each.matches("[data-panel=grid]")) return each;
          const inner = each.shadowRoot && find(each.shadowRoot);
          if (inner) return inner;
        }
      };
      const canvas = find(document).querySelectorAll("canvas")[1];
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let i = 3; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1000003;
      return sum;
    }"""
    pictures = {page.evaluate(pixels)}
    for action in ("First checkpoint", "Step forward", "The path through the plane of h and v"):
        page.locator(f"button[title='{action}']").click()
        wait_until(lambda: page.evaluate(pixels) not in pictures, 5)
        pictures.add(page.evaluate(pixels))
    assert step(page) == 1


def test_keys_move_the_step_and_the_cell_and_enter_opens_its_run(visit: Visit, sweep: Sweep) -> None:
    page = opened(visit, sweep)
    page.locator("input.slider").focus()
    page.keyboard.press("Home")
    wait_until(lambda: step(page) == 0, 5)
    page.keyboard.press("ArrowRight")
    wait_until(lambda: step(page) == 1, 5)
    page.locator(".scroller").focus()
    for key, cell in (("ArrowRight", 0), ("ArrowRight", 1), ("ArrowDown", 7), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(machine(page)).to_have_attribute("data-cell", str(cell))
    page.keyboard.press("Enter")
    run = sweep.record().runs[1]
    expect(page.get_by_text(f"run {run[:6]}, finished")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="History").click()
    expect(drawn.machine(page)).to_have_attribute("data-step", "1", timeout=60_000)
    assert f"run={run}" in page.url
    go(page, "Sweep")  # who comes back finds what was chosen
    expect(machine(page)).to_have_attribute("data-cell", "1", timeout=60_000)
    expect(machine(page)).to_have_attribute("data-step", "1")
    expect(page.get_by_text(f"run {run[:6]}, finished")).to_be_visible()


def test_playing_goes_to_the_end_and_best_to_the_lowest_cost(visit: Visit, sweep: Sweep) -> None:
    page = opened(visit, sweep)
    page.locator("select[aria-label^='Playing speed']").select_option("100")
    page.get_by_role("button", name="Play", exact=True).click()
    wait_until(lambda: 0 < step(page) < 39, 5)
    wait_until(lambda: step(page) == 39, 10)
    page.get_by_role("button", name="Best").click()
    results = read_results(sweep)
    lowest = np.stack([cell.cost for cell in results.cells])
    cell, at = np.unravel_index(np.nanargmin(lowest), lowest.shape)
    expect(machine(page)).to_have_attribute("data-cell", str(cell))
    expect(machine(page)).to_have_attribute("data-step", str(at))


def test_a_cell_that_diverged_says_so_and_has_no_heat(visit: Visit, sweep: Sweep) -> None:
    page = opened(visit, sweep)
    cell = next(n for n, each in enumerate(read_results(sweep).cells) if each.status == "diverged")
    point_at(page, cell)
    assert "diverged" in here(page)
    expect(page.locator("[data-panel=cost] [data-role=value]")).to_have_text(re.compile("diverged$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone_the_grid_scrolls_inside_its_frame(visit: Visit, sweep: Sweep, scheme: str) -> None:
    page = opened(visit, sweep, 390, color_scheme=scheme)
    frame = page.locator(".scroller")
    inside, outside = frame.evaluate("each => [each.scrollWidth, each.clientWidth]")
    assert inside > outside
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    frame.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    wait_until(lambda: frame.evaluate("each => each.scrollLeft") > 0, 5)


def test_the_values_of_a_finished_sweep_travel_once_however_often_the_page_runs(
    visit: Visit, sweep: Sweep
) -> None:
    page = opened(visit, sweep)
    fetched: list[str] = []
    page.on("request", lambda each: fetched.append(each.url) if "/media/" in each.url else None)
    page.reload()  # the browser says who the visitor is, and the page runs twice
    expect(machine(page)).to_have_attribute("data-drawn", re.compile(r"\d"), timeout=60_000)
    page.get_by_text("As a table").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    page.get_by_text("A new sweep, or another one of yours").click()
    expect(page.get_by_role("button", name="Train all")).to_be_visible()
    assert len([each for each in fetched if each.endswith(".json")]) == 1
