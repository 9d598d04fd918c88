"""What a sweep has found so far, read from its runs' logs, and a sentence on it."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import Floats, Optimum, Sample, make_sample, optimum
from core.history.outcome import Outcome, outcome_of
from core.run.manifest import DIVERGED, FAILED, FINISHED, QUEUED, RUNNING
from core.run.runs import Run, RunNotFound
from core.sweep.folder import Record, Sweep
from core.sweep.grid import Cell, text_of
from core.words import counted, listed

MOST_STEPS = 400  # iterations that are looked at; of longer runs, so many, evenly spread

WITHIN = "Within 1%: of the lowest cost that any parabola can have on the cell's points, in closed form."
GONE = "deleted"  # the status of a cell whose run is not there any more

Stamp = tuple[int, int]


@dataclass(frozen=True, eq=False)
class CellResult:
    """One cell, as far as it has come.

    Attributes:
        cell: its settings.
        run: the id of its run.
        status: as in `run.json`, or "deleted".
        note: why it ended, where it did not end well.
        done: iterations done.
        h, v, cost: float32, shape [steps]; NaN where the iteration is not done.
        best: the best that its points allow.
        truth: the (h, v) that made its points; None for the user's own.
        reached: the first iteration whose cost is within one per cent of the best; None if none is.
        outcome: what became of it; None before it has ended, and where that cannot be told.
        last: h, v and cost of the last line of its log; None before the first.
    """

    cell: Cell
    run: str
    status: str
    note: str
    done: int
    h: Floats
    v: Floats
    cost: Floats
    best: Optimum
    truth: tuple[float, float] | None
    reached: int | None
    outcome: Outcome | None = None
    last: tuple[float, float, float] | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it came to its own end, so that how it behaves is known."""
        return self.status in (FINISHED, DIVERGED)

    @property
    def diverges(self) -> bool:
        """Whether its cost grows, with or without becoming infinite."""
        return self.outcome is not None and self.outcome.kind == "diverges"

    @property
    def stable(self) -> bool:
        """Whether it is known to have ended without diverging or oscillating."""
        ended, kinds = self.status == FINISHED, ("diverges", "oscillates")
        return ended and self.outcome is not None and self.outcome.kind not in kinds

    @property
    def final(self) -> tuple[float, float, float] | None:
        """h, v and cost after the last iteration that is done; None before the first, and after diverging."""
        return None if self.status == DIVERGED else self.last

    @property
    def distance(self) -> float | None:
        """How far (h, v) lies from the truth at the end, in the plane; None where either is unknown."""
        if self.final is None or self.truth is None:
            return None
        return float(np.hypot(self.final[0] - self.truth[0], self.final[1] - self.truth[1]))


@dataclass(frozen=True, eq=False)
class Results:
    """A sweep as far as it has come.

    Attributes:
        record: what the sweep is.
        steps: int32, shape [steps]; the iterations that are looked at.
        cells: in the order of `record.grid.cells()`.
        logs: run id to the log's stamp and rows, by which an unchanged log is known again.
    """

    record: Record
    steps: npt.NDArray[np.int32]
    cells: tuple[CellResult, ...]
    logs: Mapping[str, tuple[Stamp, CellResult]]

    def count(self, *statuses: str) -> int:
        """How many cells stand so."""
        return sum(cell.status in statuses for cell in self.cells)


def steps_of(iterations: int) -> npt.NDArray[np.int32]:
    """The iterations that are looked at: all, or `MOST_STEPS` evenly spread with both ends."""
    return np.unique(np.linspace(0, iterations - 1, min(iterations, MOST_STEPS)).astype(np.int32))


def read_results(sweep: Sweep, known: Results | None = None) -> Results:
    """Read the logs of all cells; what `known` has of logs that have not changed is taken over.

    A log's line is written after its checkpoint and holds the same values, bit for bit.

    Raises:
        SweepNotFound: the sweep is gone.
        DataError: the user's own points cannot be read.
    """
    record = sweep.record()
    steps = steps_of(record.grid.train.iterations)
    samples: dict[object, tuple[Sample, Optimum]] = {}
    found: list[CellResult] = []
    logs: dict[str, tuple[Stamp, CellResult]] = {}
    for cell, run in sweep.cells():
        if cell.data not in samples:
            sample = make_sample(cell.data) if cell.data else sweep.points() or run.sample()
            samples[cell.data] = sample, optimum(sample)
        stamp = _stamp(run)
        before = known.logs.get(run.id) if known is not None else None
        result = before[1] if before and before[0] == stamp else _read(cell, run, steps, *samples[cell.data])
        found.append(result)
        logs[run.id] = stamp, result
    return Results(record, steps, tuple(found), logs)


