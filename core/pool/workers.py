"""The worker pool: TensorFlow's work, in other processes, behind a few calls.

The engine is Dask's `distributed`: it restarts dead workers, and the same code serves processes on this
machine or, when CHECKPOINT_EXPLORER_SCHEDULER names a scheduler, a cluster that shares the runs folder.
One thread, the keeper, connects, hands out what waits, watches the workers and mends what breaks; all other
threads only leave word.
"""

from __future__ import annotations

import logging
import math
import os
import queue as queues
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeVar

from distributed import Client, Future, Security
from distributed import TimeoutError as Unfetched  # before Python 3.11 not the built-in one
from distributed.scheduler import KilledWorker

from core import environment, housekeeping
from core.pool import jobs
from core.pool.cluster import SHORT, TRAINING
from core.pool.endings import note_end, note_failure, status_of
from core.pool.fairness import turn
from core.pool.local import LocalCluster
from core.pool.queue import Queue, QueueFull, Unwritable
from core.pool.rest import Rest
from core.pool.short import Pending, Short, ShortJobs, worker_died
from core.pool.ticket import Ticket
from core.pool.training import YIELD, train_run
from core.run.manifest import PAUSE, QUEUED, RUN, RUNNING, STOP, STOPPED, Control
from core.run.runs import Run, RunBusy, RunNotFound, Runs
from core.run.step_log import iterations_done
from core.sweep.folder import Sweep, SweepNotFound, Sweeps

T = TypeVar("T")
Standing = Literal["ready", "starting", "resting"]

MOST_WAITING = 20  # trainings of one visitor
USUAL_NEAR = 200.0  # trainings of one network address, behind which a whole school may be
SHORT_RUN = 300  # iterations that are done in about a second
LOOK = 0.25  # seconds between two looks of the keeper, if nobody wakes it
NAP = 1.0  # the same while the workers rest
COUNT = 1.0  # seconds between two counts of the workers
IDLE = 60.0  # seconds without work after which a second worker is ended
PATIENCE = 1.0  # seconds that a short job waits before a second worker for such is started
MISSING = 60.0  # seconds without any worker of a role after which the cluster is started again
HANGS = 30.0  # seconds that a worker may have a training and leave it alone
STALLS = 120.0  # seconds between two iterations, of which the longest take one or two
ANSWERS = 60.0  # seconds that a worker has for a short job, unless who asks says otherwise
FETCH = 10.0  # seconds in which the answer of a short job that has ended comes here
ANSWER = 5.0  # seconds to wait for what an ended training answered
END = 2.0  # seconds that the cluster has to end by itself

log = logging.getLogger(__name__)


class NotReady(RuntimeError):
    """The workers are still starting."""


@dataclass
class _Given:
    """A training that was given to a worker.

    Attributes:
        began: when, in seconds of the monotonic clock.
        future: Dask's.
        seen: when the training was last seen to move, in the same seconds.
        written: when it had written its latest iteration then, in ns since 1970; -1 before it has begun.
    """

    ticket: Ticket
    began: float
    future: Future
    seen: float
    written: int = -1


