"""The time machine alone: many runs, the first iteration, the projector, what the pointer finds."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.data import make_sample, optimum
from core.settings import DataSettings
from tests.browser import drawn
from tests.browser.conftest import start_server
from tests.browser.tracks_in_closed_form import ITERATIONS, UPDATES, place_of, start_of, update_of
from tests.conftest import wait_until

Show = Callable[..., Page]
LAST = ITERATIONS - 1


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page that shows nothing else."""
    folder = tmp_path_factory.mktemp("stage")
    process, address = start_server(folder, folder / "log", "tests/browser/stage.py")
    yield address
    process.terminate()
    process.wait(30)
    log = (folder / "log").read_text()
    assert "Traceback" not in log, log[-4000:]


@pytest.fixture
def show(browser: Browser, stage: str) -> Iterator[Show]:
    """Open the stage with what the address asks for; the component is 1,100 px wide at 1,260."""
    contexts = []
    errors: list[str] = []

    def shown(asked: str = "", width: int = 1260, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
        page.goto(f"{stage}/?{asked}")
        expect(drawn.machine(page)).to_have_attribute("data-drawn", re.compile(r"\d"))
        return page

    yield shown
    for context in contexts:
        context.close()
    assert not errors


def place(number: int, iteration: int) -> tuple[float, float]:
    h, v = place_of(number, iteration)
    return float(h), float(v)


def row(page: Page, name: str) -> Locator:
    return page.locator(f"[data-role=values] tr[data-row={name}]")


def test_the_last_stop_is_no_iteration(show: Show) -> None:
    page = show()
    assert drawn.step(page) == ITERATIONS
    expect(page.locator(".where-step")).to_have_text(f"model_final (= iteration {LAST})")
    expect(page.get_by_text("model_final.index")).to_be_visible()
    for name in ("h", "v", "cost"):
        line = drawn.points(page, name, "[data-role=line]")
        assert [round(x) for x, _ in line] == [*range(ITERATIONS)]
        cursor = page.locator(f"[data-plot={name}]").evaluate(
            "plot => plot.querySelector('[data-role=cursor]').getAttribute('d') + ' ' + plot.dataset.width"
        )
        assert float(cursor.split()[0][1:]) == pytest.approx(float(cursor.split()[-1])), (
            "on the last iteration"
        )
    drawn.slider(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".where-step")).to_have_text(f"iteration {LAST}")
    assert drawn.step(page) == LAST


def test_the_path_begins_at_the_start(show: Show) -> None:
    page = show("step=3")
    path = drawn.points(page, "surface", "[data-role=path]")
    expected = [start_of(0), *(place(0, iteration) for iteration in range(4)), place(0, 3)]
    assert np.allclose(path, expected, atol=5e-3)
    expect(page.locator("[data-role=starts] .start")).to_have_count(1)


def test_eight_runs_stand_on_one_slider_each_in_its_colour(show: Show) -> None:
    page = show("runs=8&step=5")
    colours = set()
    for number in range(8):
        mark = "[data-role=fit]" if number == 0 else f"[data-role=fit-overlay]:nth-last-child({number + 1})"
        assert drawn.fit(page, mark) == pytest.approx(place(number, 5), abs=5e-3)
        fit = page.locator(f"[data-plot=fit] {mark}")
        colours.add(fit.evaluate("mark => getComputedStyle(mark).stroke"))
        h, v = place(number, 5)
        cells = row(page, "run" if number == 0 else f"overlay-{number}")
        expect(cells).to_contain_text(f"{np.float32(h):.5f}")
        expect(cells).to_contain_text(f"{np.float32(v):.5f}")
    assert len(colours) == 8
    expect(row(page, "difference")).to_have_count(0)
    other = "run 2 (trained on other points; its cost here is on those shown)"
    expect(page.locator("[data-role=runs]").get_by_text(other)).to_be_visible()
    expect(row(page, "overlay-2")).to_contain_text("other points")
    expect(row(page, "overlay-1")).not_to_contain_text("other points")
    # Each run on these points, and not the first alone, has its distance from their truth and optimum.
    best = optimum(make_sample(DataSettings()))
    for name, goal in (("truth", (1.0, -2.0)), ("optimum", (best.h, best.v))):
        expect(row(page, f"{name}-2")).to_have_count(0)
        for number in {*range(8)} - {2}:
            for value in np.round(np.array(place(number, 5), np.float32), 5) - np.round(np.array(goal), 5):
                expect(row(page, f"{name}-{number}")).to_contain_text(f"{value:+.5f}")


