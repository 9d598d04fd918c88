"""A thousand kills of pool workers, at any moment of their lives, while two visitors train."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from functools import partial

import psutil  # type: ignore[import-untyped]

from bench.places import fresh, runs_folder, workers
from bench.report import Check, Table, median_seconds, p95
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.pool.training import train_run
from core.pool.workers import NotReady, Pool
from core.run.manifest import FAILED, FINISHED
from core.run.runs import Run, Runs
from core.run.step_log import iterations_done
from tests.soak.members import seconds_until
from tests.soak.progress import progress

VISITORS = 2
ITERATIONS = 2000
MOMENT = 2.0  # seconds within which the next kill comes, also while the last one is still being healed
HEALS = 180.0  # seconds in which everything has to go on
LONG = 600.0  # seconds for the last runs


def measure(count: int) -> Sequence[Table]:
    """Kill `count` times; each time wait until both trainings go on and a short job is answered."""
    chance = random.Random(0)
    apart, runs = runs_folder(), runs_folder()
    with workers(runs) as pool:
        undisturbed = fresh(apart, iterations=ITERATIONS)
        train_run(str(undisturbed.directory))
        visitors = [Trainee(f"visitor {n}", pool, runs, undisturbed) for n in range(VISITORS)]
        healed: list[float] = []
        for number in range(count):
            time.sleep(chance.uniform(0, MOMENT))
            # Again and again before it has healed: one kill in four comes while a worker starts.
            for _ in range(2 if number % 4 == 3 else 1):
                kill_one(chance)
                time.sleep(chance.uniform(0, MOMENT) if number % 4 == 3 else 0)
            try:
                healed.append(seconds_until_all_goes_on(pool, visitors))
            except TimeoutError as error:
                progress(f"kill {number + 1}: {error}")
                break
            progress(
                f"{number + 1} of {count} kills, slowest healed in {max(healed):.1f} s", number + 1, count
            )
        if len(healed) == count:
            for each in visitors:
                seconds_until(partial(each.goes_on, ended=True), LONG, "the last runs finished")
        whole = [run for each in visitors for run in each.whole]
    return [
        Table(
            f"{count:,} kills of pool workers",
            f"{VISITORS} visitors train {ITERATIONS:,} iterations at full speed, again and again; any worker "
            "process of the pool gets SIGKILL at a random moment, every fourth time another one before "
            "that has healed. A visitor whose worker died presses Resume at once.",
            ("what", "measured"),
            (
                ("until both trainings go on and a short job is answered", median_seconds(healed or [0.0])),
                ("95th percentile", f"{p95(healed or [0.0]):.1f} s"),
                ("runs trained meanwhile", str(len(whole))),
            ),
            (
                Check(
                    f"{count:,} kills, all healed",
                    f"{len(healed):,}, slowest {max(healed, default=0):.1f} s",
                    len(healed) == count,
                ),
                Check(
                    "every iteration of every run as without any death, bit for bit",
                    f"{sum(whole)} of {len(whole)}",
                    bool(whole) and all(whole),
                ),
            ),
        )
    ]


class Trainee:
    """A visitor who trains one run after another, and presses Resume when a worker died.

    Attributes:
        whole: of each run that finished, whether its log is that of an undisturbed one.
    """

    def __init__(self, name: str, pool: Pool, runs: Runs, undisturbed: Run) -> None:
        self.whole: list[bool] = []
        self._name = name
        self._pool = pool
        self._runs = runs
        self._expected = undisturbed.steps().drop(columns="seconds")
        self._run = self._next()
        self._seen = 0

    def remember(self) -> None:
        """Take the iterations that are done now as the ones to go beyond."""
        self._seen = iterations_done(self._run.steps_file)

    def goes_on(self, ended: bool = False) -> bool:
        """Whether the training has come further than what was remembered, or to the end of its run.

        Args:
            ended: only the end counts.
        """
        status = self._run.manifest().status
        if status == FAILED:
            self._pool.submit(self._run)
        if status != FINISHED:
            return not ended and iterations_done(self._run.steps_file) > self._seen
        self.whole.append(self._run.steps().drop(columns="seconds").equals(self._expected))
        if not ended:
            self._runs.delete(self._run.id)
            self._run = self._next()
        return True

    def _next(self) -> Run:
        run = fresh(self._runs, iterations=ITERATIONS)
        run.update(owner=self._name)
        self._pool.submit(run)
        return run


def kill_one(chance: random.Random) -> None:
    """Kill any worker of this process's pool, or the process that they are forked from."""
    found = [each for each in psutil.Process().children(recursive=True) if _is_forked(each)]
    if found:
        os.kill(chance.choice(found).pid, signal.SIGKILL)


def _is_forked(process: psutil.Process) -> bool:
    try:
        return "forkserver" in " ".join(process.cmdline())
    except psutil.Error:
        return False  # it has just died


def seconds_until_all_goes_on(pool: Pool, visitors: Sequence[Trainee]) -> float:
    """How long it takes from now until every training goes on and a short job is answered."""
    began = time.monotonic()
    for each in visitors:
        each.remember()
    for each in visitors:
        seconds_until(each.goes_on, HEALS, "the training goes on")
    seconds_until(lambda: _answers(pool), HEALS, "a short job is answered")
    return time.monotonic() - began


def _answers(pool: Pool) -> bool:
    try:
        return bool(pool.begin(jobs.warm_up).result(HEALS))
    except (JobFailed, NotReady):
        return False  # its worker was the one that died, or all of them are being started
