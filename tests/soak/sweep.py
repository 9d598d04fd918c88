"""A sweep on a cluster by its address: workers join while it runs, and twenty times one is killed."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.report import Check, Table
from bench.visitor import Visitor
from core import environment
from core.pool.training import train_run
from core.run.manifest import DIVERGED, ENDED, FINISHED
from core.run.runs import Run, Runs
from core.run.step_log import iterations_done
from core.sweep.folder import Sweeps
from tests.soak.members import Member, has_workers, seconds_until
from tests.soak.proxy import free_port

ITERATIONS = 2000
KILLS = 20
ALONE = 6.0  # seconds in which one worker, and then two, show how fast they are
STARTED = 240.0  # seconds in which everything has to be up, or up again
LONG = 900.0  # seconds for the whole sweep


def measure() -> Sequence[Table]:
    """Start it from the page, add workers, kill them, and compare every cell with its own single run."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name, ExitStack() as ending:
        folder = Path(name)
        runs, apart = Runs(folder / "runs"), Runs(folder / "apart")
        port, page = free_port(), free_port()
        address = f"tcp://127.0.0.1:{port}"

        def member(what: str, *words: str, **variables: str) -> Member:
            place = folder / what  # a working directory of its own, as on a machine of its own
            place.mkdir()
            made = Member(what, [*words], place / "log", variables)
            ending.callback(made.end)
            return made

        member("scheduler", "scheduler", "--port", str(port)).start()
        groups = [
            member(f"group {each}", "worker", address, "--training", "1", "--short", short)
            for each, short in (("a", "1"), ("b", "0"))
        ]
        groups[0].start()
        server = member(
            "server", "--port", str(page), "--runs", str(runs.root), **{environment.SCHEDULER: address}
        )
        server.start()
        seconds_until(lambda: has_workers(f"http://127.0.0.1:{page}/healthz"), STARTED, "ready")
        times = asyncio.run(_sweep(f"http://127.0.0.1:{page}", runs, groups))
        (record,) = Sweeps(runs).records()
        cells = [runs.open(run) for run in record.runs]
        assert all(run.manifest().train.iterations == ITERATIONS for run in cells)
        ended = [run.manifest().status for run in cells]
        equal = sum(_as_alone(run, apart) for run in cells)
        log = server.log()
    whole = sum(each in (FINISHED, DIVERGED) for each in ended)
    return [
        Table(
            "A sweep on a cluster by its address",
            f"Started from the page; {len(cells)} runs of {ITERATIONS:,} iterations; a scheduler, groups of "
            "one training worker, each in a working directory of its own, on one folder of runs. A group is "
            "killed by SIGKILL with all that it started, and started again at once.",
            ("what", "measured"),
            tuple(times.items()),
            (
                Check("no cell is lost", f"{whole} of {len(cells)} ended", whole == len(cells)),
                Check(
                    "every value that a cell saved as its own single run's, bit for bit",
                    f"{equal} of {len(cells)}",
                    equal == len(cells),
                ),
                Check(
                    "no traceback in the server's log", str(log.count("Traceback")), "Traceback" not in log
                ),
            ),
        )
    ]


async def _sweep(address: str, runs: Runs, groups: list[Member]) -> dict[str, str]:
    visitor = await Visitor.arrive(address, "", f"iterations={ITERATIONS}")
    await visitor.at_full_speed()  # the Playground is there, and has taken the settings
    await visitor.turns_to("sweep")  # whose own address holds none
    await visitor.choose("Vary", "Seed")
    await visitor.choose("and", "Learning rate")
    await visitor.press("Train all")
    try:
        return await asyncio.to_thread(_break, runs, groups)
    finally:
        await visitor.leave()


def _break(runs: Runs, groups: list[Member]) -> dict[str, str]:
    """Let one group work, then two, then kill one or the other; what was measured."""
    began = time.monotonic()
    seconds_until(lambda: bool(Sweeps(runs).records()), STARTED, "the sweep")
    (record,) = Sweeps(runs).records()
    cells = [runs.open(run) for run in record.runs]
    seconds_until(lambda: _done(cells) > 0, STARTED, "the first iteration")
    alone = _rate(cells)
    groups[1].start()
    joined = seconds_until(
        lambda: sum(run.is_training() for run in cells) > 1, STARTED, "the second group at work"
    )
    together = _rate(cells)
    chance = random.Random(12)
    goals = _done(cells)
    for kill in range(KILLS):
        goals = max(goals, _done(cells)) + chance.randrange(1, ITERATIONS)
        seconds_until(lambda goal=goals: _done(cells) >= goal or _over(cells), LONG, "training")  # type: ignore[misc]
        group = chance.choice(groups)
        group.kill()
        group.start()
        print(f"[soak] kill {kill + 1} of {KILLS}", file=sys.stderr, flush=True)
    seconds_until(lambda: _over(cells), LONG, "the end of the sweep")
    return {
        "one group": f"{alone:,.0f} iterations a second",
        "two groups": f"{together:,.0f} iterations a second, {together / alone:.2f}×",
        "from the second group's command to its first cell": f"{joined:.1f} s",
        "kills": str(KILLS),
        "the whole sweep": f"{time.monotonic() - began:.0f} s",
    }


def _done(cells: Sequence[Run]) -> int:
    """Iterations that all cells together have on disk."""
    return sum(iterations_done(run.steps_file) for run in cells)


def _rate(cells: Sequence[Run]) -> float:
    before, began = _done(cells), time.monotonic()
    time.sleep(ALONE)
    return (_done(cells) - before) / (time.monotonic() - began)


def _over(cells: Sequence[Run]) -> bool:
    return all(run.manifest().status in ENDED for run in cells)


def _as_alone(cell: Run, apart: Runs) -> bool:
    """Whether the cell's files hold what the same run's do, trained alone."""
    manifest = cell.manifest()
    alone = apart.create(cell.sample(), manifest.train, manifest.data)
    train_run(str(alone.directory))
    names = [path.name for path in alone.checkpoints.glob("model_*[0-9x]")]
    return manifest.status == alone.manifest().status and all(
        (cell.checkpoints / name).read_bytes() == (alone.checkpoints / name).read_bytes() for name in names
    )
