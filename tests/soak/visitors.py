"""Fifty visitors at once leaf, look back and train: nobody waits or errs, and the server stays small."""

from __future__ import annotations

import asyncio
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.many import OWN, fill
from bench.memory import megabytes
from bench.report import Check, Table, p95
from bench.visitor import Visitor
from core import environment
from core.run.manifest import FAILED
from core.run.runs import Runs
from tests.soak.members import Member, seconds_until, status
from tests.soak.progress import progress
from tests.soak.proxy import free_port

VISITORS = 50
STRANGERS = 22  # runs of nobody here: with the visitors' own they are 272
ITERATIONS = 200
THINKS = (2.0, 10.0)  # seconds between two clicks
TRAINS = 0.1  # how many of the clicks press Train
ANSWER = 1.0  # seconds in which a page has to answer, 95th percentile
GROWTH = 0.1  # of the server's memory, from the middle to the end
LOOKS = 20  # at the memory
PAGES = (
    "",
    "history",
    "lessons",
    "runs",
    "sweep",
    "compare",
    "files",
    "retention",
    "export",
    "inspect",
    "gallery",
)


def measure(count: int) -> Sequence[Table]:
    """Let them for `count` seconds."""
    return crowd(count, STRANGERS)


def crowd(seconds: int, strangers: int) -> Sequence[Table]:
    """Fifty visitors for some seconds, on a folder with so many runs of strangers."""
    kept = [secrets.token_hex(16) for _ in range(VISITORS)]
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        runs = Runs(folder / "runs")
        fill(runs, strangers, kept)
        many = len(runs.manifests())
        port = free_port()
        words = ["--port", str(port), "--runs", str(runs.root)]
        # All stay: fifty visitors train more than the usual limit holds.
        server = Member("server", words, folder / "server.log", {environment.DISK_MB: "100000"})
        server.start()
        try:
            address = f"http://localhost:{port}"
            ready = f"{address}/healthz"
            seconds_until(lambda: status(ready) == 200, 240, "the server is ready")
            answers, memory, alarms = asyncio.run(_together(address, kept, seconds, server.pid))
        finally:
            server.end()
        said = server.log()
        mine = {sha256(each.encode()).hexdigest() for each in kept}
        trained = [each for each in runs.manifests() if each.owner in mine]
        failed = sum(each.status == FAILED for each in trained)
    middle = statistics.median(memory[len(memory) // 2 - 1 : len(memory) // 2 + 2])
    growth = memory[-1] - middle
    errors = len(alarms) + said.count("Traceback") + failed
    return [
        Table(
            f"{VISITORS} visitors for {seconds} s, {many:,} runs in the folder",
            f"Sessions that send what a browser sends. Each waits {THINKS[0]:g} to {THINKS[1]:g} s, then "
            f"chooses one of {len(PAGES)} pages, or trains {ITERATIONS} iterations. A page's answer is there "
            "when all of it is.",
            ("what", "measured"),
            (
                ("pages answered", f"{len(answers):,}"),
                (
                    "a page's answer",
                    f"median {statistics.median(answers):.2f} s, 95th percentile {p95(answers):.2f} s, "
                    f"slowest {max(answers):.2f} s",
                ),
                ("runs trained meanwhile", str(len(trained) - VISITORS * OWN)),
                (
                    "memory of the server: at first, halfway, at the end",
                    _words(memory[0], middle, memory[-1]),
                ),
            ),
            (
                Check(f"{VISITORS} visitors and no error", _errors(alarms, said, failed), errors == 0),
                Check(
                    f"a page answers within {ANSWER:g} s, 95th percentile, with {many:,} runs",
                    f"{p95(answers):.2f} s",
                    p95(answers) <= ANSWER,
                ),
                Check(
                    f"the server's memory flat: from halfway on at most {GROWTH:.0%} more",
                    megabytes(growth),
                    growth <= GROWTH * middle,
                ),
            ),
        )
    ]


async def _together(
    address: str, kept: Sequence[str], seconds: int, pid: int
) -> tuple[list[float], list[float], list[str]]:
    """Seconds of every answer, the server's memory in between, and what pages said that was wrong."""
    answers: list[float] = []
    alarms: list[str] = []
    ends = time.monotonic() + seconds
    people = [
        asyncio.create_task(_visit(address, number, ends, answers, alarms, random.Random(place)))
        for place, number in enumerate(kept)
    ]
    memory: list[float] = []
    for look in range(LOOKS):
        await asyncio.sleep(seconds / LOOKS)
        memory.append(float(psutil.Process(pid).memory_info().rss))
        said = f"{len(answers)} answers, {len(alarms)} errors, server {megabytes(memory[-1])}"
        progress(said, look + 1, LOOKS)
    await asyncio.gather(*people)
    return answers, memory, alarms


async def _visit(
    address: str, number: str, ends: float, answers: list[float], alarms: list[str], chance: random.Random
) -> None:
    """One visitor from their arrival to the end."""
    await asyncio.sleep(chance.uniform(0, THINKS[1]))
    visitor = await Visitor.arrive(address, "", f"iterations={ITERATIONS}", number)
    await visitor.at_full_speed()
    while time.monotonic() < ends:
        await asyncio.sleep(chance.uniform(*THINKS))
        if visitor.cut_off:
            alarms.append("the session was cut off")
            break
        if chance.random() < TRAINS:
            answers.append(await visitor.turns_to(""))
            await visitor.asks("train")
        else:
            answers.append(await visitor.turns_to(chance.choice(PAGES)))
    alarms += visitor.alarms
    await visitor.leave()


def _errors(alarms: Sequence[str], said: str, failed: int) -> str:
    first = f" ({alarms[0][:200]})" if alarms else ""
    return f"{len(alarms)} on pages{first}, {said.count('Traceback')} in the log, {failed} runs failed"


def _words(*memory: float) -> str:
    return ", ".join(megabytes(each) for each in memory)
