"""Every other process killed: the cluster's and the server on one machine; scheduler, nannies and server of a
cluster by address."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.places import fresh
from bench.report import Check, Table, median_seconds
from core import environment
from core.pool.queue import FOLDER, Queue
from core.pool.ticket import Ticket
from core.pool.training import train_run
from core.run.manifest import FAILED, FINISHED, QUEUED, STOPPED, Control
from core.run.runs import Run, Runs
from core.run.step_log import iterations_done
from tests.soak.members import Member, seconds_until
from tests.soak.progress import progress
from tests.soak.proxy import free_port

ITERATIONS = 5000
KINDS = 5  # of processes
HEALS = 180.0  # seconds in which the training has to go on

Kill = Callable[[], None]


def measure(count: int) -> Sequence[Table]:
    """Kill each kind of process `count` times while a run trains; each time wait until it trains on."""
    chance = random.Random(0)
    times: dict[str, list[float]] = {}
    logs = ""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        undisturbed = fresh(Runs(Path(name) / "apart"), iterations=ITERATIONS)
        train_run(str(undisturbed.directory))
        whole: list[bool] = []
        for place in (_OneMachine, _ByAddress):
            folder = Path(name) / place.__name__
            folder.mkdir()
            scene = place(folder)
            visitor = _Visitor(Runs(folder / "runs"), undisturbed, whole)
            try:
                scene.start()
                seconds_until(visitor.goes_on, HEALS, "the first training")
                for what, kill in scene.victims().items():
                    times[what] = []
                    for number in range(count):
                        time.sleep(chance.uniform(0, 1))
                        began = time.monotonic()
                        kill()
                        visitor.remember()
                        seconds_until(visitor.goes_on, HEALS, f"after {what}")
                        times[what].append(time.monotonic() - began)
                        said = f"{what}: {number + 1} of {count}, slowest {max(times[what]):.1f} s"
                        progress(said, number + 1, count)
                seconds_until(visitor.has_seen_an_end, HEALS, "the last run finished")
            except TimeoutError as error:
                progress(str(error))
            finally:
                scene.end()
                logs += scene.server.log()
    slowest = max((seconds for some in times.values() for seconds in some), default=0.0)
    return [
        Table(
            f"Every other process killed {count} times",
            f"A run of {ITERATIONS:,} iterations trains; SIGKILL at a random moment. What no process of ours "
            "starts again is started again at once, as a service manager does.",
            ("what was killed", "until the training went on", "slowest"),
            tuple(
                (what, median_seconds(seconds), f"{max(seconds):.1f} s")
                for what, seconds in times.items()
                if seconds
            ),
            (
                Check(
                    f"each kind of process killed {count} times, all healed",
                    f"slowest {slowest:.1f} s",
                    len(times) == KINDS and all(len(some) == count for some in times.values()),
                ),
                Check(
                    "every finished run as without any death, bit for bit",
                    f"{sum(whole)} of {len(whole)}",
                    bool(whole) and all(whole),
                ),
                Check(
                    "no traceback in the servers' logs",
                    str(logs.count("Traceback")),
                    "Traceback" not in logs,
                ),
            ),
        )
    ]


class _OneMachine:
    """A server that starts its own workers."""

    def __init__(self, folder: Path) -> None:
        words = ["--port", str(free_port()), "--runs", str(folder / "runs")]
        self.server = Member("server", words, folder / "server.log", {environment.WORKERS: "1"})

    def start(self) -> None:
        """Start the server, which starts the rest."""
        self.server.start()

    def victims(self) -> dict[str, Kill]:
        """What to kill, and how."""
        return {
            "the scheduler with its nannies, on one machine": self._kill_cluster,
            "the server, on one machine": lambda: _again(self.server),
        }

    def end(self) -> None:
        """End all."""
        self.server.end()

    def _kill_cluster(self) -> None:
        def found() -> list[int]:
            below = psutil.Process(self.server.pid).children(recursive=True)
            return [each.pid for each in below if each.cmdline()[-1:] == ["core.pool.cluster"]]

        seconds_until(lambda: bool(found()), HEALS, "the cluster's process")
        cluster = psutil.Process(found()[0])
        workers = cluster.children(recursive=True)
        os.kill(cluster.pid, signal.SIGKILL)
        psutil.wait_procs(workers, HEALS)  # until then a worker may go on by itself, which heals nothing


class _ByAddress:
    """A scheduler, workers and a server, each of its own."""

    def __init__(self, folder: Path) -> None:
        port = str(free_port())
        address = f"tcp://127.0.0.1:{port}"
        self.scheduler = Member("scheduler", ["scheduler", "--port", port], folder / "scheduler.log", {})
        self.workers = Member(
            "nannies",
            ["worker", address, "--training", "1", "--short", "1"],
            folder / "workers.log",
            {},
        )
        words = ["--port", str(free_port()), "--runs", str(folder / "runs")]
        self.server = Member("server", words, folder / "server.log", {environment.SCHEDULER: address})

    def start(self) -> None:
        """Start all."""
        for member in (self.scheduler, self.workers, self.server):
            member.start()

    def victims(self) -> dict[str, Kill]:
        """What to kill, and how."""
        return {
            "the scheduler of a cluster": lambda: _again(self.scheduler),
            "the nannies of a cluster": lambda: _again(self.workers),
            "the server of a cluster": lambda: _again(self.server),
        }

    def end(self) -> None:
        """End all."""
        for member in (self.server, self.workers, self.scheduler):
            member.end()


class _Visitor:
    """Somebody whose runs are queued in the folder, and who presses Resume when one has ended early."""

    def __init__(self, runs: Runs, undisturbed: Run, whole: list[bool]) -> None:
        self._runs = runs
        self._queue = Queue(runs.root)
        self._expected = undisturbed.steps().drop(columns="seconds")
        self._whole = whole
        self._run: Run | None = None
        self._seen = 0

    def remember(self) -> None:
        """Take the iterations that are done now as the ones to go beyond."""
        self._seen = 0 if self._run is None else iterations_done(self._run.steps_file)

    def goes_on(self) -> bool:
        """Whether the training has come further than what was remembered, or to the end of its run."""
        if self._run is None:
            if not (self._runs.root / FOLDER / "waiting").is_dir():
                return False
            self._run = fresh(self._runs, iterations=ITERATIONS)
            self._press()
        found = self._run.manifest().status
        if found in (FAILED, STOPPED):
            self._press()
        if found != FINISHED:
            return iterations_done(self._run.steps_file) > self._seen
        self._whole.append(self._run.steps().drop(columns="seconds").equals(self._expected))
        self._runs.delete(self._run.id)
        self._run, self._seen = None, 0
        return False

    def has_seen_an_end(self) -> bool:
        """Whether a run has come to its end in this look."""
        before = len(self._whole)
        self.goes_on()
        return len(self._whole) > before

    def _press(self) -> None:
        """What the button does on whichever server shares the folder."""
        run = self._run
        assert run is not None
        if self._queue.place(run.id) is None:
            run.steer(Control())
            run.update(status=QUEUED, note="")
            self._queue.add(Ticket(run.id, "a visitor", time.time()), 1)


def _again(member: Member) -> None:
    """Kill a process with all that it started, and start it again."""
    member.kill()
    member.start()
