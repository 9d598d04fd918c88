"""The job of a sweep: a worker trains the cells that are missing, one after another, until none is left.

Several workers do so at once, as *parts* of the sweep. A run's own lock decides who has a cell, so parts may
join and leave at any time, and one that dies leaves its cell to the next.

TensorFlow is imported inside the functions, in the worker; whoever submits the job does not load it.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.data import DataError, Sample
from core.pool.training import train_run, versions
from core.run.disk import disk_limit
from core.run.manifest import (
    DIVERGED,
    ENDED,
    FAILED,
    FINISHED,
    PAUSED,
    QUEUED,
    RUN,
    RUNNING,
    STOP,
    STOPPED,
    Control,
    Manifest,
)
from core.run.reservation import make_room
from core.run.runs import Run, RunBusy, RunNotFound
from core.run.step_log import append, iterations_done
from core.storage import disk_bytes
from core.sweep.estimate import Measured, write_rates
from core.sweep.folder import BEGAN, ENDED_LINE, Sweep
from core.sweep.grid import Cell
from core.training.step import Diverged, TrainingError

if TYPE_CHECKING:
    from core.tf.sweeping import Workbench

TRIES = 2  # a cell whose worker died is tried once more
GLANCE = 0.02  # seconds; whoever looks whether a run trains holds its lock for less


def train_sweep(directory: str, part: str) -> str:
    """Train cells of the sweep in `directory` until none is left for this part; its last status.

    Args:
        part: the name of this part, for files: letters, digits and hyphens. A part that died is called
            again by the same name.

    Returns:
        "finished" when no cell is left that nobody has in hand, "queued" when somebody else waits for the
        worker (call again later), "paused" or "stopped" when the owner wants it so.

    Raises:
        SweepNotFound: the sweep was deleted.
    """
    from core.tf.sweeping import Workbench

    sweep = Sweep(Path(directory))
    if _wish(sweep) == RUN:
        sweep.mark(RUNNING)
    measured = Measured()
    with Workbench() as bench:
        status = _train_all(sweep, part, bench, measured)
        found = measured.rates(bench.epochs)
    if status in (PAUSED, STOPPED) or (status == FINISHED and _all_ended(sweep)):
        sweep.mark(status)
    try:
        if found is not None:
            write_rates(sweep.directory.parent, found)
        make_room(sweep.runs, disk_limit())
    except OSError:  # somebody else's files; this part has ended well
        logging.getLogger(__name__).exception("no room could be made")
    return status


def _train_all(sweep: Sweep, part: str, bench: Workbench, measured: Measured) -> str:
    """Take cells until there is a reason to end; the reason."""
    left = {cell.place: (cell, run) for cell, run in sweep.cells()}
    graph = None
    while True:
        wish = _wish(sweep)
        if wish != RUN:
            return STOPPED if wish == STOP else PAUSED
        if sweep.gives_way(part):
            return QUEUED
        with ExitStack() as lock:
            taken = _take(sweep, part, left, graph, lock)
            if taken is None:
                return FINISHED
            cell, run, manifest = taken
            del left[cell.place]
            graph = cell.graph
            if not _begin(sweep, part, run, manifest):
                continue
            began = time.perf_counter()
            if _is_fresh(run):
                status = _train(sweep, run, manifest, cell, bench, measured, began)
            else:
                lock.close()  # the ordinary job, which goes on from the latest checkpoint, takes it itself
                try:
                    status = train_run(str(run.directory))
                except (RunBusy, RunNotFound):
                    continue  # somebody was quicker, or it was deleted
        sweep.note(ENDED_LINE, run.id, part, status, time.perf_counter() - began)


def _take(
    sweep: Sweep, part: str, left: dict[int, tuple[Cell, Run]], graph: object, lock: ExitStack
) -> tuple[Cell, Run, Manifest] | None:
    """The next cell, locked; None when others have all that is left.

    First those with the graph that stands, then those with a graph that nobody has in hand.
    """
    while True:
        told = sweep.told()
        elsewhere = {
            cell.graph
            for cell, run in left.values()
            if run.id in told and told[run.id].status == RUNNING and told[run.id].part != part
        }
        glanced = False
        ranked = sorted(left.values(), key=lambda each: (each[0].graph != graph, each[0].graph in elsewhere))
        for cell, run in ranked:
            try:
                lock.enter_context(run.exclusive())
                manifest = run.manifest()
            except RunNotFound:
                del left[cell.place]
                continue
            except RunBusy:
                # Either another part trains it, or a page just looks whether somebody does.
                glanced = glanced or run.id not in told or told[run.id].status != RUNNING
                continue
            if manifest.status in (QUEUED, RUNNING):
                return cell, run, manifest
            lock.close()
            del left[cell.place]
        if not glanced:
            return None
        time.sleep(GLANCE)


def _begin(sweep: Sweep, part: str, run: Run, manifest: Manifest) -> bool:
    """Note that this part has the cell; not, if workers died at it in the same iteration too often."""
    done = iterations_done(run.steps_file)
    told = sweep.told().get(run.id)
    if told is not None and told.tries >= TRIES and told.at == done:
        run.write(
            replace(
                manifest,
                status=FAILED,
                note=f"The worker process that trained this run died {TRIES} times before iteration {done} "
                "was saved. Every checkpoint saved before is readable; resume it or its sweep to try again.",
            )
        )
        sweep.note(ENDED_LINE, run.id, part, FAILED)
        return False
    sweep.note(BEGAN, run.id, part, str(done))
    return True


def _is_fresh(run: Run) -> bool:
    """Whether nobody has begun to train in this directory."""
    return not run.steps_file.exists() and not any(run.checkpoints.iterdir())


def _train(
    sweep: Sweep,
    run: Run,
    manifest: Manifest,
    cell: Cell,
    bench: Workbench,
    measured: Measured,
    began: float,
) -> str:
    """Train a fresh cell, whose lock the caller holds; how it ended."""
    manifest = replace(manifest, status=RUNNING, note="", versions=versions())
    run.write(manifest)
    note, samples = "", 0
    try:
        sample = run.sample()
        samples = len(sample)
        seed = 0 if manifest.data is None else manifest.data.seed
        status = _follow(sweep, run, bench, cell, sample, seed)
    except Diverged as error:
        status, note = DIVERGED, str(error)
    except (TrainingError, DataError) as error:
        status, note = FAILED, str(error)
    except OSError as error:
        status, note = (
            FAILED,
            f"The run's log could not be written, so training stopped: {error.strerror}. "
            "Every checkpoint saved before is still readable; make room and resume.",
        )
    manifest = replace(manifest, status=status, note=note)
    with suppress(OSError):
        run.record_all()
    size = disk_bytes(run.directory)
    seconds = time.perf_counter() - began
    run.write(replace(manifest, seconds=seconds, bytes=size))
    if status == FINISHED:
        measured.add(cell, samples, seconds, size)
    return status


def _follow(sweep: Sweep, run: Run, bench: Workbench, cell: Cell, sample: Sample, seed: int) -> str:
    """Train and log, looking after every iteration what is wanted."""
    wishes = _Wishes(sweep, run)
    steps = bench.train(run, cell.graph, cell.train, sample, seed)
    with closing(steps), run.steps_file.open("ab", buffering=0) as log:
        for step in steps:
            append(log, step)
            wish = wishes.now()
            if wish != RUN and step.iteration + 1 < cell.train.iterations:
                return STOPPED if wish == STOP else PAUSED
    return FINISHED


class _Wishes:
    """Follows the `control.json` of the sweep and of the cell, reading them only when they change."""

    def __init__(self, sweep: Sweep, run: Run) -> None:
        self._watched = [(each.directory / "control.json", each.control) for each in (sweep, run)]
        self._stamps = [0, 0]
        self._wish = RUN

    def now(self) -> str:
        for at, (path, control) in enumerate(self._watched):
            try:
                stamp = path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
            if stamp != self._stamps[at]:
                self._stamps[at] = stamp
                found: Control = control()
                self._wish = found.wish if found.wish != RUN else self._wish
        return self._wish


def _wish(sweep: Sweep) -> str:
    return sweep.control().wish


def _all_ended(sweep: Sweep) -> bool:
    """Whether every cell that is still there has ended."""
    for _, run in sweep.cells():
        with suppress(RunNotFound):
            if run.manifest().status not in ENDED:
                return False
    return True
