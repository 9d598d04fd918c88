"""What the time machine has drawn, read back from the page in the units of the data."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

# What fades in or changes its colour has neither colour yet. Nothing fades for longer than a second.
_ENDED = """() => Promise.race([
  Promise.allSettled(document.getAnimations().map((each) => each.finished)),
  new Promise((done) => setTimeout(done, 1000)),
])"""


def at_rest(page: Page) -> None:
    """Wait until the script has run and all that it said is drawn, components too, without any fading."""
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=60_000
    )
    undrawn = page.locator("[data-testid=stSkeleton], [data-stale=true], [aria-busy=true]")
    expect(undrawn).to_have_count(0, timeout=60_000)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.evaluate(_ENDED)


def count_messages(page: Page) -> None:
    """Count what the page sends to the server from now on, in `window.sent`."""
    page.evaluate("""() => {
      const send = WebSocket.prototype.send;
      window.sent = 0;
      WebSocket.prototype.send = function (...a) { window.sent += 1; return send.apply(this, a); };
    }""")


def machine(page: Page) -> Locator:
    """The root of the time machine, alone or in the Playground."""
    return page.locator("[data-role=timemachine], [data-role=playground]")


def slider(page: Page) -> Locator:
    """Its slider, once it stands on a step: before that it is hidden and cannot be focused."""
    expect(machine(page)).to_have_attribute("data-step", re.compile(r"\d"))
    return page.locator("input.slider")


def step(page: Page) -> int:
    """The step that is drawn now."""
    return int(machine(page).get_attribute("data-step") or -1)


def points(page: Page, plot: str, mark: str) -> list[tuple[float, float]]:
    """The coordinates of a path, in the units of its plot; those of a Bézier curve's control point too.

    Args:
        plot: the plot's name, such as `fit` or `surface`.
        mark: a selector of the path inside it.
    """
    path: dict[str, Any] = page.locator(f"[data-plot={plot}]").evaluate(
        "(plot, mark) => ({ ...plot.dataset, d: plot.querySelector(mark).getAttribute('d') })", mark
    )
    width, height, x0, x1, y0, y1 = (
        float(path[name]) for name in ("width", "height", "x0", "x1", "y0", "y1")
    )
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", path["d"])]
    found = []
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        up = y0 * (y1 / y0) ** (1 - y / height) if path["yScale"] == "log" else y1 + y / height * (y0 - y1)
        found.append((x0 + x / width * (x1 - x0), up))
    return found


def fit(page: Page, mark: str = "[data-role=fit]") -> tuple[float, float]:
    """(h, v) of a fitted curve, computed from the coordinates of its path alone."""
    (x0, y0), _, (x1, y1) = points(page, "fit", mark)
    h = (x0 + x1) / 2 - (y1 - y0) / (2 * (x1 - x0))
    return h, y0 - (x0 - h) ** 2
