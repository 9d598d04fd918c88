"""Who leaves a page while it waits for a worker is let go at once, and finds the answer on coming back."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, expect

from core.run.recipe import ID
from core.run.runs import Runs
from tests.browser import drawn
from tests.browser.conftest import start_server
from tests.browser.test_whole_way import go


class Workers:
    """A server's worker processes, which can be held."""

    def __init__(self, server: int) -> None:
        self._server = psutil.Process(server)

    def send(self, number: signal.Signals) -> None:
        for each in self._server.children(recursive=True):
            if "forkserver" in " ".join(each.cmdline()):
                each.send_signal(number)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Workers]]:
    """A server for these tests alone: its address and its workers."""
    process, address = start_server(
        Runs(tmp_path_factory.mktemp("runs")).root, tmp_path_factory.mktemp("server") / "log"
    )
    workers = Workers(process.pid)
    yield address, workers
    workers.send(signal.SIGCONT)
    process.terminate()
    process.wait(30)


@pytest.mark.parametrize(
    ("path", "title", "button", "answer"),
    [
        (f"compare?run={ID}&step=50&tab=formats", "Compare", "Try all formats", "Times are medians of"),
        (f"resume?run={ID}&step=50", "Resume and fork", "Interrupt and resume", "without its slots"),
        ("retention", "Retention", "Save the checkpoints", "What max_to_keep=5 left of"),
        ("gallery?card=graph_built_twice", "Error gallery", "Run the fix", "It works ("),
    ],
)
def test_a_visitor_is_let_go_and_comes_back_to_the_answer(
    browser: Browser, alone: tuple[str, Workers], path: str, title: str, button: str, answer: str
) -> None:
    address, workers = alone
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/{path}")
    asked = page.get_by_role("button", name=button)
    expect(asked).to_be_visible()
    drawn.at_rest(page)
    workers.send(signal.SIGSTOP)
    asked.click()
    expect(page.get_by_test_id("stSpinner").or_(page.get_by_role("progressbar")).first).to_be_visible()
    go(page, "Files")
    workers.send(signal.SIGCONT)
    go(page, title)
    expect(page.get_by_text(answer).first).to_be_visible(timeout=60_000)
    context.close()
