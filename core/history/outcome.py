"""What became of a training, in words: the one place that says when it settled, oscillates or diverges.

It is judged by the cost after each iteration, in three windows at the end of the run: its last fifth, the
fifth before and the one before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.data import Optimum, Sample, cost, optimum
from core.history.view import start_of
from core.run.manifest import DIVERGED, QUEUED, RUNNING
from core.run.runs import Run
from core.words import counted

Kind = Literal["at", "beside", "falling", "oscillates", "diverges"]

FEWEST = 6  # iterations, below which nothing is told but that a value is not finite
STEADY = 0.01  # of the cost: by less than this it changes in a window once the run has settled
FLAT = 1e-6  # of the cost: a fall from window to window that rounding alone can make
STEADY_FALL = 1e-9  # the same where the cost never rose: rounding goes to and fro
GROWING = 0.6  # of the growth from window to window before: what comes to a plateau grows by less


@dataclass(frozen=True)
class Outcome:
    """What became of a training.

    Attributes:
        kind: "at" the optimum, "beside" it, still "falling", "oscillates" or "diverges".
        name: in two or three words, for a small place.
        words: one sentence, with the numbers behind it.
    """

    kind: Kind
    name: str
    words: str

    @property
    def headline(self) -> str:
        """The sentence without its numbers."""
        return self.words.partition(":")[0]


def outcome_of_run(run: Run, sample: Sample) -> Outcome | None:
    """What became of a run, by its log; None while it trains or waits, and where that cannot be told.

    Args:
        sample: the points that it trained on.

    Raises:
        RunNotFound: the run is gone.
    """
    status = run.manifest().status
    if status in (QUEUED, RUNNING):
        return None
    return outcome_of(run.steps()["cost"], sample, start_of(run), status == DIVERGED)


def outcome_of(
    costs: npt.ArrayLike,
    sample: Sample,
    start: tuple[float, float] | None = (0.0, 0.0),
    ended: bool = False,
) -> Outcome | None:
    """What became of a training; None where there are too few iterations to tell.

    - It settles at the optimum: in its last fifth the cost is within 1% of the lowest possible one.
    - It settles beside it: in its last fifth the cost changes by less than 1%, and has no more to go.
    - It diverges: a value stops being finite. Or the highest cost grows from window to window, and has
      doubled twice; or it ends above the cost before training, and does not come to a plateau.
    - It still falls: every cost of the last fifth is below every cost of the fifth before.
    - Else it oscillates.

    Args:
        costs: after each iteration, [iterations], units of y².
        sample: the points that it trained on.
        start: h and v before the first iteration; None where they are unknown.
        ended: whether a value stopped being finite after these iterations.
    """
    found = np.asarray(costs, np.float64)
    if ended or not np.isfinite(found).all():
        return _not_finite(int(np.isfinite(found).sum()))
    if len(found) < FEWEST:
        return None
    best = optimum(sample)
    oldest, before, last = _windows(found)
    if last.max() - best.cost <= best.near:
        return Outcome("at", "at the optimum", f"Settles at the optimum: {_last(found, best)}.")
    steady = STEADY * float(last.min())
    if np.ptp(last) <= steady and _to_go(oldest, before, last) <= steady:
        return Outcome("beside", "beside it", f"Settles beside the optimum: {_last(found, best)}.")
    begin = np.inf if start is None else float(cost(sample, *start))
    highest = [float(window.max() - best.cost) for window in (oldest, before, last)]
    doubled = highest[2] >= 2 * highest[1] >= 4 * highest[0]
    growth = np.diff([window.mean() for window in (oldest, before, last)])
    grows = last[-1] > begin and growth[1] >= GROWING * growth[0]
    if highest[0] < highest[1] < highest[2] and (doubled or grows):
        return Outcome("diverges", "diverges", f"Diverges: the cost grows to {last[-1]:.3g}.")
    if last.max() < before.min():
        return Outcome("falling", "still falling", f"Still falling: {_last(found, best)}.")
    low, high = last.min(), last.max()
    return Outcome(
        "oscillates",
        "oscillates",
        f"Oscillates: the cost is between {low:.3g} and {high:.3g} in the last {len(last)} iterations. "
        f"The lowest possible is {best.cost:.3g}.",
    )


def _not_finite(done: int) -> Outcome:
    when = f"after {counted(done, 'iteration')}" if done else "in the first iteration"
    return Outcome("diverges", "diverges", f"Diverges: a value is not finite {when}.")


def _windows(costs: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    """The last three windows, the newest at the end; each has a fifth of the iterations, at least two."""
    size = max(2, len(costs) // 5)
    return costs[-3 * size : -2 * size], costs[-2 * size : -size], costs[-size:]


def _to_go(*windows: npt.NDArray[np.float64]) -> float:
    """How far the cost still falls, if each window goes on to be the same share of the one before."""
    oldest, before, last = (float(window.mean()) for window in windows)
    earlier, late = oldest - before, before - last
    falls = bool((np.diff(np.concatenate(windows)) <= 0).all())
    if late <= (STEADY_FALL if falls else FLAT) * last:
        return 0.0
    return late * late / (earlier - late) if late < earlier else np.inf


def _last(costs: npt.NDArray[np.float64], best: Optimum) -> str:
    """The last cost beside the lowest possible one."""
    last = float(costs[-1])
    above = (last / best.cost - 1) * 100 if best.cost > best.near else np.inf
    if above < 99:
        return f"cost {last:.3g}, {above:.2g}% above the lowest possible"
    return f"cost {last:.3g}, the lowest possible is {best.cost:.3g}"
