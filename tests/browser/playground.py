"""The Playground in a browser: its panel, its buttons, and what it says of the run."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def ready(page: Page) -> Page:
    """The page, once its picture is drawn."""
    expect(page.locator("[data-role=playground][data-drawn]")).to_be_visible(timeout=60_000)
    return page


def press(page: Page, name: str) -> None:
    """One of the panel's buttons."""
    page.locator("[data-role=playground]").get_by_role("button", name=name, exact=True).click()


def status(page: Page) -> Locator:
    """What the panel says of the run."""
    return page.locator("[data-role=playground] [data-role=status]")


def says(page: Page, pattern: str) -> None:
    """Wait until the panel says it."""
    expect(status(page)).to_have_text(re.compile(pattern), timeout=60_000)


def train(page: Page, iterations: int) -> None:
    """Press Train, and wait until the run is finished."""
    press(ready(page), "Train")
    says(page, rf"Finished: {iterations} of {iterations} iterations")


def field(page: Page, label: str) -> Locator:
    """The number beside a slider of the panel."""
    return page.locator("[data-role=playground]").get_by_role("textbox", name=label)


def fill(page: Page, label: str, value: str) -> None:
    """Type a setting and leave its field."""
    field(page, label).fill(value)
    field(page, label).press("Enter")