def test_the_first_pass_is_looked_into_without_a_message(show: Show) -> None:
    page = show("inner=1&step=7")
    drawn.count_messages(page)
    button = page.get_by_role("button", name="First iteration, update by update")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    slider = drawn.slider(page)
    expect(slider).to_have_attribute("max", str(UPDATES))
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".where-step")).to_have_text(f"update {UPDATES - 1} of {UPDATES}")
    assert drawn.fit(page) == pytest.approx(tuple(float(each) for each in update_of(UPDATES - 1)), abs=5e-3)
    expect(page.get_by_text("Read from a run that saved every update.")).to_be_visible()
    expect(page.locator("[data-role=announcer]")).to_contain_text(f"update {UPDATES - 1} of {UPDATES}, h")
    button.click()
    expect(page.locator(".where-step")).to_have_text("iteration 7")
    assert page.evaluate("window.sent") == 0
    page = show()
    expect(page.get_by_role("button", name="First iteration, update by update")).to_have_count(0)


def test_values_stand_under_the_pointer_and_a_click_goes_there(show: Show) -> None:
    page = show("runs=2")
    tip = page.locator("[data-panel=cost] .tip")
    expect(tip).to_be_hidden()
    plot = page.locator("[data-panel=cost] svg")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    inner = page.locator("[data-plot=cost]")
    left, wide = 50, float(inner.get_attribute("data-width") or 0)
    page.mouse.move(box["x"] + left + wide * 10 / LAST, box["y"] + box["height"] / 2)
    expect(tip).to_contain_text("iteration 10")
    assert tip.inner_text().split("\n")[0] in ("run 0", "run 1")
    shown = [place(number, 10) for number in range(2)]
    assert any(f"h {h:.4f}" in tip.inner_text() and f"v {v:.4f}" in tip.inner_text() for h, v in shown)
    page.mouse.down()
    page.mouse.up()
    wait_until(lambda: drawn.step(page) == 10)
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()


def test_a_point_says_where_it_is(show: Show) -> None:
    page = show("step=0")
    x = make_sample(DataSettings()).x[0]
    at = page.locator("[data-plot=fit]").evaluate(
        """plot => {
          const path = plot.querySelector("[data-role=samples]").getAttribute("d");
          const [x, y] = path.match(/-?[\\d.]+/g).map(Number);
          const matrix = plot.getScreenCTM();
          return [matrix.a * x + matrix.e, matrix.d * y + matrix.f];
        }"""
    )
    page.mouse.move(*at)
    expect(page.locator("[data-panel=fit] .tip")).to_contain_text(re.compile(f"point *x {x:.2f}"))


def test_a_projector_sees_everything_half_as_large_again(show: Show) -> None:
    def sizes(page: Page) -> list[float]:
        boxes = [
            page.locator(".where-step").bounding_box(),
            page.locator("[data-panel=fit] svg text.tick").first.bounding_box(),
            page.locator("[data-panel=surface] [data-role=truth]").bounding_box(),
            row(page, "run").locator("td").first.bounding_box(),
        ]
        return [box["height"] for box in boxes if box]

    usual, large = sizes(show("step=2")), sizes(show("step=2&projector=1"))
    assert len(usual) == len(large) == 4
    assert np.allclose(np.divide(large, usual), 1.5, atol=0.1)


@pytest.mark.parametrize("runs", [1, 2])
def test_slider_fit_surface_and_numbers_fit_one_screen(show: Show, runs: int) -> None:
    page = show(f"runs={runs}")
    boxes = [drawn.machine(page).bounding_box(), page.locator(".readout").bounding_box()]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["width"] >= 1100
    assert boxes[1]["y"] + boxes[1]["height"] <= 900  # a laptop's window


@pytest.mark.parametrize("controls", ["", "&watched=1"])
@pytest.mark.parametrize("width", [1260, 390])
def test_nothing_shifts_when_the_first_checkpoint_comes_or_training_ends(
    show: Show, controls: str, width: int
) -> None:
    panels = ("fit", "surface", "parameters", "cost")
    places = []
    for moment in ("empty=1", "live=1", "step=40"):
        page = show(moment + controls, width)
        places.append([page.locator(f"[data-panel={name}]").bounding_box() for name in panels])
    assert places[0] == places[1] == places[2]


# Words whose contrast with what lies under them is below 4.5:1 (WCAG 2), with the ratio.
FAINT = """(root) => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const linear = (share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  const luminance = (layers) => {
    for (const colour of layers) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    const [red, green, blue] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paper = getComputedStyle(root).getPropertyValue("--st-background-color");
  const found = [];
  for (const each of root.querySelectorAll("*")) {
    const speaks = [...each.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!speaks || !each.getClientRects().length) continue;
    const styles = getComputedStyle(each);
    const under = [];
    for (let at = each; at !== root; at = at.parentNode) under.unshift(getComputedStyle(at).backgroundColor);
    const ink = each instanceof SVGElement ? styles.fill : styles.color;
    const layers = [paper, ...under];
    const [low, high] = [luminance(layers), luminance([...layers, ink])].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.push(`${each.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("asked", ["runs=3&step=5", "inner=1", "compact=1"])
def test_every_word_stands_out_from_the_page(show: Show, theme: str, asked: str) -> None:
    page = show(asked, color_scheme=theme, reduced_motion="reduce")
    assert drawn.machine(page).evaluate(FAINT) == []
