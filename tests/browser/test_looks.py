"""Nothing moves by itself, what belongs together is seen together, and the menu makes room."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.run.runs import Runs
from tests.browser import drawn, playground
from tests.browser.test_time_machine import trained
from tests.browser.test_whole_way import go
from tests.conftest import wait_until

Visit = Callable[..., Page]

MOST = 40  # words of prose above the fold

# Sentences of at least four words in sight that are no label, button, link, heading, cell, name or code.
PROSE = """() => {
  const apart = "button, label, summary, a, h1, h2, h3, h4, th, td, code, pre, option, svg,"
    + " [role=tooltip], [role=radiogroup], [role=img], [data-role=status],"
    + " [data-testid=stSidebar], [data-testid=stHeader]";
  const said = [];
  const read = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) read(each.shadowRoot);
      if (each.closest(apart) || said.some(([other]) => other.contains(each))) continue;
      const own = [...each.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE);
      if (!own.some((child) => child.data.trim())) continue;
      if (!each.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
      const box = each.getBoundingClientRect();
      if (box.width < 2 || box.height < 2 || box.top >= innerHeight || box.bottom <= 0) continue;
      const copy = each.cloneNode(true);
      for (const inner of copy.querySelectorAll("code, button, a, style, script")) inner.remove();
      const text = copy.textContent.trim();
      const words = text.match(/\\p{L}[\\p{L}\\p{N}'’-]*/gu) ?? [];
      if (words.length > 3 && /[.?!]$/.test(text)) said.push([each, words.length, text]);
    }
  };
  read(document);
  return said.map(([, count, text]) => [count, text]);
}"""

PAGES = (
    "",
    "runs",
    "history",
    "compare",
    "sweep",
    "export",
    "files",
    "retention",
    "resume",
    "gallery",
    "inspect",
)


def top_of_the_charts(page: Page) -> float:
    """In pixels from the top of the window, of the one that is highest."""
    box = page.locator("[data-panel=fit]").bounding_box()
    assert box is not None
    return box["y"]


def test_the_charts_stay_in_place_when_a_training_begins_and_ends(visit: Visit) -> None:
    page = playground.ready(visit("?iterations=50", 1400))
    before = top_of_the_charts(page)
    for _ in range(2):
        playground.press(page, "Train")
        playground.says(page, r"Training: [1-9]\d* of 50 iterations")
        assert top_of_the_charts(page) == before
        playground.says(page, "Finished: 50 of 50 iterations")
        assert top_of_the_charts(page) == before


def test_the_whole_loop_is_on_one_screen(visit: Visit) -> None:
    page = playground.ready(visit("", 1400))
    parts = ["input.slider", ".where-step", "[data-ask=train]", "[data-role=files]", "[data-role=restored]"]
    parts += [f"[data-panel={name}]" for name in ("fit", "surface", "parameters", "cost")]
    for part in parts:
        expect(page.locator(f"[data-role=playground] {part}")).to_be_in_viewport(ratio=1)


def test_a_run_is_laid_over_where_one_sees_it(visit: Visit, recipe_id: str, server_runs: Runs) -> None:
    other = trained(server_runs, iterations=3)
    page = visit(f"history?run={recipe_id}", 1400)
    drawn.at_rest(page)
    control = page.get_by_role("button", name="Compare with another run")
    before = control.bounding_box()
    control.click()
    page.get_by_label("Or a link to a run").fill(other.id)
    page.keyboard.press("Enter")
    expect(page.locator("[data-role=fit-overlay]")).to_be_in_viewport()
    expect(page.get_by_role("button", name="×")).to_be_in_viewport(ratio=1)
    assert control.bounding_box() == before, "it neither jumps nor folds"


def test_slider_fit_surface_and_numbers_are_seen_together(visit: Visit, recipe_id: str) -> None:
    page = visit(f"history?run={recipe_id}", 1400)
    for part in (drawn.slider(page), page.locator("[data-panel=fit]"), page.locator("[data-panel=surface]")):
        expect(part).to_be_in_viewport(ratio=1)
    expect(page.locator(".readout")).to_be_in_viewport(ratio=1)


def test_the_projector_folds_the_menu_and_enlarges_the_type(visit: Visit, recipe_id: str) -> None:
    page = visit(f"history?run={recipe_id}", 1400)
    menu, place = page.get_by_test_id("stSidebarNavLink").first, page.locator(".where-step")
    expect(menu).to_be_in_viewport()
    size = "each => parseFloat(getComputedStyle(each).fontSize)"
    plain = place.evaluate(size)
    page.get_by_text("Projector").click()
    expect(page).to_have_url(re.compile("projector=1"))
    expect(menu).not_to_be_in_viewport()
    expect(drawn.machine(page)).to_have_class(re.compile("projector"))
    assert place.evaluate(size) == pytest.approx(1.5 * plain)


def test_on_a_telephone_the_menu_folds_when_a_page_is_chosen(visit: Visit) -> None:
    page = visit("files", 390)
    wait_until(lambda: page.evaluate("localStorage.getItem('checkpoint-explorer-visitor')"))  # what folds it
    page.get_by_test_id("stExpandSidebarButton").click()
    menu = page.get_by_test_id("stSidebarNavLink").first
    expect(menu).to_be_in_viewport()
    go(page, "History")
    expect(menu).not_to_be_in_viewport()


@pytest.mark.parametrize("width", [1400, 390])
def test_what_stands_in_a_pages_head_can_be_pressed(visit: Visit, recipe_id: str, width: int) -> None:
    page = visit(f"history?run={recipe_id}", width)
    drawn.at_rest(page)
    head = page.locator(".st-key-page-tools")
    head.get_by_role("button", name="Copy link").click()
    expect(head.get_by_role("status")).to_contain_text("Copied")
    expect(head.get_by_role("status")).to_be_in_viewport(ratio=1)
    head.get_by_role("button", name="Glossary").click()
    expect(page.get_by_text("Checkpoint.", exact=True)).to_be_visible()
    page.reload()  # with nothing open
    page.locator(".st-key-run-chip button:visible").click()
    expect(page.get_by_text("Show another run")).to_be_visible()


def test_on_a_telephone_names_of_scalars_are_whole_in_inspect(visit: Visit, recipe_id: str) -> None:
    page = visit(f"inspect?open=run-{recipe_id}", 390)
    for name in ("hor_estimate", "ver_estimate"):
        button = page.locator(".rows").get_by_role("button", name=name, exact=True)
        expect(button).to_be_visible(timeout=60_000)
        assert button.evaluate("each => each.scrollWidth <= each.clientWidth")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_little_above_the_fold(visit: Visit, recipe_id: str, path: str) -> None:
    page = visit(f"{path}?run={recipe_id}&step=30", 1400)
    if path == "history":
        drawn.slider(page)  # before it is drawn, what comes below it stands above the fold
    drawn.at_rest(page)
    said = page.evaluate(PROSE)
    assert said, "each page says in a line what it is for"
    assert sum(count for count, _ in said) <= MOST, said