def _stamp(run: Run) -> Stamp:
    """What changes when a cell does."""
    with contextlib.suppress(OSError):
        stat = run.steps_file.stat()
        return stat.st_size, hash((stat.st_mtime_ns, (run.directory / "run.json").stat().st_mtime_ns))
    with contextlib.suppress(OSError):
        return -1, (run.directory / "run.json").stat().st_mtime_ns
    return -1, 0


def _read(cell: Cell, run: Run, steps: npt.NDArray[np.int32], sample: Sample, best: Optimum) -> CellResult:
    """One cell from its log and its `run.json`."""
    status, note, log = GONE, "", None
    with contextlib.suppress(RunNotFound):
        manifest = run.manifest()
        status, note, log = manifest.status, manifest.note, run.steps()
    h, v, cost = (np.full(len(steps), np.nan, np.float32) for _ in range(3))
    done, reached, outcome, last = 0, None, None, None
    if log is not None and len(log):
        h_last, v_last, cost_last = log[["h", "v", "cost"]].iloc[-1].tolist()
        # A cost has the bits that the charts have, unless it is too large for float32.
        small = abs(cost_last) < float(np.finfo(np.float32).max)
        last = float(h_last), float(v_last), float(np.float32(cost_last)) if small else float(cost_last)
        iterations = log["iteration"].to_numpy()
        done = int(iterations[-1]) + 1
        shown = np.searchsorted(steps, iterations)
        shown = np.flatnonzero(
            (shown < len(steps)) & (steps[np.minimum(shown, len(steps) - 1)] == iterations)
        )
        places = np.searchsorted(steps, iterations[shown])
        with np.errstate(over="ignore"):  # what runs away can exceed float32: infinite, as it will be soon
            for values, name in ((h, "h"), (v, "v"), (cost, "cost")):
                values[places] = log[name].to_numpy()[shown]
        close = best.first_close(log["cost"].to_numpy())
        reached = None if close is None else int(iterations[close])
    if log is not None and status not in (QUEUED, RUNNING):
        outcome = outcome_of(log["cost"], sample, ended=status == DIVERGED)
    return CellResult(
        cell, run.id, status, note, done, h, v, cost, best, sample.truth, reached, outcome, last
    )


def conclusion(results: Results) -> str:
    """What the sweep shows, in one or two sentences; empty before any cell has ended."""
    ended = [cell for cell in results.cells if cell.has_ended]
    if not ended:
        return ""
    return " ".join(filter(None, [_fastest(results, ended), _divergence(results)]))


def _fastest(results: Results, ended: list[CellResult]) -> str:
    """The setting that comes close to its best first; seeds of one setting count by their median."""
    good = [cell for cell in ended if cell.status == FINISHED and not cell.diverges]
    if not good:
        return ""
    names = [axis.name for axis in results.record.grid.axes]
    seeds = names.index("seed") if len(names) > 1 and "seed" in names else None
    groups: dict[str, list[CellResult]] = {}
    for cell in results.cells:
        groups.setdefault(label_of(results, cell, seeds), []).append(cell)
    reached = {
        name: float(np.median([cell.reached for cell in cells if cell.reached is not None]))
        for name, cells in groups.items()
        if all(cell in good and cell.reached is not None for cell in cells)
    }
    if reached:
        name = min(reached, key=lambda each: reached[each])
        alike = sum(iterations == reached[name] for iterations in reached.values()) - 1
        also = f" ({counted(alike, 'other')} just as fast)" if alike else ""
        how = "" if seeds is None else f" (median of {counted(len(groups[name]), 'seed')})"
        after = reached[name] + 1
        if len(reached) == 1 and len(groups) > 1:
            return (
                f"Only {name} came within 1% of the best possible cost, after {after:g} "
                f"iteration{'' if after == 1 else 's'}{how}."
            )
        return (
            f"Fastest without diverging: {name}{also}, within 1% of the best possible cost after "
            f"{after:g} iteration{'' if after == 1 else 's'}{how}."
        )
    closest = min(good, key=lambda cell: cell.final[2] / max(cell.best.cost, 1e-12) if cell.final else np.inf)
    if closest.final is None:
        return ""
    every = "" if seeds is None else " with every seed"
    return (
        f"No run came within 1% of the best possible cost{every}; closest is {label_of(results, closest)}, "
        f"with a cost of {closest.final[2]:.4g} where {closest.best.cost:.4g} is possible."
    )


