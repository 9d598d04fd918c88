"""Two tabs of one visitor use one run at the same time: pause, resume, stop, name, pin, delete, undo."""

from __future__ import annotations

import random
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from bench.places import fresh, workers
from bench.report import Check, Table
from core.history.history import read_history
from core.pool.queue import FOLDER, QueueFull
from core.pool.workers import Pool
from core.run.manifest import FAILED, FINISHED, PAUSED, STOPPED, Control
from core.run.runs import TRASH, Run, RunBusy, RunNotFound, Runs
from tests.soak.members import seconds_until
from tests.soak.progress import progress

ITERATIONS = 250
LASTS = 1.2  # seconds of a round
EXPECTED = (RunBusy, RunNotFound, QueueFull)  # what a page tells in a sentence
PATIENCE = 60.0


def measure(count: int) -> Sequence[Table]:
    """`count` rounds, after each of which the run is brought to its end and compared."""
    chance, done = random.Random(0), Counter[str]()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        runs = Runs(Path(name))
        with workers(runs) as pool:
            whole = _bits(_finished(pool, _made(runs)))
            for number in range(count):
                wrong += [f"round {number}: {each}" for each in _round(pool, runs, chance, done, whole)]
                progress(f"{number + 1} of {count} rounds, {len(wrong)} wrong", number + 1, count)
    return [
        Table(
            "Two tabs",
            f"{count} rounds of {LASTS} s: two threads make the calls of the pages on one run, at random. "
            "Then the run is brought back and trained to its end.",
            ("what was done", "times"),
            tuple((what, str(times)) for what, times in sorted(done.items())),
            (
                Check(
                    f"{count} rounds: nothing uncaught, no run in two places or in none, every name kept, "
                    "every bit as in a run that nobody disturbed",
                    "; ".join(wrong[:3]) or "all",
                    not wrong,
                ),
            ),
        )
    ]


def _made(runs: Runs) -> Run:
    run = fresh(runs, iterations=ITERATIONS, optimizer="Adam")
    run.update(owner="me")
    return run


def _finished(pool: Pool, run: Run) -> Run:
    def ended() -> bool:
        if pool.place(run.id) is None and run.manifest().status != FINISHED:
            run.steer(Control())
            with suppress(*EXPECTED):
                pool.submit(run)
        return pool.place(run.id) is None and run.manifest().status in (FINISHED, FAILED)

    seconds_until(ended, PATIENCE, "the run's end")
    return run


def _bits(run: Run) -> list[bytes]:
    table = read_history(run, run.sample()).table
    return [table[column].to_numpy().tobytes() for column in ("step", "h", "v")]


def _round(
    pool: Pool, runs: Runs, chance: random.Random, done: Counter[str], whole: list[bytes]
) -> list[str]:
    """One round; what went wrong in it."""
    run, wrong = _made(runs), list[str]()
    run.steer(Control(pace=200.0))
    pool.submit(run)
    time.sleep(chance.uniform(0, 0.6))
    start = threading.Barrier(2)
    tabs = [
        threading.Thread(target=_tab, args=(pool, runs, run, chance.random(), start, done, wrong))
        for _ in range(2)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    here, aside = run.directory.exists(), (runs.root / TRASH / run.id).exists()
    if here == aside:
        return [*wrong, f"the run is here: {here}, in the trash: {aside}"]
    if aside:
        runs.bring_back(run.id)
    run.update(name="the last name")
    try:
        _finished(pool, run)
    except TimeoutError:
        return [*wrong, f"not finished: {run.manifest()}"]
    if run.manifest().name != "the last name":
        wrong.append("the name is lost")
    if _bits(run) != whole or list(run.steps()["iteration"]) != list(range(ITERATIONS)):
        wrong.append("bits or steps differ")
    if [each.status for each in runs.manifests("me") if each.id == run.id] != [FINISHED]:
        wrong.append("the index says something else")
    queued = [path for path in (runs.root / FOLDER).rglob("*") if run.id in path.name]
    halves = list(run.directory.rglob(".*"))
    if queued or halves:
        wrong.append(f"left over: {[path.name for path in (*queued, *halves)]}")
    runs.delete(run.id)
    return wrong


def _tab(
    pool: Pool,
    runs: Runs,
    run: Run,
    seed: float,
    start: threading.Barrier,
    done: Counter[str],
    wrong: list[str],
) -> None:
    chance = random.Random(seed)

    def resume() -> None:
        run.steer(Control(pace=200.0))
        pool.submit(run)

    def stop() -> None:
        if run.manifest().status == PAUSED:
            run.update(status=STOPPED)
        else:
            pool.stop(run)

    acts: dict[str, Callable[[], object]] = {
        "pause": lambda: pool.pause(run),
        "resume": resume,
        "stop": stop,
        "name": lambda: run.update(name=f"n{chance.randrange(99)}"),
        "pin": lambda: run.update(kept=chance.random() < 0.5),
        "delete": lambda: runs.discard(run.id),
        "undo": lambda: runs.bring_back(run.id),
        "list": lambda: (runs.manifests("me"), runs.discarded("me")),
    }
    usual = ["pause", "resume", "resume", "stop", "name", "pin", "delete", "undo", "undo", "list"]
    start.wait()
    ends = time.monotonic() + LASTS
    while time.monotonic() < ends:
        what = chance.choice(usual)
        try:
            acts[what]()
            done[what] += 1
        except EXPECTED as error:
            done[f"{what}: {type(error).__name__}"] += 1
        except Exception:
            wrong.append(f"{what}: {traceback.format_exc()[-400:]}")
        time.sleep(chance.choice([0, 0, 0.005, 0.05, 0.15]))
