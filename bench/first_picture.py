"""How soon a page shows something, timed by the page itself in a browser that nothing else listens to.

Playwright hears of every request, and a first visit makes a hundred: on two slow cores that made 2.5 s of
1.5. Here the browser is told of one script, over its debugging port, and asked when that has seen it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import urllib.request
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.browser.conftest import FLAGS
from tests.browser.install import find

STARTS = 30.0  # seconds for the browser to start
RESTS = 2.0  # seconds until it has nothing to do

# Each makes `seen`, a promise of the milliseconds since the address was asked for. They look at every frame.
HEADING = """
window.seen = new Promise((done) => {
  const look = () => document.querySelector("[data-testid=stMain] h1")
    ? done(performance.now()) : requestAnimationFrame(look);
  document.addEventListener("DOMContentLoaded", look);
});
"""
SLIDER = """
window.seen = new Promise((done) => {
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.matches("[data-role=playground][data-step]")) return each;
      const inner = each.shadowRoot && find(each.shadowRoot);
      if (inner) return inner;
    }
  };
  let machine, at;
  const look = () => {
    if (machine && machine.dataset.step !== at) return done(performance.now());
    if (!machine && (machine = find(document))) {
      at = machine.dataset.step;
      const slider = machine.querySelector("input.slider");
      slider.value = String(Number(slider.value) - 1);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
    requestAnimationFrame(look);
  };
  document.addEventListener("DOMContentLoaded", look);
});
"""


def seconds_until_seen(address: str, script: str, visits: int = 1) -> list[float]:
    """Seconds from the address to what the script sees, for each visit of one browser, new at first."""
    browser = find() or "chromium"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        return [asyncio.run(_visit(address, script, browser, Path(profile))) for _ in range(visits)]


async def _visit(address: str, script: str, browser: str, profile: Path) -> float:
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    options = ("--headless=new", "--remote-debugging-port=0", "--window-size=1400,900", "--no-first-run")
    process = subprocess.Popen(
        [browser, *FLAGS, *options, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        connection = await websocket_connect(await asyncio.wait_for(_tab(told), STARTS))
        await asyncio.sleep(RESTS)
        numbers = count(1)
        await _ask(connection, next(numbers), "Page.enable")
        await _ask(connection, next(numbers), "Page.addScriptToEvaluateOnNewDocument", source=script)
        await _ask(connection, next(numbers), "Page.navigate", url=address)
        seen = await _ask(
            connection, next(numbers), "Runtime.evaluate", expression="window.seen", awaitPromise=True
        )
        connection.close()
        return float(seen["result"]["value"]) / 1000
    finally:
        process.terminate()
        process.wait(30)


async def _tab(told: Path) -> str:
    """The websocket of the browser's tab, once it listens."""
    while True:
        with suppress(OSError, IndexError, StopIteration):
            port = told.read_text(encoding="utf-8").split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                tabs = json.load(answer)
            return next(str(each["webSocketDebuggerUrl"]) for each in tabs if each["type"] == "page")
        await asyncio.sleep(0.1)


async def _ask(connection: WebSocketClientConnection, number: int, method: str, **parameters: Any) -> Any:
    """The browser's answer to one command."""
    await connection.write_message(json.dumps({"id": number, "method": method, "params": parameters}))
    while True:
        message = await connection.read_message()
        if message is None:
            raise ConnectionError(f"the browser ended before it answered {method}")
        answer = json.loads(message)
        if answer.get("id") == number:
            return answer["result"]