def _divergence(results: Results) -> str:
    """From which learning rate on it diverges, and up to which it is stable; else how many runs diverge."""
    diverging = [cell for cell in results.cells if cell.diverges]
    if not diverging:
        unknown = any(cell.has_ended and cell.outcome is None for cell in results.cells)
        return "" if unknown or results.count(QUEUED, RUNNING) else "No run diverges."
    axes = results.record.grid.axes
    at = next((i for i, axis in enumerate(axes) if axis.name == "learning_rate"), None)
    if at is None:
        return (
            f"{counted(len(diverging), 'run')} of {len(results.cells)} diverge{'' if diverging[1:] else 's'}."
        )
    groups: dict[str, list[CellResult]] = {}
    for cell in sorted(results.cells, key=lambda each: float(each.cell.values[at])):
        if cell.status != GONE:
            other = text_of(cell.cell.values[1 - at], axes[1 - at].name) if len(axes) > 1 else ""
            groups.setdefault(other, []).append(cell)
    edges: dict[float | None, list[str]] = {}
    for other, cells in groups.items():
        edges.setdefault(_edge(cells, at), []).append(other)
    stable = _stable_up_to([*groups.values()], at)
    known = sorted(edge for edge in edges if edge is not None)
    if not known:
        rates = sorted({float(each.cell.values[at]) for each in diverging})
        known_ends = all(cells[-1].has_ended for cells in groups.values())
        not_there = ", not at the highest learning rate" if known_ends else ""
        return f"Diverges at {listed(f'{rate:g}' for rate in rates)}{not_there}."
    if len(edges) == 1:
        return f"Diverges at {known[0]:g} and above.{stable}"
    if axes[1 - at].name == "seed":
        return f"Diverges at {known[0]:g} and above with some or all seeds.{stable}"
    parts = [f"{listed(edges[edge])} at {edge:g} and above" for edge in known[:4]]
    never = [
        other
        for other, cells in groups.items()
        if all(each.has_ended and not each.diverges for each in cells)
    ]
    more = [f"{listed(never)} never"] if never else []
    return f"Diverges: {'; '.join([*parts, *more])}.{stable}"


def _edge(cells: list[CellResult], at: int) -> float | None:
    """The lowest rate from which on all of these diverge; None where the highest does not.

    Args:
        cells: by their rates, which are their values at `at`.
    """
    lasting = next((n for n, each in enumerate(reversed(cells)) if not each.diverges), len(cells))
    return float(cells[-lasting].cell.values[at]) if lasting else None


def _stable_up_to(groups: list[list[CellResult]], at: int) -> str:
    """The highest rate up to which every run of every group is stable, as a sentence; empty without one."""
    ends: list[float] = []
    for cells in groups:
        calm = list(itertools.takewhile(lambda each: each.stable, cells))
        if not calm:
            return ""
        ends.append(float(calm[-1].cell.values[at]))
    return f" Stable up to {min(ends):g}."


def label_of(results: Results, cell: CellResult, without: int | None = None) -> str:
    """The cell's values with their names: "learning rate 0.01, seed 3"; one axis may be left out."""
    pairs = zip(results.record.grid.axes, cell.cell.values, strict=True)
    return ", ".join(
        f"{axis.label.lower()} {text_of(value, axis.name)}"
        for at, (axis, value) in enumerate(pairs)
        if at != without
    )


def table_of(results: Results) -> dict[str, list[object]]:
    """The sweep in numbers: a column a heading, a row a cell."""
    grid = results.record.grid
    columns: dict[str, list[object]] = {
        axis.label: [text_of(each.cell.values[i], axis.name) for each in results.cells]
        for i, axis in enumerate(grid.axes)
    }
    columns["status"] = [each.status for each in results.cells]
    columns["outcome"] = ["" if each.outcome is None else each.outcome.name for each in results.cells]
    for name, place in (("h", 0), ("v", 1), ("final cost", 2)):
        columns[name] = [None if each.final is None else each.final[place] for each in results.cells]
    columns["distance from the truth"] = [each.distance for each in results.cells]
    columns["iterations to within 1%"] = [
        "never" if each.reached is None else f"{each.reached + 1:,}" for each in results.cells
    ]
    columns["run"] = [each.run for each in results.cells]
    return columns


def results_csv(results: Results) -> str:
    """One row a cell: its run, its values on the axes, how it ended and where.

    Nine digits bring every float32 back bit for bit.
    """
    axes = results.record.grid.axes
    names = ["run", *(axis.name for axis in axes), "status", "iterations", "h", "v", "cost", "best_cost"]
    target = io.StringIO()
    print(",".join([*names, "distance", "iterations_to_1_percent", "outcome"]), file=target)
    for each in results.cells:
        numbers = ["", "", ""] if each.final is None else [f"{value:.9g}" for value in each.final]
        best = f"{each.best.cost:.17g}"
        distance = "" if each.distance is None else f"{each.distance:.9g}"
        reached = "" if each.reached is None else str(each.reached + 1)
        values = [value if isinstance(value, str) else repr(value) for value in each.cell.values]
        row = [each.run, *values, each.status, str(each.done), *numbers, best, distance, reached]
        row.append("" if each.outcome is None else each.outcome.kind)
        print(",".join(row), file=target)
    return target.getvalue()


def ends_well(status: str) -> bool:
    """Whether nothing needs to be said about a cell that stands so."""
    return status not in (DIVERGED, FAILED, GONE)
