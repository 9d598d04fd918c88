"""Twenty visitors press Train together while another one leafs through the pages."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from playwright.sync_api import Browser, Page, expect

from bench.chromium import LONG, Site, application, chromium, full_speed, visit
from bench.leafing import Leafing
from bench.memory import many_runs, megabytes, server_memory
from bench.places import fresh, runs_folder
from bench.report import Check, Table, p95
from core import jobs
from core.runs import ENDED, FINISHED, Manifest, Runs

VISITORS = 20
ITERATIONS = 100
ANSWER = 0.5  # seconds in which another page has to answer


def measure() -> Sequence[Table]:
    """One server with two training workers; every visitor is a browser session of their own."""
    with runs_folder() as runs:
        shown = fresh(runs)
        jobs.train_run(str(shown.directory))
        with application(runs) as site, chromium() as browser:
            leafing = Leafing(visit(browser, f"{site.address}/?run={shown.id}&step=50"))
            quiet = leafing.leaf(2)
            before = server_memory(site.process.pid)
            pages = [_ready(browser, site) for _ in range(VISITORS)]
            during_sessions = server_memory(site.process.pid)
            busy, seconds, finished = _together(pages, runs, leafing)
            after = server_memory(site.process.pid)
            shows = _all_show_it(pages)
    first, last = many_runs()
    return [
        _together_table(quiet, busy, seconds, finished, shows),
        Table(
            "Memory",
            "Resident memory in MB. A training worker's is the larger of two.",
            ("what", "server", "workers, scheduler and their helpers"),
            (
                ("one visitor", *_words(before)),
                (f"{VISITORS} visitors more, before they train", *_words(during_sessions)),
                (f"after {VISITORS} runs, their pages open", *_words(after)),
                ("for each visitor", megabytes((after[0] - before[0]) / VISITORS), "–"),
                ("a training worker, before 200 runs", "–", megabytes(first)),
                ("a training worker, after 200 runs", "–", megabytes(last)),
            ),
        ),
    ]


def _ready(browser: Browser, site: Site) -> Page:
    """A visitor on the page Train, with full speed chosen."""
    page = visit(browser, f"{site.address}/train?iterations={ITERATIONS}")
    full_speed(page)
    return page


def _together(pages: list[Page], runs: Runs, leafing: Leafing) -> tuple[list[float], float, int]:
    """All press Train; answer times meanwhile, seconds until the last run ends, how many finished."""
    before = {manifest.id for manifest in runs.manifests()}
    answers: list[float] = []
    began = time.perf_counter()
    for page in pages:
        page.get_by_role("button", name="Train", exact=True).click()
    ended: list[Manifest] = []
    while len(ended) < VISITORS and time.perf_counter() - began < LONG / 1000:
        answers += leafing.leaf(1)
        ended = [m for m in runs.manifests() if m.id not in before and m.status in ENDED]
    seconds = time.perf_counter() - began
    return answers, seconds, sum(manifest.status == FINISHED for manifest in ended)


def _all_show_it(pages: list[Page]) -> int:
    """How many visitors see their own run finished."""
    seen = 0
    for page in pages:
        words = f"finished: iteration {ITERATIONS} of {ITERATIONS}"
        expect(page.get_by_text(words)).to_be_visible(timeout=30_000)
        seen += 1
    return seen


def _together_table(
    quiet: list[float], busy: list[float], seconds: float, finished: int, shows: int
) -> Table:
    middle, slow = statistics.median(busy), p95(busy)
    rate = VISITORS * ITERATIONS / seconds
    return Table(
        f"{VISITORS} visitors press Train together",
        f"{ITERATIONS} iterations each, at full speed, two training workers; all browsers run on the "
        "server's own cores. Another visitor goes from page to page: Start, Data, Compare (a finished run).",
        ("what", "measured"),
        (
            ("runs finished, and shown as finished to their visitors", f"{finished} and {shows}"),
            ("until the last one finished", f"{seconds:.1f} s, {rate:.0f} iterations a second in all"),
            ("another visitor's click to the heading, nobody trains", _answer(quiet)),
            (f"the same while {VISITORS} train or wait", _answer(busy)),
        ),
        (
            Check(
                f"{VISITORS} sessions that press Train together all finish",
                f"{finished} of {VISITORS}",
                finished == shows == VISITORS,
            ),
            Check(
                f"meanwhile other pages answer within {ANSWER} s",
                f"median {middle:.2f} s, 95th percentile {slow:.2f} s",
                slow <= ANSWER,
            ),
        ),
    )


def _answer(seconds: list[float]) -> str:
    return (
        f"median {statistics.median(seconds):.2f} s, 95th percentile {p95(seconds):.2f} s, "
        f"slowest {max(seconds):.2f} s ({len(seconds)} clicks)"
    )


def _words(memory: tuple[float, float]) -> tuple[str, str]:
    return megabytes(memory[0]), megabytes(memory[1])
