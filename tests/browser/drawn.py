"""What the time machine has drawn, read back from the page in the units of the data."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page


def machine(page: Page) -> Locator:
    """The time machine's root."""
    return page.locator("[data-role=timemachine]")


def slider(page: Page) -> Locator:
    """Its slider."""
    return page.locator("input.slider")


def step(page: Page) -> int:
    """The step that is drawn now."""
    return int(machine(page).get_attribute("data-step") or -1)


def fit(page: Page) -> tuple[float, float]:
    """(h, v) of the fitted curve, computed from the coordinates of its path alone."""
    path: dict[str, Any] = page.evaluate(
        """() => {
          const find = (root) => {
            for (const each of root.querySelectorAll("*")) {
              if (each.matches("[data-plot=fit]")) return each;
              const inner = each.shadowRoot && find(each.shadowRoot);
              if (inner) return inner;
            }
          };
          const plot = find(document);
          return { ...plot.dataset, d: plot.querySelector("[data-role=fit]").getAttribute("d") };
        }"""
    )
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", path["d"])]
    (x0, y0), (x1, y1) = (
        (
            float(path["x0"]) + x / float(path["width"]) * (float(path["x1"]) - float(path["x0"])),
            float(path["y1"]) + y / float(path["height"]) * (float(path["y0"]) - float(path["y1"])),
        )
        for x, y in (numbers[:2], numbers[-2:])
    )
    h = (x0 + x1) / 2 - (y1 - y0) / (2 * (x1 - x0))
    return h, y0 - (x0 - h) ** 2
