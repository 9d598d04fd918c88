"""A sweep of a hundred runs: against the recipe's own loop, one worker and two, and under the pointer."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import Page

from bench.chromium import LONG, Site, application, chromium, visit
from bench.memory import megabytes
from bench.places import fresh, runs_folder, workers
from bench.report import Check, Table, median_seconds, p95
from core.data import make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.manifest import FINISHED
from core.run.runs import Run, Runs
from core.settings import DataSettings
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid, spread
from tests.conftest import wait_until
from tests.recipe import run_recipe

TIMES = 5
EVENTS = 150  # each way
MORE = 10  # sweeps that are opened after the first, and as many again
GROWTH = 10e6  # bytes

SEEDS = Axis("seed", tuple(range(10)))
RATES = Axis("learning_rate", spread("learning_rate", 0.0003, 0.003, 10, True))

# Ways through the shadow roots to the sweep, and times from input to redrawn as in `bench.drag`.
LISTEN = """() => {
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.matches("[data-role=sweep]")) return each;
      const inner = each.shadowRoot && find(each.shadowRoot);
      if (inner) return inner;
    }
  };
  const root = find(document);
  window.redrawn = [];
  const slider = root.querySelector(".slider");
  let input = null, moved = null, pointer = null;
  slider.addEventListener("pointermove", (event) => { pointer = event.timeStamp; });
  slider.addEventListener("input", (event) => { input ??= event.timeStamp; moved ??= pointer; });
  new MutationObserver(() => {
    if (input === null) return;
    const from = input, start = moved, drawn = Number(root.dataset.drawn) - input;
    input = moved = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const now = performance.now();
      window.redrawn.push({ drawn, painted: now - from, pointer: now - start });
    };
    channel.port2.postMessage(0);
  }).observe(root, { attributes: true, attributeFilter: ["data-drawn"] });
}"""


def measure() -> Sequence[Table]:
    """Training first, then the finished sweep in a browser."""
    runs = runs_folder()
    training, sweep = _training(runs)
    return [training, *_in_browser(runs, sweep)]


# ---- training ----


def _training(runs: Runs) -> tuple[Table, Sweep]:
    """The recipe's loop, then a hundred cells on one worker and on two, in one bench run."""
    recipe: list[float] = []
    recipe_cpu: list[float] = []
    for turn in range(-1, TIMES):
        run, sample = fresh(runs), make_sample(DataSettings())
        began, busy = time.perf_counter(), time.process_time()
        run_recipe(sample.x, sample.y, directory=run.checkpoints)
        if turn >= 0:
            recipe.append(time.perf_counter() - began)
            recipe_cpu.append(time.process_time() - busy)
    sweeps = {count: _sweep(runs) for count in (1, 2)}
    spent = {count: _train(runs, sweep, count) for count, sweep in sweeps.items()}
    wall, cpu = ({count: each[at] for count, each in spent.items()} for at in (0, 1))
    loop, loop_cpu = 100 * statistics.median(recipe), 100 * statistics.median(recipe_cpu)
    same = all(_same(cell, runs) for _, cell in list(sweeps[2].cells())[::11])
    whole = all(run.manifest().status == FINISHED for sweep in sweeps.values() for _, run in sweep.cells())
    ratio, scaling = loop / wall[2], wall[1] / wall[2]
    # With nothing else on the machine, a worker's processor time is nearly its wall time.
    quiet, quiet_scaling = loop_cpu / (cpu[2] / 2), 2 * cpu[1] / cpu[2]

    def row(name: str, seconds: float, busy: float, times: float) -> tuple[str, ...]:
        return name, f"{seconds:.1f} s", f"{busy:.1f} s", f"{times:.1f}×"

    return (
        Table(
            "A sweep of a hundred runs",
            "10 learning rates × 10 seeds of the recipe (201 samples, 100 iterations, 101 checkpoints kept); "
            f"the recipe's loop {TIMES} times ({median_seconds(recipe)}) and scaled to a hundred. Workers "
            "are warm: each has trained before. Processor time is that of the pool, its "
            "scheduler and its workers. Every eleventh cell was trained alone as well.",
            ("what", "time", "processor time", "faster than the recipe's loop"),
            (
                row("the recipe's own loop, a hundred times", loop, loop_cpu, 1.0),
                row("the sweep on one worker", wall[1], cpu[1], loop / wall[1]),
                row("the sweep on two workers", wall[2], cpu[2], ratio),
                row("the same by processor time", cpu[2] / 2, cpu[2], quiet),
            ),
            (
                Check(
                    "a hundred cells on 2 workers at least 22× faster than the recipe's loop",
                    f"{ratio:.1f}× (by processor time {quiet:.1f}×)",
                    ratio >= 22,
                ),
                Check(
                    "two workers at least 1.8× one",
                    f"{scaling:.2f}× (by processor time {quiet_scaling:.2f}×)",
                    scaling >= 1.8,
                ),
                Check(
                    "every cell's bits equal to its own single run's",
                    "equal" if same and whole else "NOT equal",
                    same and whole,
                ),
            ),
        ),
        sweeps[2],
    )


