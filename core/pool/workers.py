"""The worker pool: TensorFlow's work, in other processes, behind a few calls.

The engine is Dask's `distributed`: it restarts dead workers, and the same code serves processes on this
machine or, when CHECKPOINT_EXPLORER_SCHEDULER names a scheduler, a cluster that shares the runs folder.
What Dask does not have is added here: a queue that is fair between visitors and shows their place.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Generic, TypeVar

from distributed import Client, Future
from distributed.scheduler import KilledWorker

from core import environment, jobs
from core.jobs import JobFailed
from core.manifest import FAILED, QUEUED, STOPPED, Control
from core.pool.cluster import SHORT, TRAINING
from core.pool.training import train_run
from core.runs import Run, RunBusy, RunNotFound

T = TypeVar("T")


class WorkerDied(JobFailed):
    """The process that worked on a job died; the pool has started another."""


class NotReady(RuntimeError):
    """The workers are still starting."""


class Pending(Generic[T]):
    """The result of a short job, when it is there."""

    def __init__(self, future: Future) -> None:
        self._future = future

    def done(self) -> bool:
        """Whether `result` returns at once."""
        return bool(self._future.done())

    def result(self, timeout: float | None = None) -> T:
        """The job's result, waiting for at most `timeout` seconds.

        Raises:
            WorkerDied: the worker died at it.
            TimeoutError: it is not there yet.
            Exception: as `core.jobs.answered` says.
        """
        try:
            return self._future.result(timeout=timeout)
        except (KilledWorker, CancelledError):
            raise WorkerDied(
                "The worker process died at this job; another one has been started. Try again."
            ) from None
        except asyncio.TimeoutError:  # before Python 3.11 not the same as TimeoutError
            raise TimeoutError(
                f"No answer came within {timeout or 0:.0f} s, because the workers are busy. Try again."
            ) from None


class Pool:
    """Worker processes, a few for training and one for short jobs."""

    def __init__(self, trainers: int | None = None, address: str | None = None) -> None:
        """Start in the background; `wait` tells when it is ready.

        Args:
            trainers: trainings that run together; default from the environment, else one a core.
            address: of a Dask scheduler; default from the environment, else processes here.
        """
        self.trainers = trainers or int(environment.number(environment.WORKERS, os.cpu_count() or 1, 1))
        self.address = address or os.environ.get(environment.SCHEDULER)
        self._lock = threading.RLock()
        self._waiting: list[tuple[Run, str]] = []
        self._running: dict[str, tuple[Run, str, Future]] = {}
        self._client: Client | None = None
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, name="pool", daemon=True)
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the pool is ready, waiting for at most `timeout` seconds."""
        return self._ready.wait(timeout)

    def submit(self, run: Run) -> None:
        """Queue a run for training, once: a run that waits or trains already stays as it is."""
        owner = run.manifest().owner or run.id
        with self._lock:
            if self.place(run.id) is None:
                run.update(status=QUEUED, note="")
                self._waiting.append((run, owner))
        self._dispatch()

    def place(self, run_id: str) -> int | None:
        """0 while the run trains, n when it is the n-th in the queue, None when it is neither."""
        with self._lock:
            if run_id in self._running:
                return 0
            order = [run.id for run, _ in self._order()]
        return order.index(run_id) + 1 if run_id in order else None

    def load(self) -> int:
        """How many runs train or wait."""
        with self._lock:
            return len(self._running) + len(self._waiting)

    def pause(self, run: Run) -> None:
        """End training after the current iteration; `submit` goes on from there."""
        self._wish(run, "pause")

    def stop(self, run: Run) -> None:
        """End training after the current iteration, or take the run out of the queue."""
        self._wish(run, "stop")

    def begin(self, job: Callable[..., T], *arguments: Any) -> Pending[T]:
        """Start a short job, which never waits behind trainings.

        Raises:
            NotReady: the workers are still starting.
        """
        client = self._client
        if client is None or not self._ready.is_set():
            raise NotReady("TensorFlow is still starting; this takes a few seconds.")
        return Pending(client.submit(jobs.answered, job, *arguments, pure=False, resources={SHORT: 1}))

    def pids(self, role: str = TRAINING) -> list[int]:
        """Process ids of the workers with this role, on this machine."""
        client = self._client
        if client is None:
            return []
        workers = client.scheduler_info(n_workers=-1)["workers"].items()
        addresses = [address for address, facts in workers if role in facts["resources"]]
        return sorted(client.run(os.getpid, workers=addresses).values()) if addresses else []

    def close(self) -> None:
        """End the workers. Trainings stop where they are; their checkpoints stay."""
        with self._lock:
            self._closed.set()  # from here on no process is started
        self._disconnect()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            try:
                # One that is still starting does not listen yet, and has nothing to lose.
                self._process.wait(10 if self.wait(0) else 0)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)  # the workers too: it leads their group
                self._process.wait()
        self._thread.join(10)
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def _wish(self, run: Run, wish: str) -> None:
        with self._lock:
            waiting = [each for each in self._waiting if each[0].id == run.id]
            for each in waiting:
                self._waiting.remove(each)
        if waiting:
            run.update(status=STOPPED, note="Taken out of the queue before it started.")
        else:
            run.steer(Control(wish, run.control().pace))

    def _order(self) -> list[tuple[Run, str]]:
        """The queue in the order in which it will be served.

        Everybody's first run comes before anybody's second, what trains already counted in; within
        that, first come, first served.
        """
        ahead = Counter(owner for _, owner, _ in self._running.values())
        ranked = []
        for arrival, (run, owner) in enumerate(self._waiting):
            ranked.append((ahead[owner], arrival, run, owner))
            ahead[owner] += 1
        return [(run, owner) for _, _, run, owner in sorted(ranked, key=lambda each: each[:2])]

    def _dispatch(self) -> None:
        """Hand waiting runs to free workers."""
        with self._lock:
            client = self._client
            while client and self._waiting and len(self._running) < self.trainers:
                run, owner = self._order()[0]
                self._waiting.remove((run, owner))
                future = client.submit(train_run, str(run.directory), pure=False, resources={TRAINING: 1})
                self._running[run.id] = (run, owner, future)
                future.add_done_callback(lambda done, run=run: self._ended(run, done))

    def _ended(self, run: Run, future: Future) -> None:
        """Note a run whose worker failed, and let the next one in."""
        error = future.exception() if future.status == "error" else None
        if error is not None or future.status in ("cancelled", "lost"):
            _note_failure(run, error)  # before it leaves: whoever sees it gone finds the reason
        with self._lock:
            self._running.pop(run.id, None)
        self._dispatch()

    def _keep_alive(self) -> None:
        """Start the workers, and start them again should the whole cluster die."""
        while not self._closed.is_set():
            address = self.address or self._start_here()
            if address is None:
                self._closed.wait(1)
                continue
            try:
                client = Client(address, timeout=30, set_as_default=False)
                client.wait_for_workers(self.trainers + 1 if self._process else 1, timeout=120)
            except (OSError, TimeoutError):
                self._closed.wait(1)
                continue
            if self.address:
                workers = client.scheduler_info(n_workers=-1)["workers"].values()
                self.trainers = max(1, sum(TRAINING in each["resources"] for each in workers))
            self._client = client
            self._ready.set()
            self._dispatch()
            if self._process is None:
                self._closed.wait()
            else:
                self._process.wait()
            self._ready.clear()
            self._disconnect()

    def _start_here(self) -> str | None:
        """Start a cluster on this machine; its scheduler's address."""
        quiet = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "DASK_LOGGING__DISTRIBUTED": "critical",
        }
        root = Path(__file__).parent.parent
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        with self._lock:
            if self._closed.is_set():
                return None
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.pool.cluster", str(self.trainers)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **quiet, "PYTHONPATH": path},
                text=True,
                start_new_session=True,  # Ctrl-C in the terminal is for the server, which closes this
            )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() or None

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        with self._lock:
            for run, _, _ in self._running.values():
                _note_failure(run, None)
            self._running.clear()
        if client is not None:
            # What still trains is cut off on purpose; its callbacks have nobody left to call.
            for name in ("distributed", "tornado.application"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            client.close(timeout=2)


def _note_failure(run: Run, error: BaseException | None) -> None:
    """Write into `run.json` why its training ended, in one sentence.

    Raises nothing: what cannot be noted, as on a disk that stays full, must not keep others from training.
    """
    if isinstance(error, (RunNotFound, RunBusy)):
        return  # there is nothing to note it on, or somebody else is training it
    try:
        steps = run.steps()
        after = f"after iteration {steps['iteration'].iloc[-1]}" if len(steps) else "as it began"
        if error is None or isinstance(error, KilledWorker):
            what = f"The worker process that trained this run died {after}"
        else:
            what = f"Training ended {after} with {type(error).__name__}: {str(error).rstrip('.')}"
        run.update(
            status=FAILED,
            note=f"{what}. Every checkpoint saved before is readable; press Resume to go on.",
        )
    except Exception:
        logging.getLogger(__name__).exception("why run %s ended could not be noted", run.id)
