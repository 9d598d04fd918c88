"""Twenty visitors press Train together while another one leafs through the pages."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

from bench.chromium import Site, application, chromium, visit
from bench.leafing import PAGES, Leafing
from bench.memory import many_runs, megabytes, server_memory
from bench.places import fresh, runs_folder
from bench.report import Check, Table, p95
from bench.visitor import Visitor
from core.pool.training import train_run
from core.run.manifest import FINISHED
from core.words import listed

VISITORS = 20
ITERATIONS = 500
ANSWER = 0.5  # seconds in which another page has to answer
RATE = 300  # iterations a second of all visitors together
GROWTH = 5e6  # bytes that a worker may grow by over its second hundred runs
LONG = 300  # seconds to wait for all

Together = tuple[float, list[int], tuple[float, float]]  # seconds, bytes of every live tick, memory


def measure() -> Sequence[Table]:
    """One server with two training workers; one visitor in a browser, twenty that train."""
    runs = runs_folder()
    shown = fresh(runs)
    train_run(str(shown.directory))
    with application(runs) as site, chromium() as browser, ThreadPoolExecutor(1) as aside:
        leafing = Leafing(visit(browser, f"{site.address}/?run={shown.id}&step=50"))
        leafing.leaf(1)  # Compare makes its record
        quiet = leafing.leaf(3)
        before = server_memory(site.process.pid)
        training = aside.submit(asyncio.run, _together(site))
        busy = _leaf_until_done(leafing, training)
        seconds, ticks, after = training.result()
        finished = sum(m.status == FINISHED and m.train.iterations == ITERATIONS for m in runs.manifests())
    first, half, last = many_runs()
    return [
        _together_table(quiet, busy, seconds, ticks, finished),
        Table(
            "Memory",
            "Resident memory in MB. A training worker's is the larger of two.",
            ("what", "server", "workers, scheduler and their helpers"),
            (
                ("one visitor", *_words(before)),
                (f"{VISITORS} visitors more, their {VISITORS} runs finished", *_words(after)),
                ("for each visitor", f"{(after[0] - before[0]) / VISITORS / 1e6:.1f} MB", "–"),
                ("a training worker, before 200 runs", "–", megabytes(first)),
                ("a training worker, after 100 runs", "–", megabytes(half)),
                ("a training worker, after 200 runs", "–", megabytes(last)),
            ),
            (
                Check(
                    f"a worker's second hundred runs add at most {megabytes(GROWTH)}",
                    megabytes(last - half),
                    last - half <= GROWTH,
                ),
            ),
        ),
    ]


async def _together(site: Site) -> Together:
    """All press Train, and watch until the last one sees its run finished."""
    visitors = [await Visitor.arrive(site.address, "", f"iterations={ITERATIONS}") for _ in range(VISITORS)]
    for visitor in visitors:
        await visitor.at_full_speed()
    began = perf_counter()
    for visitor in visitors:
        await visitor.asks("train")
    done = f"Finished: {ITERATIONS} of {ITERATIONS} iterations"
    await asyncio.wait_for(asyncio.gather(*(visitor.sees(done) for visitor in visitors)), LONG)
    seconds = perf_counter() - began
    memory = server_memory(site.process.pid)
    for visitor in visitors:
        await visitor.leave()
    return seconds, [size for visitor in visitors for size in visitor.ticks], memory


def _leaf_until_done(leafing: Leafing, training: Future[Together]) -> list[float]:
    """Answer times for as long as the others train."""
    answers: list[float] = []
    while not training.done():
        answers += leafing.leaf(1)
    return answers


def _together_table(
    quiet: list[float], busy: list[float], seconds: float, ticks: list[int], finished: int
) -> Table:
    rate = VISITORS * ITERATIONS / seconds
    return Table(
        f"{VISITORS} visitors press Train together",
        f"{ITERATIONS} iterations each, at full speed, two training workers. They are sessions that send "
        "what a browser sends, since twenty browsers would need the server's own cores. Another visitor, in "
        f"Chromium, goes from page to page: {listed([*PAGES])} (a finished run).",
        ("what", "measured"),
        (
            ("runs finished, and shown as finished to their visitors", str(finished)),
            ("until the last one finished", f"{seconds:.1f} s, {rate:.0f} iterations a second in all"),
            (
                f"a live tick sends ({len(ticks):,} ticks)",
                f"median {statistics.median(ticks) / 1000:.1f} kB, largest {max(ticks) / 1000:.1f} kB",
            ),
            ("another visitor's click to the heading, nobody trains", _answer(quiet)),
            (f"the same while {VISITORS} train or wait", _answer(busy)),
        ),
        (
            Check(
                f"{VISITORS} sessions that press Train together all finish",
                f"{finished} of {VISITORS}",
                finished == VISITORS,
            ),
            Check(f"together at least {RATE} iterations a second", f"{rate:.0f} a second", rate >= RATE),
            Check(
                f"meanwhile other pages answer within {ANSWER} s",
                f"slowest {max(busy):.2f} s",
                max(busy) <= ANSWER,
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