def _sweep(runs: Runs) -> Sweep:
    return Sweeps(runs).create(Grid((RATES, SEEDS), DataSettings()))


def _train(runs: Runs, sweep: Sweep, count: int) -> tuple[float, float]:
    """Seconds from the word go to the last cell's end, and processor seconds of all processes together."""
    with workers(runs, count) as pool:
        warm = Sweeps(runs).create(Grid((Axis("seed", tuple(range(100, 200))),), DataSettings()))
        pool.submit_sweep(warm)
        wait_until(lambda: len(pool.pids()) == count, LONG / 1000)
        done = _ended(warm)
        wait_until(lambda: _ended(warm) >= done + 4 * count, LONG / 1000)  # each has trained
        pool.stop_sweep(warm)
        wait_until(lambda: pool.place(warm.id) is None, LONG / 1000)
        before, began = _busy(), time.perf_counter()
        pool.submit_sweep(sweep)
        wait_until(lambda: pool.place(sweep.id) is None, LONG / 1000)
        return time.perf_counter() - began, _busy() - before


def _ended(sweep: Sweep) -> int:
    return sum(run.manifest().status == FINISHED for _, run in sweep.cells())


def _busy() -> float:
    """Processor seconds of this process and all that it has started."""
    here = psutil.Process()
    times = [each.cpu_times() for each in (here, *here.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def _same(cell: Run, runs: Runs) -> bool:
    """Whether the cell's checkpoints are those of the same run, trained alone."""
    manifest = cell.manifest()
    alone = runs.create(cell.sample(), manifest.train, manifest.data)
    train_run(str(alone.directory))
    names = [path.name for path in alone.checkpoints.iterdir() if not path.name.endswith(".meta")]
    return len(read_history(cell, cell.sample()).steps) == 101 and all(
        (cell.checkpoints / name).read_bytes() == (alone.checkpoints / name).read_bytes() for name in names
    )


# ---- in the browser ----


def _in_browser(runs: Runs, sweep: Sweep) -> Sequence[Table]:
    record = sweep.record()
    twins = [sweep.id]
    for _ in range(2 * MORE):  # more with the same runs, to open one after another
        folder = Sweeps(runs).root / os.urandom(8).hex()
        folder.mkdir()
        Sweep(folder).write(replace(record, id=folder.name))
        twins.append(folder.name)
    with application(runs) as site, chromium() as browser:
        page = visit(browser, site.address)
        page.wait_for_timeout(3000)
        asked: list[str] = []
        page.on("request", lambda each: asked.append(each.url))
        before = _memory(site)
        opened = [_open(page, site, twins[0])]
        after = _memory(site)
        fetches = str(sum("/media/" in url and url.endswith(".json") for url in asked))
        drawn, painted, during = _drag(page)
        opened += [_open(page, site, twin) for twin in twins[1 : MORE + 1]]
        some = _memory(site)
        for other in twins[MORE + 1 :]:
            _open(page, site, other)
        more = _memory(site)
    return [
        Table(
            "Dragging over a hundred runs with a hundred checkpoints each",
            f"Real pointer in headless Chromium, {len(drawn)} pictures of all hundred cells. A sweep's data "
            "is sent once, when it is opened.",
            ("what", "median / 95th percentile"),
            (
                ("input event to redrawn", _both(drawn)),
                ("input event to painted", _both(painted)),
                ("messages in the drag", str(during)),
            ),
            (
                Check(
                    "a drag's pictures at most 16.7 ms, 95th percentile 33 ms, from input to painted",
                    _both(painted),
                    statistics.median(painted) <= 16.7 and p95(painted) <= 33,
                ),
                Check("no message during the drag", str(during), during == 0),
            ),
        ),
        Table(
            "Opening a finished sweep of a hundred runs",
            "A new page each time, until the grid is drawn; memory is the server's own.",
            ("what", "measured"),
            (
                ("the first time, no log read yet", f"{opened[0]:.2f} s"),
                (f"{MORE} other sweeps of a hundred", median_seconds(opened[1:])),
                ("fetches of its data, until it is drawn", fetches),
                ("the server grew with the first by", megabytes(after - before)),
                (f"with {MORE} others by", megabytes(some - after)),
                (f"and with {MORE} more by", megabytes(more - some)),
            ),
            (
                Check("opening a finished sweep of 100 in at most 2 s", f"{opened[0]:.2f} s", opened[0] <= 2),
                Check("its data sent once", fetches, fetches == "1"),
                Check("the server grows by at most 20 MB", megabytes(after - before), after - before <= 20e6),
                Check(
                    f"after {MORE} sweeps, {MORE} more add at most {megabytes(GROWTH)}",
                    megabytes(more - some),
                    more - some <= GROWTH,
                ),
            ),
        ),
    ]


def _memory(site: Site) -> float:
    return float(psutil.Process(site.process.pid).memory_info().rss)


def _open(page: Page, site: Site, sweep: str) -> float:
    began = time.perf_counter()
    page.goto(f"{site.address}/sweep?sweep={sweep}")
    page.locator("[data-role=sweep][data-drawn]").wait_for(timeout=LONG)
    return time.perf_counter() - began


def _drag(page: Page) -> tuple[list[float], list[float], int]:
    """Drag from the right end to the left and back: milliseconds to redrawn and painted, and messages."""
    sent = page.evaluate_handle(
        """() => {
          const send = WebSocket.prototype.send;
          const counted = { messages: 0 };
          WebSocket.prototype.send = function (...a) { counted.messages += 1; return send.apply(this, a); };
          return counted;
        }"""
    )
    page.evaluate(LISTEN)
    box = page.locator("[data-role=sweep] input.slider").bounding_box()
    assert box
    right, middle, way = box["x"] + box["width"] - 12, box["y"] + box["height"] / 2, box["width"] - 24
    page.mouse.move(right, middle)
    page.wait_for_timeout(1000)
    before = sent.evaluate("each => each.messages")
    page.mouse.down()
    for number in range(1, 2 * EVENTS - 10):
        part = min(number, 2 * EVENTS - number) / EVENTS
        page.mouse.move(right - way * 0.95 * part, middle)
        page.wait_for_timeout(16)
    page.wait_for_timeout(500)
    during = sent.evaluate("each => each.messages") - before
    page.mouse.up()
    found = page.evaluate("window.redrawn")
    return [each["drawn"] for each in found], [each["painted"] for each in found], int(during)


def _both(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} / {p95(values):.1f} ms"
