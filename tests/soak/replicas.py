"""Two replicas behind nginx, a scheduler and two workers, each killed once while ten visitors train."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from bench.places import fresh
from bench.report import Check, Table
from bench.visitor import Visitor
from core import environment
from core.pool.training import train_run
from core.run.manifest import FINISHED
from core.run.runs import Runs
from core.run.step_log import iterations_done
from tests.soak.members import Member, has_workers, seconds_until
from tests.soak.proxy import free_port, nginx

VISITORS = 10
ITERATIONS = 1500
STARTED = 240.0  # seconds in which everything has to be up, or up again
LONG = 900.0  # seconds for all runs


def measure() -> Sequence[Table]:
    """Kill each, one after the other; then look whether anything was lost."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        runs, apart = Runs(folder / "runs"), Runs(folder / "apart")
        undisturbed = fresh(apart, iterations=ITERATIONS)
        train_run(str(undisturbed.directory))
        school = _School(folder, runs)
        try:
            with nginx(folder, school.ports) as address:
                school.start(address)
                times = asyncio.run(_break_everything(school, address))
        finally:
            school.end()
            logs = "".join(server.log() for server in school.servers)
        manifests = runs.manifests()
        finished = sum(each.status == FINISHED for each in manifests)
        expected = undisturbed.steps()[["iteration", "h", "v", "cost"]]
        equal = sum(
            runs.open(each.id).steps()[["iteration", "h", "v", "cost"]].equals(expected) for each in manifests
        )
    slowest = max(seconds for what, seconds in times if what.startswith("killed"))
    return [
        Table(
            "Two replicas behind nginx, a scheduler and two workers, each killed once",
            f"{VISITORS} visitors train {ITERATIONS:,} iterations each at full speed, all behind one nginx. "
            "Every process is ended by SIGKILL with all that it started, and started again after a second, "
            "as a container's supervisor does. A visitor whose worker died presses Resume; one whose "
            "server died follows their own link again.",
            ("what", "seconds"),
            tuple((what, f"{seconds:.1f}") for what, seconds in times),
            (
                Check(
                    f"all {VISITORS} runs finished, and each visitor saw it",
                    f"{finished} of {len(manifests)}",
                    finished == len(manifests) == VISITORS,
                ),
                Check(
                    "every iteration of every run as without any death, bit for bit",
                    f"{equal} of {len(manifests)}",
                    equal == VISITORS,
                ),
                Check(
                    "no traceback in the servers' logs",
                    str(logs.count("Traceback")),
                    "Traceback" not in logs,
                ),
                Check("healed within 60 s", f"slowest {slowest:.1f} s", slowest <= 60),
            ),
        )
    ]


class _School:
    """All processes but nginx."""

    def __init__(self, folder: Path, runs: Runs) -> None:
        port = free_port()
        self._runs = runs
        self.ports = [free_port(), free_port()]
        self._address = f"tcp://127.0.0.1:{port}"
        self._folder = folder
        self.scheduler = Member(
            "the scheduler", ["scheduler", "--port", str(port)], folder / "scheduler.log", {}
        )
        self.workers = [
            Member(
                f"worker {number}",
                ["worker", self._address, "--training", "1", "--short", "1"],
                folder / f"worker-{number}.log",
                {},
            )
            for number in (1, 2)
        ]
        self.servers: list[Member] = []

    def start(self, address: str) -> None:
        """Start all and wait until both servers are ready."""
        variables = {environment.SCHEDULER: self._address, environment.URL: address}
        self.servers = [
            Member(
                f"replica {number}",
                ["--port", str(port), "--runs", str(self._runs.root)],
                self._folder / f"replica-{number}.log",
                variables,
            )
            for number, port in enumerate(self.ports, start=1)
        ]
        for member in (self.scheduler, *self.workers, *self.servers):
            member.start()
        seconds_until(self.ready, STARTED, "everything ready")

    def ready(self) -> bool:
        """Whether both servers say that they have workers."""
        return all(self.healthy(port) for port in self.ports)

    def healthy(self, port: int) -> bool:
        """Whether this server says so."""
        return has_workers(f"http://127.0.0.1:{port}/explorer/healthz")

    def joined(self, worker: Member) -> int:
        """How often this member's training worker has joined the scheduler."""
        return worker.log().count("a worker for training serves")

    def joined_since(self, worker: Member, before: int) -> bool:
        """Whether it has joined more often than before."""
        return self.joined(worker) > before

    def whole_since(self, before: list[int]) -> bool:
        """Whether all workers have joined again and both servers are ready."""
        joined = zip(self.workers, before, strict=True)
        return all(self.joined_since(worker, count) for worker, count in joined) and self.ready()

    def iterations(self) -> int:
        """Iterations that all runs together have on disk."""
        return sum(iterations_done(path) for path in self._runs.root.glob("*/steps.csv"))

    def end(self) -> None:
        """End all."""
        for member in (*self.servers, *self.workers, self.scheduler):
            member.end()


