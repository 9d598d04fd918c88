"""One HTML file of a run, a sweep or a report: opened from disk, offline, dragged, wide and narrow."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from command.main import main
from core.history import html_file
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweeps
from core.sweep.grid import Axis, Grid
from core.sweep.html_file import of_sweep
from core.sweep.results import read_results
from installed import Frame
from tests.conftest import train_all
from tests.core.inspect.writer import of_arrays


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, recipe_run: Run) -> Path:
    root = tmp_path_factory.mktemp("files")
    (root / "run.html").write_text(html_file.of_run(recipe_run), encoding="utf-8")
    axes = Axis("learning_rate", (0.001, 0.01, 9.0)), Axis("seed", (1, 2))
    sweep = Sweeps(Runs(root / "runs")).create(
        Grid(axes, DataSettings(samples=31), TrainSettings(iterations=9))
    )
    train_all(sweep)
    (root / "sweep.html").write_text(of_sweep(sweep, read_results(sweep)), encoding="utf-8")
    (root / "models").mkdir()
    for step in range(1, 6):
        values = {"layer/kernel": np.full((4, 4), step, np.float32), "layer/bias": np.ones(4, np.float32)}
        of_arrays(root / "models" / f"m-{step}", values)
    assert main(["report", str(root / "models"), "-o", str(root / "report.html")]) == 0
    return root


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
@pytest.mark.parametrize(
    ("name", "where"), [("run", ".where-step"), ("sweep", ".where-step"), ("report", ".where")]
)
def test_a_file_works_from_disk(
    browser: Browser, folder: Path, name: str, where: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        offline=True,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto((folder / f"{name}.html").as_uri())
    place = page.locator(where).first
    expect(place).not_to_have_text("")
    last = place.inner_text()
    slider = page.locator("input[type=range]").first
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(place).not_to_have_text(last)
    middle = place.inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(place).not_to_have_text(middle)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 384) == (scheme == "dark")
    if name == "sweep":
        page.locator(".scroller").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-role=here]")).to_contain_text("rate 0.01, seed 1, iteration 3: h ")
        expect(page.get_by_role("application")).to_have_accessible_name(
            re.compile("learning rate 0.01, .* Arrow keys point at a cell.$")
        )
        expect(page.get_by_role("row", name="9 2 diverged")).to_be_attached()
    if name == "report":
        expect(
            page.get_by_role("cell", name="layer/bias never changes in these 5 checkpoints.")
        ).to_be_visible()
    context.close()
    assert not wrong


def test_a_notebook_and_a_page_of_a_course_show_it_in_a_frame(browser: Browser, folder: Path) -> None:
    frame = Frame((folder / "report.html").read_text(encoding="utf-8"), 900)
    (folder / "page.html").write_text(f"<!doctype html><body>{frame._repr_html_()}</body>", encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((folder / "page.html").as_uri())
    inside = page.frame_locator("iframe")
    expect(inside.locator(".where").first).to_have_text("m-5")
    inside.locator("input[type=range]").first.press("ArrowLeft")
    expect(inside.locator(".where").first).to_have_text("m-4")
    context.close()
