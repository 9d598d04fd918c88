"""A real server and a real browser for the parts that measure in one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.run.runs import Runs
from tests.browser.conftest import FLAGS, start_server
from tests.browser.install import find

LONG = 120_000  # milliseconds to wait for what trains


@dataclass(frozen=True)
class Site:
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def application(runs: Runs, **variables: str) -> Iterator[Site]:
    """The application with two training workers, on these runs, and with further environment variables."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        process, address = start_server(runs.root, log, CHECKPOINT_EXPLORER_WORKERS="2", **variables)
        try:
            yield Site(address, process)
        finally:
            if process.poll() is not None:
                end = log.read_text(encoding="utf-8")[-2000:]
                print(f"the server ended by itself, with {process.returncode}:\n{end}", file=sys.stderr)
            process.terminate()
            process.wait(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        yield started
        started.close()


def visit(browser: Browser, url: str) -> Page:
    """Open a page in a browser session of its own."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(LONG)
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=LONG)
    return page


def full_speed(page: Page) -> None:
    """Choose the speed on the Playground."""
    page.get_by_role("combobox", name="Speed", exact=True).select_option("Full speed")
    expect(page.get_by_role("combobox", name="Speed", exact=True)).to_have_value("Full speed")