async def _break_everything(school: _School, address: str) -> list[tuple[str, float]]:
    """Let the visitors train, and kill each process once."""
    began = time.monotonic()
    people = [asyncio.create_task(_learn(address)) for _ in range(VISITORS)]
    times: list[tuple[str, float]] = []

    async def heals(what: str, whole: str, healed: asyncio.Future[float]) -> None:
        seconds = await healed
        times.append((f"killed {what}: until {whole}", seconds))
        print(f"[soak] {times[-1][0]} {seconds:.1f} s", file=sys.stderr, flush=True)

    loop = asyncio.get_running_loop()

    def waiting(holds: Callable[[], bool], what: str) -> asyncio.Future[float]:
        return loop.run_in_executor(None, seconds_until, holds, STARTED, what)

    await waiting(lambda: school.iterations() > ITERATIONS, "training under way")
    for worker in school.workers:
        before = school.joined(worker)
        await _kill(worker)
        again = waiting(partial(school.joined_since, worker, before), worker.name)
        await heals(worker.name, "it trains for the scheduler again", again)
    counts = [school.joined(worker) for worker in school.workers]
    await _kill(school.scheduler)
    again = waiting(partial(school.whole_since, counts), "after the scheduler")
    await heals("the scheduler", "all workers have joined it and both servers are ready", again)
    done = school.iterations()
    again = waiting(lambda: school.iterations() > done, "training after the scheduler")
    await heals("the scheduler", "then training goes on", again)
    for server, port in zip(school.servers, school.ports, strict=True):
        await _kill(server)
        again = waiting(partial(school.healthy, port), server.name)
        await heals(server.name, "it is ready again", again)
    away = await asyncio.wait_for(asyncio.gather(*people), LONG)
    gaps = [seconds for each in away for seconds in each]
    if gaps:
        times.append(
            (f"a visitor cut off ({len(gaps)} times): until the other replica showed the run", max(gaps))
        )
    times.append(("all runs, from the first press of Train on", time.monotonic() - began))
    return times


async def _kill(member: Member) -> None:
    await asyncio.to_thread(member.kill)
    await asyncio.sleep(1)
    member.start()


async def _learn(address: str) -> list[float]:
    """One visitor: trains, resumes what died, comes back when cut off; the seconds of each absence."""
    away: list[float] = []
    visitor = await Visitor.arrive(address, "", f"iterations={ITERATIONS}")
    await visitor.at_full_speed()
    await visitor.asks("train")
    pressed = 0.0
    while f"Finished: {ITERATIONS} of" not in visitor.progress:
        await asyncio.sleep(0.2)
        if visitor.cut_off:
            began = time.monotonic()
            visitor = await _come_back(address, visitor.link)
            away.append(time.monotonic() - began)
        elif (
            visitor.progress.startswith(("Failed", "Interrupted", "Stopped"))
            and time.monotonic() - pressed > 5
        ):
            pressed = time.monotonic()
            with suppress(asyncio.TimeoutError):  # who came back by a link can look, not steer
                await asyncio.wait_for(visitor.asks("resume"), 5)
    await visitor.leave()
    return away


async def _come_back(address: str, link: str) -> Visitor:
    """Follow one's own link until a server shows the run."""
    while True:
        try:
            visitor = await Visitor.arrive(address, "", link)
        except Exception:  # whatever nginx answers while no server is there
            await asyncio.sleep(0.2)
            continue
        for _ in range(100):
            await asyncio.sleep(0.1)
            if visitor.progress:
                return visitor
            if visitor.cut_off:
                break
        await visitor.leave()
