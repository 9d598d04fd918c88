"""A real server and a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core import environment
from core.run.runs import Runs
from tests.browser.install import find
from tests.conftest import wait_until

ROOT = Path(__file__).parent.parent.parent

# The browser's own services are looked up on the network at every start; nothing here needs one.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

SECRET = "looked-at-by-axe"

expect.set_options(timeout=15_000)


def start_server(
    folder: Path, log: Path, script: str | None = None, **variables: str
) -> tuple[subprocess.Popen[bytes], str]:
    """The application, or another script, on a free port, with runs of its own; its process and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as output:
        alone = ["-m", "streamlit", "run", script or "", "--server.port", str(port)]
        process = subprocess.Popen(
            [sys.executable, *(alone if script else ["-m", "serve", "--port", str(port)])],
            cwd=ROOT,
            env={**os.environ, environment.RUNS: str(folder), **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://localhost:{port}"
    wait_until(lambda: answers(f"{address}/_stcore/health"))
    return process, address


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def server_runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The runs of the server under test."""
    return Runs(tmp_path_factory.mktemp("server-runs"))


@pytest.fixture(scope="session")
def server(server_runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application's address."""
    log = tmp_path_factory.mktemp("server") / "log"
    variables = {environment.WORKERS: "2", environment.ADMIN: SECRET}
    process, address = start_server(server_runs.root, log, **variables)
    yield address
    process.terminate()
    process.wait(30)
    assert b"Traceback" not in log.read_bytes(), log.read_text()[-4000:]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the application in a browser session of its own."""
    contexts = []
    errors: list[str] = []

    def opened(path: str = "", width: int = 1280, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
        page.goto(f"{server}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture(scope="session")
def recipe_id(server_runs: Runs) -> str:
    """A finished run of the recipe among the server's runs, nobody's own."""
    from core.data import make_sample
    from core.pool.training import train_run
    from core.settings import DataSettings, TrainSettings

    data = DataSettings()
    run = server_runs.create(make_sample(data), TrainSettings(), data)
    train_run(str(run.directory))
    return run.id
