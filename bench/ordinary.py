"""The ordinary way: `st.slider` in a fragment with `st.plotly_chart`, release to redrawn."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.conftest import ROOT, answers
from tests.conftest import wait_until

RELEASES = 25

SCRIPT = """
import numpy as np
import plotly.graph_objects as go
import streamlit as st

x = np.linspace(-2, 4, 201)
y = (x - 1) ** 2 - 2 + np.random.default_rng(0).normal(0, 0.4, 201)


@st.fragment
def look():
    step = st.slider("step", 0, 99, 99)
    h, v = step / 99, -2 * step / 99
    figure = go.Figure([
        go.Scatter(x=x, y=y, mode="markers"),
        go.Scatter(x=x, y=(x - h) ** 2 + v, mode="lines"),
    ])
    figure.update_layout(xaxis_range=[-2, 4], yaxis_range=[-4, 10])
    st.plotly_chart(figure, key="fit")


st.title("The ordinary way")
look()
"""

# The path of the fitted curve is looked at after every change of the page.
LISTEN = """() => {
  const curve = () => document.querySelector(".scatterlayer path.js-line")?.getAttribute("d");
  let released = null, shown = curve();
  window.redrawn = [];
  window.addEventListener("pointerup", (event) => { released = event.timeStamp; }, true);
  window.addEventListener("mouseup", (event) => { released ??= event.timeStamp; }, true);
  new MutationObserver(() => {
    const now = curve();
    if (!now || now === shown) return;
    shown = now;
    window.redrawn.push(released === null ? -1 : performance.now() - released);
    released = null;
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def measure_ordinary(browser: Browser) -> tuple[list[float], int]:
    """Milliseconds from each release to the redrawn curve, and how often it was redrawn before one."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "ordinary.py"
        script.write_text(SCRIPT, encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: answers(f"http://localhost:{port}/_stcore/health"))
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(f"http://localhost:{port}")
            page.locator(".scatterlayer path.js-line").wait_for(timeout=60_000)
            page.wait_for_timeout(2000)
            times = _releases(page)
            page.context.close()
        finally:
            process.terminate()
            process.wait(30)
    return [each for each in times if each >= 0], sum(each < 0 for each in times)


def _releases(page: Page) -> list[float]:
    """Drag and let go, again and again; -1 for a curve that was redrawn while dragging."""
    page.evaluate(LISTEN)
    box = page.get_by_test_id("stSlider").bounding_box()
    assert box
    for number in range(RELEASES):
        # The input with the role of a slider is hidden; what one takes hold of is the thumb around its value.
        grip = page.get_by_test_id("stSliderThumbValue").locator("..").bounding_box()
        assert grip
        page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
        page.mouse.down()
        goal = box["x"] + box["width"] * (0.2 if number % 2 else 0.8) + number
        for part in range(1, 11):
            start = grip["x"] + grip["width"] / 2
            page.mouse.move(start + (goal - start) * part / 10, grip["y"] + grip["height"] / 2)
            page.wait_for_timeout(16)
        page.mouse.up()
        page.wait_for_timeout(700)
    found: list[float] = page.evaluate("window.redrawn")
    if len(found) < RELEASES:
        raise RuntimeError(f"{RELEASES} releases of st.slider redrew the curve only {len(found)} times")
    return found
