"""`make pictures`: take the README's pictures anew, of real pages with real runs."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from core.data import make_sample
from core.pool.sweep_job import train_sweep
from core.pool.training import train_run
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweeps
from core.sweep.grid import Axis, Grid, spread
from tests.browser import drawn
from tests.browser.conftest import FLAGS, ROOT, start_server
from tests.browser.install import find

DOCS = ROOT / "docs"
VISITOR = "0" * 32  # whose runs they are, so that no page says that they are somebody else's

FORTH, REST, BACK = 36, 5, 11  # frames of the moving picture
FRAME = 100  # milliseconds
SHARP = 1.5  # its pixels for each of the page's


def run_of(runs: Runs, train: TrainSettings) -> str:
    """The id of a finished run of the visitor's."""
    data = DataSettings()
    run = runs.create(make_sample(data), train, data, owner=hashlib.sha256(VISITOR.encode()).hexdigest())
    train_run(str(run.directory))
    return run.id


def sweep_of(runs: Runs) -> str:
    """The id of a finished sweep, some of whose runs diverge."""
    rates = Axis("learning_rate", spread("learning_rate", 0.0001, 0.1, 6, logarithmic=True))
    grid = Grid((rates, Axis("batch", (1, 2, 4, 16, 64, 0))), DataSettings(samples=60))
    sweep = Sweeps(runs).create(grid, owner=hashlib.sha256(VISITOR.encode()).hexdigest())
    train_sweep(str(sweep.directory), "here")
    return sweep.id


@contextmanager
def pages(address: str) -> Iterator[Page]:
    """A page of the visitor's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        page = browser.new_page(
            base_url=address, viewport={"width": 1280, "height": 900}, device_scale_factor=SHARP
        )
        page.add_init_script(f"localStorage.setItem('checkpoint-explorer-visitor', '{VISITOR}')")
        yield page
        browser.close()


def opened(page: Page, path: str, sign: str) -> None:
    """Go there, and wait for the words that are written last."""
    page.goto(path)
    expect(page.get_by_text(sign).first).to_be_visible(timeout=120_000)
    # Until the page has learnt who the visitor is, it lists none of the runs, and then it is drawn again.
    expect(page.get_by_role("combobox", name="Your runs")).to_be_visible(timeout=60_000)
    drawn.at_rest(page)
    expect(page.locator(".tm:not([data-drawn])")).to_have_count(0)


def still(page: Page, name: str) -> None:
    """What the window shows, one pixel for each of the page's."""
    page.mouse.move(0, 0)
    drawn.at_rest(page)
    page.screenshot(path=DOCS / name, scale="css", animations="disabled")


def moving(page: Page, name: str) -> None:
    """The slider in a hand: slowly to its end, and back."""
    box = drawn.slider(page).bounding_box()
    bottom = page.locator(".readout").bounding_box()
    assert box is not None
    assert bottom is not None
    height = bottom["y"] + bottom["height"] - box["y"]
    clip = {"x": box["x"] - 14, "y": box["y"] - 4, "width": box["width"] + 28, "height": height + 8}
    left, way = box["x"] + 12, box["width"] - 24  # its thumb is 24 px wide
    middle = box["y"] + box["height"] / 2
    there = [(1 - math.cos(math.pi * frame / FORTH)) / 2 for frame in range(FORTH)]
    back = [(1 + math.cos(math.pi * frame / BACK)) / 2 for frame in range(BACK)]
    page.mouse.move(left, middle)
    page.mouse.down()
    frames = []
    for share in (*there, *[1.0] * REST, *back):
        page.mouse.move(left + share * way, middle)
        shot = page.screenshot(clip=clip)  # type: ignore[arg-type]
        frames.append(Image.open(io.BytesIO(shot)).convert("RGB"))
    page.mouse.up()
    frames[0].save(
        DOCS / name, save_all=True, append_images=frames[1:], duration=FRAME, loop=0, quality=80, method=6
    )


def main() -> None:
    with TemporaryDirectory() as folder:
        runs = Runs(Path(folder) / "runs")
        recipe, adam = run_of(runs, TrainSettings()), run_of(runs, TrainSettings("Adam", iterations=40))
        sweep = sweep_of(runs)
        server, address = start_server(runs.root, Path(folder) / "log")
        try:
            with pages(address) as page:
                opened(page, f"/history?run={adam}&step=0", "model_iter-0, restored")
                moving(page, "slider.webp")
                opened(page, f"/history?run={recipe}&step=12", "model_iter-12, restored")
                still(page, "history.png")
                opened(page, f"/compare?run={recipe}", "the same predictions, bit for bit")
                still(page, "compare.png")
                page.set_viewport_size({"width": 1280, "height": 1190})
                opened(page, f"/sweep?sweep={sweep}", "Fastest without diverging")
                page.locator("input.slider").fill("3")
                still(page, "sweep.png")
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
