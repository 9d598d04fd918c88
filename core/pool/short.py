"""The short jobs that wait for a worker, fair between visitors."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.pool.jobs import JobFailed

T = TypeVar("T")

MOST_WAITING = 20  # of one visitor; no session leaves as many behind, so this is a robot's


class WorkerDied(JobFailed):
    """The process that worked on a job died; the pool has started another."""


class Busy(JobFailed):
    """One visitor asks for more at once than one may."""


class Pending(Generic[T]):
    """The result of a short job, when it is there."""

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def wait(self, timeout: float | None) -> bool:
        """Wait for at most `timeout` seconds; whether the result is there."""
        return self._future.done() or bool(wait([self._future], timeout).done)

    def has_failed(self) -> bool:
        """Whether it came to an error, or was withdrawn."""
        return self._future.cancelled() or (self._future.done() and self._future.exception() is not None)

    def withdraw(self) -> None:
        """Nobody waits for it any more: it is not begun, unless a worker has it already."""
        self._future.cancel()

    def result(self, timeout: float | None = None) -> T:
        """The job's result, waiting for at most `timeout` seconds.

        Raises:
            WorkerDied: the worker died at it.
            TimeoutError: it is not there yet.
            Exception: as `core.pool.jobs.answered` says.
        """
        if not self.wait(timeout):
            raise late(timeout or 0.0)
        return self._future.result()


@dataclass(eq=False)
class Short:
    """One short job.

    Attributes:
        owner: the visitor who asked.
        heavy: whether it takes seconds; each visitor has one such at a time.
        seconds: for so long its answer is waited for.
        since: when it was asked, on the monotonic clock.
        began: when it was given to a worker, on the same.
        given: Dask's future of it, from then on.
    """

    job: Callable[..., Any]
    arguments: tuple[Any, ...]
    owner: str
    heavy: bool
    seconds: float
    future: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)
    began: float = math.inf
    given: Any = None


class ShortJobs:
    """What waits and what runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Short] = []
        self._running: list[Short] = []

    def add(self, short: Short) -> None:
        """Let a job wait.

        Raises:
            Busy: its owner has too many waiting.
        """
        with self._lock:
            self._waiting = [each for each in self._waiting if not each.future.cancelled()]
            if sum(each.owner == short.owner for each in self._waiting) >= MOST_WAITING:
                raise Busy(f"You have {MOST_WAITING} jobs waiting already. Try again when they are done.")
            self._waiting.append(short)

    def take(self, slots: int) -> Iterator[Short]:
        """The jobs to start now, if `slots` may run together: who has least running comes first."""
        while True:
            with self._lock:
                if len(self._running) >= slots:
                    return
                running = Counter(each.owner for each in self._running)
                heavy = {each.owner for each in self._running if each.heavy}
                free = [each for each in self._waiting if not (each.heavy and each.owner in heavy)]
                if not free:
                    return
                chosen = min(free, key=lambda each: (running[each.owner], each.since))
                self._waiting.remove(chosen)
                if not chosen.future.set_running_or_notify_cancel():
                    continue  # it was withdrawn
                self._running.append(chosen)
                chosen.began = time.monotonic()
            yield chosen

    def ended(self, short: Short, result: Any = None, error: BaseException | None = None) -> None:
        """Hand a job's result to who waits for it."""
        with self._lock:
            if short in self._running:
                self._running.remove(short)
        if short.future.done():
            return
        if error is None:
            short.future.set_result(result)
        else:
            short.future.set_exception(error)

    def lost(self) -> None:
        """Every job that runs has lost its worker."""
        with self._lock:
            running, self._running = self._running, []
        for short in running:
            self.ended(short, error=worker_died())

    def overdue(self) -> list[Short]:
        """The jobs that a worker has had for longer than anybody waits for them."""
        with self._lock:
            return [each for each in self._running if time.monotonic() - each.began > each.seconds]

    def longest_wait(self) -> float:
        """Seconds for which the first of the waiting jobs has waited."""
        with self._lock:
            return max((time.monotonic() - each.since for each in self._waiting), default=0.0)

    def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        with self._lock:
            return not self._waiting and not self._running


def late(seconds: float) -> TimeoutError:
    """What is said when no answer came in time."""
    return TimeoutError(f"No answer came within {seconds:.0f} s, because the workers are busy. Try again.")


def worker_died() -> WorkerDied:
    """What a job is told whose worker died."""
    return WorkerDied("The worker process died at this job; another one has been started. Try again.")
