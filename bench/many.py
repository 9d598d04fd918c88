"""Ten thousand runs in the folder against ten: what a click costs several visitors."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from bench.chromium import Site, application
from bench.places import fresh, runs_folder
from bench.report import Check, Table, p95
from bench.visitor import Visitor
from core.pool.training import train_run
from core.run.runs import Run, Runs

FEW, MANY = 10, 10_000
OWN = 5  # runs of each visitor
VISITORS = 5
ROUNDS = 4
MORE = 0.15  # seconds that a click may take longer
PAGES = ("", "history", "runs", "compare", "sweep", "export", "files", "retention", "inspect")


def measure() -> Sequence[Table]:
    """A server on each folder, the visitors' clicks in turn between the two."""
    kept = [secrets.token_hex(16) for _ in range(VISITORS)]
    few, many = runs_folder(), runs_folder()
    for runs, count in ((few, FEW), (many, MANY)):
        fill(runs, count, kept)
    with application(few) as small, application(many) as large:
        times = asyncio.run(_leaf((small, large), kept))
    rows, differences = [], []
    for page in PAGES:
        short, long = (times[number][page] for number in (0, 1))
        differences.append(statistics.median(long) - statistics.median(short))
        rows.append((page or "playground", _both(short), _both(long), f"{differences[-1]:+.2f} s"))
    return [
        Table(
            f"{MANY:,} runs in the folder",
            f"{VISITORS} visitors with {OWN} runs each go through all pages at the same time, {ROUNDS} "
            f"times, in turn on a server with {FEW} runs in its folder and on one with {MANY:,}; until "
            "all of the page is there, median / 95th percentile.",
            ("page", f"{FEW} runs", f"{MANY:,} runs", "more"),
            tuple(rows),
            (
                Check(
                    f"with {MANY:,} runs any click at most {MORE} s more than with {FEW}",
                    f"at most {max(differences):+.2f} s",
                    max(differences) <= MORE,
                ),
            ),
        )
    ]


def fill(runs: Runs, count: int, kept: Sequence[str]) -> None:
    """`count` runs of strangers and some of each visitor's, all with the files of one that was trained.

    Args:
        kept: the numbers that the visitors' browsers have kept.
    """
    model = fresh(runs)
    train_run(str(model.directory))
    text = model.manifest()
    for number in range(count):
        run = Run(runs.root / secrets.token_hex(8))
        run.directory.mkdir()
        strangers = replace(
            text, id=run.id, owner=f"{number % 1000:064x}", created=text.created - number, bytes=4096
        )
        (run.directory / "run.json").write_text(json.dumps(strangers.to_json()), encoding="utf-8")
    for visitor in kept:
        for _ in range(OWN):
            run = Run(runs.root / secrets.token_hex(8))
            shutil.copytree(model.directory, run.directory)
            run.write(
                replace(text, id=run.id, owner=sha256(visitor.encode()).hexdigest(), created=time.time())
            )


async def _leaf(sites: Sequence[Site], kept: Sequence[str]) -> list[dict[str, list[float]]]:
    """Seconds of every click, by server and page."""
    times: list[dict[str, list[float]]] = [{page: [] for page in PAGES} for _ in sites]
    visitors = [[await Visitor.arrive(site.address, "", kept=number) for number in kept] for site in sites]
    for _ in range(ROUNDS + 1):  # the first one reads what is read once
        for found, some in zip(times, visitors, strict=True):
            for page in PAGES:
                found[page] += await asyncio.gather(*(each.turns_to(page) for each in some))
    for some in visitors:
        for visitor in some:
            await visitor.leave()
    return [{page: seconds[VISITORS:] for page, seconds in found.items()} for found in times]


def _both(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} / {p95(seconds):.2f} s"
