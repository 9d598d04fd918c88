"""What watching costs: a run through the pool, nobody looking, against the same on the Playground."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from playwright.sync_api import Browser, expect

from bench.chromium import LONG, Site, application, chromium, full_speed, visit
from bench.places import fresh, runs_folder, trained, workers
from bench.report import Check, Table, median_seconds
from core.pool.workers import Pool
from core.run.runs import Runs

ITERATIONS = 2000
TIMES = 3


def measure() -> Sequence[Table]:
    """In turn: a worker process of a script's pool, a worker process of the server's pool."""
    alone: list[float] = []
    page: list[float] = []
    runs, watched = runs_folder(), runs_folder()
    with workers(runs) as pool, application(watched) as site, chromium() as browser:
        _unwatched(pool, runs, 50)
        _on_page(browser, site, watched, 50)
        for _ in range(TIMES):
            alone.append(_unwatched(pool, runs, ITERATIONS))
            page.append(_on_page(browser, site, watched, ITERATIONS))
    ratio = statistics.median(page) / statistics.median(alone)
    return [
        Table(
            "What watching costs",
            f"{ITERATIONS:,} iterations at full speed, {TIMES} times each, in turn; seconds from `run.json`, "
            "every save and digest included. Server and browser share the machine's cores with the training.",
            ("what", "median (fastest to slowest)", "ratio"),
            (
                ("through the pool of a script, nobody looks", median_seconds(alone), "1.00×"),
                ("started and watched on the Playground, in Chromium", median_seconds(page), f"{ratio:.2f}×"),
            ),
            (
                Check(
                    "watched on the page at most 1.25× the time through the pool",
                    f"{ratio:.2f}×",
                    ratio <= 1.25,
                ),
            ),
        )
    ]


def _unwatched(pool: Pool, runs: Runs, iterations: int) -> float:
    run = fresh(runs, iterations=iterations)
    trained(pool, run)
    return run.manifest().seconds


def _on_page(browser: Browser, site: Site, runs: Runs, iterations: int) -> float:
    page = visit(browser, f"{site.address}/?iterations={iterations}")
    full_speed(page)
    page.get_by_role("button", name="Train", exact=True).click()
    done = page.get_by_text(f"Finished: {iterations} of {iterations} iterations")
    expect(done).to_be_visible(timeout=LONG)
    page.context.close()
    return runs.manifests()[0].seconds