class Pool:
    """Worker processes: for training as many as the queue needs, up to a limit; for short jobs one or two.

    Those of this machine start when somebody needs them, and leave when nobody has for long.
    """

    def __init__(
        self, trainers: int | None = None, address: str | None = None, runs: Runs | None = None
    ) -> None:
        """Serve the queue in the background; `wake` and `wait` start the workers, and so does work.

        Args:
            trainers: trainings that run together at most; default from the environment, else one a core.
            address: of a Dask scheduler; default from the environment, else processes here.
            runs: whose queue is served; default from the environment.
        """
        self.trainers = trainers or int(environment.number(environment.WORKERS, os.cpu_count() or 1, 1))
        self.address = address or os.environ.get(environment.SCHEDULER)
        self._near = int(environment.number(environment.ADDRESS_WAITING, USUAL_NEAR, 1))
        self.trouble = ""  # why the workers cannot be reached, in one sentence
        self.rest = Rest()
        self._queue = Queue((runs or Runs.from_environment()).root)
        self._short = ShortJobs()
        self._training: dict[str, _Given] = {}  # by their tickets' ids
        self._ended: queues.SimpleQueue[tuple[Ticket, Future]] = queues.SimpleQueue()
        self._workers: Counter[str] = Counter()
        self._counted = self._worked = self._seen = 0.0
        self._tidied = -housekeeping.PERIOD
        self._client: Client | None = None
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._wake = threading.Event()
        self._local = LocalCluster(self._closed)
        with suppress(Unwritable):
            self._queue.open()  # else the keeper tries it again
        self._keeper = threading.Thread(target=self._keep, name="pool", daemon=True)
        self._keeper.start()

    # ---- what everybody may ask ----

    def standing(self) -> Standing:
        """Whether the workers are there, are being started, or rest until somebody needs them."""
        if self._ready.is_set():
            return "ready"
        return "resting" if self.rest.is_on() and not self.address else "starting"

    def wake(self) -> None:
        """See that workers are there soon: somebody will need them."""
        rested = self.rest.is_on()
        self.rest.wake()
        if rested and not self._ready.is_set():  # else it waits a while between two starts that failed
            self._wake.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the workers are ready; who waits for them, for at most `timeout` seconds, needs them."""
        if timeout != 0:
            self.wake()
        return self._ready.wait(timeout)

    def submit(self, run: Run, address: str = "") -> None:
        """Queue a run of this pool's folder for training, once: one that waits or trains stays as it is.

        Args:
            address: where its owner comes from on the network, if that is known.

        Raises:
            QueueFull: its owner, or the address, has too many waiting.
            RunNotFound: the folder has no such run.
        """
        manifest = Runs(self._queue.root).open(run.id).manifest()
        if self.place(run.id) is None:
            left = manifest.train.iterations - iterations_done(run.steps_file)
            ticket = Ticket(
                run.id,
                manifest.owner or run.id,
                time.time(),
                address=address,
                short=left <= SHORT_RUN and run.control().pace is None,
            )
            # Said first: a worker may have it, and die over it, before the next line.
            run.update(status=QUEUED, note="")
            try:
                self._queue.add(ticket, MOST_WAITING, self._near)
            except (QueueFull, OSError):
                run.update(status=manifest.status, note=manifest.note)
                raise
            log.info("run %s: queued", run.id)
        self.wake()
        self._wake.set()

    def submit_sweep(self, sweep: Sweep, address: str = "") -> None:
        """Queue the first cell that has not ended; each that a worker takes is followed by the next.

        Args:
            address: where its owner comes from on the network, if that is known.

        Raises:
            QueueFull: its owner, or the address, has too many waiting.
            SweepNotFound: the sweep is gone.
        """
        owner = sweep.record().owner or sweep.id
        first = Ticket("", owner, time.time(), address=address, sweep=sweep.id)
        self._queue_cell(first, MOST_WAITING, self._near)
        self.wake()
        self._wake.set()

    def place(self, run_id: str) -> int | None:
        """0 while a run or sweep trains, n when it is the n-th in the queue, None when it is neither."""
        return self._queue.place(run_id)

    def load(self) -> int:
        """How many trainings run or wait."""
        return len(self._queue.training()) + len(self._queue.waiting())

    def pause(self, run: Run) -> None:
        """End training after the current iteration; `submit` goes on from there."""
        self._wish(run, PAUSE)

    def stop(self, run: Run) -> None:
        """End training after the current iteration, or take the run out of the queue."""
        self._wish(run, STOP)

    def pause_sweep(self, sweep: Sweep) -> None:
        """End after the current iteration of each cell in hand; the others wait outside of the queue."""
        self._wish_all(sweep, PAUSE)

    def stop_sweep(self, sweep: Sweep) -> None:
        """The same for good."""
        self._wish_all(sweep, STOP)

    def begin(
        self,
        job: Callable[..., T],
        *arguments: Any,
        owner: str = "",
        heavy: bool = False,
        seconds: float = ANSWERS,
    ) -> Pending[T]:
        """Start a short job, which never waits behind trainings.

        Args:
            owner: the visitor who asks; each one's jobs take turns with the others'.
            heavy: it takes seconds; each visitor has one such at a time.
            seconds: a worker that has had it for longer hangs, and another takes its place.

        Raises:
            NotReady: the workers are still starting.
            Busy: the owner has too many waiting.
        """
        self.wake()
        if not self._ready.is_set():
            raise NotReady(self.trouble or "TensorFlow is still starting; this takes a few seconds.")
        short = Short(job, arguments, owner, heavy, seconds)
        self._short.add(short)
        self._wake.set()
        return Pending(short.future)

    def pids(self, role: str = TRAINING) -> list[int]:
        """Process ids of the workers with this role, on this machine."""
        client = self._client
        if client is None:
            return []
        workers = client.scheduler_info(n_workers=-1)["workers"].items()
        addresses = [address for address, facts in workers if role in facts["resources"]]
        if not addresses:
            return []
        try:
            # One that dies while it is asked has no number any more.
            found = client.run(os.getpid, workers=addresses, on_error="ignore")
        except OSError:
            return []
        return sorted(found.values())

    def facts(self) -> dict[str, int | str]:
        """How the pool stands, for an administrator."""
        return {
            "workers": self.standing(),
            "training workers": self._workers[TRAINING],
            "short workers": self._workers[SHORT],
            "training": len(self._queue.training()),
            "waiting": len(self._queue.waiting()),
            "trouble": self.trouble,
        }

    def close(self) -> None:
        """End the workers at once. Trainings stop where they are; every checkpoint stays."""
        # A cluster that is still starting does not listen yet, and has nothing to lose.
        patience = END if self._ready.is_set() else 0.0
        self._closed.set()  # from here on no process is started
        self._wake.set()
        self._local.end(patience)
        self._keeper.join(10)
        for given in self._training.values():
            with suppress(Unwritable):
                if given.ticket.sweep:  # the rest of it waits; the next server goes on with all
                    self._queue.give_back(given.ticket)
                else:
                    note_end(self._run(given.ticket))
                    self._queue.leave(given.ticket)
        self._training.clear()
        self._short.lost()
        self._queue.close()

    # ---- the keeper ----

    def _keep(self) -> None:
        """Connect, hand out, watch and mend, until the pool is closed."""
        said = ""
        while not self._closed.is_set():
            look = LOOK
            try:
                self._tidy()
                if not self._needed():
                    look = NAP
                    if self._client is not None:
                        log.info("nobody needs the workers: they leave until somebody does")
                        self._retire()
                elif self._client is not None or self._connect():
                    self._look()
                else:
                    look = NAP
                said = ""
            except Unwritable as error:
                if str(error) != said:
                    log.error("the queue cannot be changed: %s", error)
                said = str(error)
            except Exception as error:  # a broken connection shows itself as almost anything
                if not self._closed.is_set():
                    log.warning(
                        "the workers were lost (%s: %s); connecting again", type(error).__name__, error
                    )
                    self._disconnect()
            self._wake.wait(look)
            self._wake.clear()
        self._disconnect()

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied > housekeeping.PERIOD:
            self._tidied = time.monotonic()
            housekeeping.tidy(Runs(self._queue.root))

    def _needed(self) -> bool:
        """Whether the workers should be there now. Those of other machines always are.

        Raises:
            Unwritable: the queue cannot be changed.
        """
        if self.address:
            return True
        if self._training or not self._short.idle():
            self.rest.wake()
        elif self.rest.is_on():
            self._queue.open()
            self._queue.clear()
            # Of another server on this folder, or of one that has died.
            if self._queue.waiting() or self._queue.abandoned():
                self.rest.wake()
        return not self.rest.is_on()

    def _connect(self) -> bool:
        """Start the workers, or reach those of a cluster; whether that succeeded."""
        address, security = self.address, None
        if address is None:
            facts = self._local.start()
            if facts is None:
                return False
            address = facts.pop("address")
            security = Security(require_encryption=True, **facts)
        try:
            client = Client(address, timeout=30, set_as_default=False, security=security)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            self.trouble = (
                f"The scheduler at {address} cannot be reached ({str(error).splitlines()[0][:200]}). Nothing "
                "can be trained or restored until an administrator has looked; what was saved can be seen."
            )
            log.error("%s", self.trouble)
            self._local.end()
            return False
        self._client, self.trouble = client, ""
        self._seen = self._worked = time.monotonic()
        self._want()
        while not self._closed.is_set():
            self._count()
            if self._workers[TRAINING] and self._workers[SHORT]:
                self._ready.set()
                return True
            if self._local.has_died:
                raise ConnectionError("the cluster's process ended as it started")
            if time.monotonic() - self._seen > 2 * MISSING:
                self.trouble = (
                    "No worker has joined the cluster yet; nothing can be trained or restored until then."
                )
            self._closed.wait(LOOK)
        return False

    def _look(self) -> None:
        """One look at everything.

        Raises:
            Unwritable: the queue cannot be changed; what needs no queue has been done.
        """
        self._answer_pages()
        self._watch_pages()
        self._queue.open()
        self._finish()
        if time.monotonic() - self._counted > COUNT:
            self._count()
            self._watch()
            self._recover()
            self._queue.clear()
            self._want()
        self._hand_out()
        self._take_turns()

    def _count(self) -> None:
        """Count the workers by role; a role that stays without any means a new cluster.

        Raises:
            ConnectionError: the cluster is gone, or has lost a role for long.
        """
        if self._local.has_died:
            raise ConnectionError("the cluster's process ended")
        assert self._client is not None
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        before = self._workers
        self._workers = Counter(
            role for each in workers for role in (TRAINING, SHORT) if role in each["resources"]
        )
        self._counted = time.monotonic()
        if self._ready.is_set() and any(self._workers[role] < before[role] for role in before):
            log.info("workers now: %s", dict(self._workers))
        if self.address:
            self.trainers = max(1, self._workers[TRAINING])
        if self._workers[TRAINING] and self._workers[SHORT]:
            self._seen = self._counted
        elif self._ready.is_set() and self._counted - self._seen > MISSING and not self.address:
            raise ConnectionError(f"no worker of a role for {MISSING:.0f} s: {dict(self._workers)}")

    def _want(self) -> None:
        """Tell the cluster on this machine how many workers the work needs."""
        now = time.monotonic()
        training = len(self._training) + len(self._queue.waiting())
        if training or not self._short.idle():
            self._worked = now
        kept = self._workers if now - self._worked < IDLE else Counter[str]()
        waits = self._short.longest_wait() > PATIENCE
        self._local.want(
            min(self.trainers, max(1, training, kept[TRAINING])),
            min(2, max(1, kept[SHORT], 2 if waits else 1)),
        )

    def _run(self, ticket: Ticket) -> Run:
        return Run(self._queue.root / ticket.id)

    def _sweep(self, ticket: Ticket) -> Sweep:
        return Sweep(Sweeps(Runs(self._queue.root)).root / ticket.sweep)

    def _queue_cell(self, ticket: Ticket, most: int | None = None, near: int | None = None) -> None:
        """See that a cell of the ticket's sweep waits, as long as one is left that nobody has in hand.

        One is enough: every worker that is free finds it, those that join as well, and a sweep of a thousand
        runs makes the queue no longer than any other.
        """
        waiting = self._queue.waiting()
        if not ticket.sweep or any(each.sweep == ticket.sweep for each in waiting):
            return
        sweep = self._sweep(ticket)
        with suppress(SweepNotFound):
            known = {each.id for each in (*waiting, *self._queue.training())}
            if sweep.control().wish == RUN and (run := next(sweep.left(known), None)):
                self._queue.add(replace(ticket, id=run.id, since=time.time(), died_at=-1), most, near)

    def _follow(self, ticket: Ticket) -> None:
        """Let the next cell of the ticket's sweep wait, behind those that wait: the sweep has had a turn.

        On a full disk none does: when the cells in hand have ended, the sweep is interrupted and says so.
        """
        try:
            self._queue_cell(replace(ticket, server="", turns=ticket.turns + 1))
        except OSError as error:
            log.error("the next run of sweep %s cannot be queued: %s", ticket.sweep, error)

    def _leave(self, ticket: Ticket) -> None:
        self._follow(ticket)  # first: should the server die now, the sweep goes on
        self._queue.leave(ticket)

    def _hand_out(self) -> None:
        """Hand the trainings that wait to free workers."""
        assert self._client is not None
        while self._free() and (ticket := self._queue.take()):
            run = self._run(ticket)
            # It was deleted while it waited, or its sweep was paused or stopped.
            if not run.directory.is_dir() or (ticket.sweep and self._sweep(ticket).control().wish != RUN):
                self._leave(ticket)
                continue
            with suppress(OSError):
                (run.directory / YIELD).unlink(missing_ok=True)
            future = self._client.submit(train_run, str(run.directory), pure=False, resources={TRAINING: 1})
            now = time.monotonic()
            self._training[ticket.id] = _Given(ticket, now, future, now)
            log.info("run %s: given to a worker", ticket.id)
            future.add_done_callback(partial(self._done, ticket))
            self._follow(ticket)

    def _answer_pages(self) -> None:
        """Hand the short jobs that wait to free workers."""
        assert self._client is not None
        for short in self._short.take(self._workers[SHORT]):
            future = self._client.submit(
                jobs.answered, short.job, *short.arguments, pure=False, resources={SHORT: 1}
            )
            short.given = future
            future.add_done_callback(partial(self._answer, short))

    def _free(self) -> bool:
        """Whether a training worker has nothing to do."""
        taken = len(self._queue.training()) if self.address else len(self._training)
        return taken < min(self.trainers, self._workers[TRAINING])

    def _done(self, ticket: Ticket, future: Future) -> None:
        self._ended.put((ticket, future))
        self._wake.set()

    def _answer(self, short: Short, future: Future) -> None:
        try:
            self._short.ended(short, future.result(timeout=FETCH))
        except (TimeoutError, Unfetched):
            self._short.ended(
                short, error=TimeoutError("The answer did not come from its worker. Try again.")
            )
        except (KilledWorker, CancelledError):
            self._short.ended(short, error=worker_died())
        except Exception as error:
            self._short.ended(short, error=error)
        self._wake.set()

    def _finish(self) -> None:
        """Note how trainings ended, and take them out of the queue or put them back."""
        while True:
            try:
                ticket, future = self._ended.get_nowait()
            except queues.Empty:
                return
            known = self._training.get(ticket.id)
            if known is None or known.future is not future:
                continue  # of a connection that was lost
            del self._training[ticket.id]
            self._counted = 0.0
            status, error = "", None
            try:
                status = future.result(ANSWER)
            except (TimeoutError, CancelledError):
                continue  # its worker died with the answer, or the connection with both; `_recover` finds it
            except RunBusy:
                continue  # the worker that had it before still dies, or outlived its nanny: `_recover` again
            except Exception as raised:  # by the training, or because its worker died
                error = raised
            run = self._run(ticket)
            again = status == QUEUED
            if isinstance(error, KilledWorker):
                done = iterations_done(run.steps_file)
                # One that was handed to a worker as it died has not begun. Nobody sits before each cell of a
                # sweep: it is tried once more, unless it is what kills workers.
                again = status_of(run) == QUEUED or (
                    bool(ticket.sweep) and status_of(run) == RUNNING and done != ticket.died_at
                )
                ticket = replace(ticket, died_at=done)
            if again:
                self._queue.give_back(ticket)
                continue
            if error is not None:
                note_failure(run, error)  # before it leaves: whoever sees it gone finds the reason
            log.info("run %s: %s", ticket.id, status_of(run))
            self._leave(ticket)

    def _take_turns(self) -> None:
        """Let trainings of more than a turn give way, if somebody else waits and no worker is free."""
        if self._free():
            return
        waiting = Counter(each.owner for each in self._queue.waiting())
        for given in self._training.values():
            ticket = given.ticket
            others = waiting.total() - waiting[ticket.owner]
            all_there = self._workers[TRAINING] >= self.trainers
            most = turn(ticket, others, self.trainers) if all_there else math.inf
            if others and time.monotonic() - given.began > most:
                self._ask_to_give_way(ticket)

    def _watch(self) -> None:
        """See that what was given to workers is being trained.

        Raises:
            ConnectionError: one of them hangs.
        """
        for given in self._training.values():
            still = time.monotonic() - given.seen
            if still < HANGS / 3:
                continue
            run = self._run(given.ticket)
            held, written = run.is_training(), 0
            with suppress(OSError):
                written = run.steps_file.stat().st_mtime_ns
            if held and written != given.written:
                given.seen, given.written = time.monotonic(), written
            elif still > (STALLS if held else HANGS) and not given.future.done():
                raise ConnectionError(f"the worker that was given run {given.ticket.id} does not train it")

    def _watch_pages(self) -> None:
        """Start the workers anew that do not answer a short job; who asks for it is told that one died."""
        overdue = self._short.overdue()
        if not overdue:
            return
        assert self._client is not None
        keys = {short.given.key for short in overdue}
        hanging = [each for each, tasks in self._client.processing().items() if not keys.isdisjoint(tasks)]
        log.error("no answer of a short job in time: %s", hanging or "no worker has it")
        for short in overdue:
            self._short.ended(short, error=worker_died())
            short.given.cancel()
        if hanging:
            self._client.restart_workers(hanging, timeout=ANSWER, raise_for_error=False)

    def _recover(self) -> None:
        """Put back what nobody trains: a server or a cluster died over it."""
        mine = [each for each in self._queue.training() if each.server == self._queue.server]
        for ticket in (*self._queue.abandoned(), *(each for each in mine if each.id not in self._training)):
            if self._run(ticket).is_training():
                # Its worker outlived the connection, and nobody hears how it ends; meanwhile Dask gives that
                # worker other work, which waits there. So it gives way.
                self._ask_to_give_way(ticket)
            elif status_of(self._run(ticket)) in (QUEUED, RUNNING):
                log.warning("run %s: nobody trains it; back into the queue", ticket.id)
                self._queue.give_back(ticket)
            else:
                self._leave(ticket)

    def _ask_to_give_way(self, ticket: Ticket) -> None:
        with suppress(OSError):
            (self._run(ticket).directory / YIELD).touch()

    # ---- the connection and the processes ----

    def _disconnect(self) -> None:
        """Forget a connection that was lost; `_recover` puts back what was in its hands."""
        self._forget()
        if not self._closed.is_set():
            self._training.clear()
            self._short.lost()
            self._local.end()
        self._hang_up()

    def _retire(self) -> None:
        """End the workers, who have nothing to do."""
        self._forget()
        self._hang_up()  # first, so that nothing is lost
        self._local.end(END)

    def _forget(self) -> None:
        self._ready.clear()
        self._workers = Counter()

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            # What still trains is cut off on purpose; its callbacks have nobody left to call.
            for name in ("distributed", "tornado.application"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            with suppress(Exception):
                client.close(timeout=2)

    def _wish(self, run: Run, wish: str) -> None:
        tickets = [each for each in self._queue.waiting() if each.id == run.id]
        if self._queue.withdraw(run.id):
            run.update(status=STOPPED, note="Taken out of the queue before it started.")
            for ticket in tickets:
                self._follow(ticket)
        else:
            run.steer(Control(wish, run.control().pace))

    def _wish_all(self, sweep: Sweep, wish: str) -> None:
        sweep.steer(Control(wish))  # first: from here on no server takes another of its cells
        for ticket in self._queue.waiting():
            if ticket.sweep == sweep.id:
                self._queue.withdraw(ticket.id)
        for ticket in self._queue.training():
            if ticket.sweep == sweep.id:
                with suppress(RunNotFound):
                    self._run(ticket).steer(Control(wish))
