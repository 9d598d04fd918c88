"""The time machine in a real browser: how soon it redraws, what it sends, how fast it opens."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from playwright.sync_api import Browser

from bench.chromium import Site, application, chromium, visit
from bench.drag import FRAME, SLOW, Drag, drag, history_address, opened, settled
from bench.ordinary import measure_ordinary
from bench.places import fresh, runs_folder
from bench.report import Check, Table, p95
from core.history.history import read_history
from core.pool.training import train_run
from core.run.runs import Run

SIZES = (100, 10_000)


def measure() -> Sequence[Table]:
    """At few and at many checkpoints, and the ordinary way beside them."""
    drags: dict[int, Drag] = {}
    openings: list[tuple[str, float]] = []
    folder = runs_folder()
    runs = {}
    for size in SIZES:
        runs[size] = fresh(folder, iterations=size - 1)
        train_run(str(runs[size].directory))
    began = time.perf_counter()
    read_history(runs[SIZES[-1]], runs[SIZES[-1]].sample())
    openings.append(("reading the files, in a script", time.perf_counter() - began))
    with chromium() as browser:
        with application(folder) as site:
            drags[SIZES[0]] = _drag(browser, site, runs[SIZES[0]])
            few = _new_window(browser, site, runs[SIZES[0]])
            openings.append((f"a new browser window, {SIZES[0]} checkpoints, files read", few))
            openings += _openings(browser, site, runs[SIZES[-1]])
            drags[SIZES[-1]] = _drag(browser, site, runs[SIZES[-1]])
        releases, before = measure_ordinary(browser)
    return [_redrawing(drags, releases, before), _opening(openings)]


def _drag(browser: Browser, site: Site, run: Run) -> Drag:
    """Open the run at its end, let it settle, drag."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sent: list[float] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(time.monotonic())))
    page.goto(_address(site, run))
    opened(page)
    settled(page)
    found = drag(page, sent)
    context.close()
    return found


def _openings(browser: Browser, site: Site, run: Run) -> list[tuple[str, float]]:
    """Seconds until History shows the run: files not yet read, read, and from the Playground."""
    found = [
        (what, _new_window(browser, site, run))
        for what in ("a new browser window, files not yet read", "a new browser window, files read")
    ]
    page = visit(browser, _address(site, run).replace("/history", "/"))
    page.wait_for_timeout(1000)
    began = time.perf_counter()
    page.get_by_role("link", name="History", exact=True).click()
    opened(page)
    found.append(("a click in the navigation, files read", time.perf_counter() - began))
    page.context.close()
    return found


def _new_window(browser: Browser, site: Site, run: Run) -> float:
    """Seconds until a browser that knows nothing of the application shows the run's last checkpoint."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    began = time.perf_counter()
    page.goto(_address(site, run))
    opened(page)
    found = time.perf_counter() - began
    settled(page)
    page.context.close()
    return found


def _address(site: Site, run: Run) -> str:
    return history_address(site, run, run.manifest().train.iterations)


def _redrawing(drags: dict[int, Drag], releases: list[float], before: int) -> Table:
    rows = []
    checks = []
    for size, found in drags.items():
        middle, slow = statistics.median(found.drawn), p95(found.drawn)
        rows.append(
            (
                f"the time machine, {size:,} checkpoints",
                str(len(found.drawn)),
                _both(found.drawn),
                _both(found.pointer),
                _both(found.painted),
                str(found.during),
                str(found.after),
            )
        )
        if size == SIZES[0]:
            good = middle <= FRAME and slow <= SLOW and len(found.drawn) >= 100
            target = (
                f"{size} checkpoints: input to redrawn curve at most {FRAME} ms, 95th percentile {SLOW} ms"
            )
            checks.append(Check(target, f"{middle:.1f} ms, {slow:.1f} ms", good))
        quiet = found.during == 0 and found.after <= 1
        messages = f"{found.during} and {found.after}"
        checks.append(
            Check(f"{size:,} checkpoints: no message in a drag, at most one at rest", messages, quiet)
        )
    few, many = (drags[size].drawn for size in SIZES)
    ratio = max(statistics.median(many) / statistics.median(few), p95(many) / p95(few))
    checks.append(
        Check(
            f"{SIZES[-1]:,} checkpoints: the same within 2×",
            f"{statistics.median(many):.1f} ms, {p95(many):.1f} ms ({ratio:.1f}×)",
            ratio <= 2,
        )
    )
    ordinary = "`st.slider` in a fragment with `st.plotly_chart`, release to redrawn"
    rows.append((ordinary, str(len(releases)), _both(releases), "–", "–", f"{before} redrawn", "1 a release"))
    return Table(
        "From the hand to the picture",
        "Real pointer in headless Chromium, 201 samples; median / 95th percentile. Every view of the step is "
        "redrawn each time. The ordinary way draws nothing until the mouse is released.",
        (
            "what",
            "pictures",
            "input event to redrawn",
            "pointer to redrawn",
            "pointer to painted",
            "messages in the drag",
            "messages at rest",
        ),
        tuple(rows),
        tuple(checks),
    )


def _opening(openings: list[tuple[str, float]]) -> Table:
    read = dict(openings)["a new browser window, files read"]
    return Table(
        f"Opening History with {SIZES[-1]:,} checkpoints",
        "Until the curve is drawn.",
        ("what", "time"),
        tuple((what, f"{seconds:.2f} s") for what, seconds in openings),
        (Check("10,000 checkpoints open within 2 s after the files are read", f"{read:.2f} s", read <= 2),),
    )


def _both(milliseconds: list[float]) -> str:
    return f"{statistics.median(milliseconds):.1f} / {p95(milliseconds):.1f} ms"
