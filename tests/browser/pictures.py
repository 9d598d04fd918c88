"""`make pictures`: take the README's pictures anew, of real pages with real runs."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.run.runs import Runs
from tests.browser import drawn
from tests.browser.conftest import FLAGS, ROOT, start_server
from tests.browser.install import find
from tests.core.inspect import writer

DOCS = ROOT / "docs"
VISITOR = "0" * 32  # whose runs they are, so that no page says that they are somebody else's

FORTH, REST, BACK = 36, 5, 11  # frames of the moving picture
FRAME = 100  # milliseconds
SHARP = 1.5  # its pixels for each of the page's


@contextmanager
def pages(browser: Browser, address: str) -> Iterator[Page]:
    """A page of the visitor's browser."""
    page = browser.new_page(
        base_url=address, viewport={"width": 1280, "height": 900}, device_scale_factor=SHARP
    )
    page.add_init_script(f"localStorage.setItem('checkpoint-explorer-visitor', '{VISITOR}')")
    yield page
    page.close()


def opened(page: Page, path: str, sign: str) -> None:
    """Go there, and wait for the words that are written last, if they are known."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=120_000)
    if sign:
        expect(page.get_by_text(sign).first).to_be_visible(timeout=120_000)
    page.mouse.move(1279, 899)  # over nothing
    drawn.at_rest(page)
    expect(page.locator(".tm:not([data-drawn])")).to_have_count(0)


def still(page: Page, name: str) -> None:
    """What the window shows, one pixel for each of the page's."""
    page.screenshot(path=DOCS / name, scale="css", animations="disabled")


def moving(page: Page, name: str) -> None:
    """The slider in a hand: slowly to its end, and back."""
    box = drawn.slider(page).bounding_box()
    stage = page.locator(".stage").bounding_box()
    assert box is not None
    assert stage is not None
    bottom = min(900.0, stage["y"] + stage["height"])
    clip = {"x": stage["x"], "y": stage["y"], "width": stage["width"], "height": bottom - stage["y"]}
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


def series(folder: Path) -> Path:
    """Ten checkpoints of a small model that a NaN got into."""
    random = np.random.default_rng(0)
    shapes = {"encoder/kernel": (64, 32), "encoder/bias": (32,), "head/kernel": (32, 10), "head/bias": (10,)}
    values = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    models = folder / "models"
    models.mkdir()
    for step in range(100, 1001, 100):
        for name in values:
            values[name] = (values[name] + random.normal(size=values[name].shape) * 0.05).astype(np.float32)
        if step >= 700:
            values["head/kernel"][:3] = np.nan
        writer.of_arrays(models / f"model-{step}", values)
    return models


def controls(page: Page) -> list[str]:
    """The names of the visible buttons and fields, by which a picture is known to be of the page as it is."""
    found = page.locator(
        "button:visible, [role=combobox]:visible, input:visible, a[data-testid=stPageLink-NavLink]"
    )
    names = {each.get_attribute("aria-label") or each.inner_text().strip() for each in found.all()}
    return sorted(" ".join(name.split()) for name in names if name.strip())


# Each picture: its file, the address, the words that come last, and the height of the window.
STILLS = (
    ("playground.png", "/", "Drag the slider to go back", 900),
    ("compare.png", "/compare", "predictions, bit for bit", 900),
    ("lessons.png", "/lessons?lesson=1-saved&at=2", "", 900),
    ("inspect.png", "/inspect?open=folder-0&at=7", "Values of head/kernel", 900),
)
CONTROLS = ROOT / "tests" / "browser" / "pictures.json"


def taken(browser: Browser, address: str, each: Callable[[Page, str], None]) -> dict[str, list[str]]:
    """Open the page of each picture, do something with it, and say which controls it has."""
    found = {}
    with pages(browser, address) as page:
        for name, path, sign, height in STILLS:
            page.set_viewport_size({"width": 1280, "height": height})
            opened(page, path, sign)
            each(page, name)
            found[name] = controls(page)
    return found


def main() -> None:
    with TemporaryDirectory() as folder:
        runs = Runs(Path(folder) / "runs")
        models = series(Path(folder))
        server, address = start_server(runs.root, Path(folder) / "log", CHECKPOINT_EXPLORER_OPEN=str(models))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
                with pages(browser, address) as page:
                    opened(page, "/?step=0", "Drag the slider to go back")
                    moving(page, "slider.webp")
                found = taken(browser, address, still)
            CONTROLS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
