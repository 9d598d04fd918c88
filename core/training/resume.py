"""Interrupting a training and going on: the records, and their words; `core.tf.resume` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.checkpoint import optimizer_words
from core.data import Doubles, Floats, Sample
from core.data import cost as cost_of
from core.settings import TrainSettings

# An interruption whose harm is a jump: Adam begins anew near the optimum with its whole learning rate, as its
# slots no longer know how small the gradient is. Over ten seeds of the recipe's points the cost in the next
# iteration is at least 5.97 times that with the slots, 6.67 times in the median.
TELLING = TrainSettings("Adam", 0.3, iterations=100, batch=0)
TELLING_CUT = 60
SEEN = 1.05  # from here on a ratio of two costs is called a jump


@dataclass(frozen=True, eq=False)
class Resumed:
    """A training that was interrupted and went on, beside the same one that was not.

    Attributes:
        slots: whether all variables were restored, or only h and v.
        first: the first iteration after the interruption.
        h, v: float32, one value for each iteration from `first` on.
        cost: mean squared error of these h and v over the run's points, float64, units of y².
        files: how many `.data` and `.index` files it saved, each compared with the uninterrupted run's; 0
            where only h and v were looked at.
        departs: the first iteration in which h, v or one of these files differ from the uninterrupted run's;
            None when every bit is the same.
        largest: the largest finite distance in h or v, from `first` on.
        variable: in which of the two that is.
        farthest: the iteration with that distance; `first` when every bit is the same, and the one before
            when a killed process had reached the end already.
        at_end: the distance in (h, v) after the last iteration.
    """

    slots: bool
    first: int
    h: Floats
    v: Floats
    cost: Doubles
    files: int
    departs: int | None
    largest: float
    variable: Literal["h", "v"]
    farthest: int
    at_end: tuple[float, float]

    @staticmethod
    def beside(
        slots: bool,
        first: int,
        went_on: Floats,
        whole: Floats,
        sample: Sample,
        files: int = 0,
        differing: int | None = None,
    ) -> Resumed:
        """Compare both trainings.

        Args:
            went_on: float32 [iterations - first, 2], h and v after each iteration.
            whole: float32 [iterations, 2], of the uninterrupted training.
            sample: the points that both trained on.
            files: how many files of both were compared.
            differing: the first iteration of which a file differs; None when none does.
        """
        tail = whole[first:]
        # By bits, so that 0.0 and -0.0 differ as their files do.
        other = (went_on.view(np.uint32) != tail.view(np.uint32)).any(axis=1)
        departures = [first + int(np.argmax(other))] if other.any() else []
        departures += [] if differing is None else [differing]
        gaps = np.abs(went_on.astype(np.float64) - tail.astype(np.float64))
        known = np.where(np.isfinite(gaps), gaps, 0.0)  # a training without its slots may diverge
        return Resumed(
            slots=slots,
            first=first,
            h=went_on[:, 0],
            v=went_on[:, 1],
            cost=cost_of(sample, went_on[:, 0], went_on[:, 1]),
            files=files,
            departs=min(departures, default=None),
            largest=float(known.max(initial=0.0)),
            variable="v" if len(known) and known[:, 1].max() > known[:, 0].max() else "h",
            farthest=first + (int(known.max(axis=1).argmax()) if len(known) else -1),
            at_end=(float(gaps[-1, 0]), float(gaps[-1, 1])) if len(gaps) else (0.0, 0.0),
        )

    @property
    def diverges(self) -> int | None:
        """The first iteration whose cost is not finite; None if there is none."""
        lost = np.flatnonzero(~np.isfinite(self.cost))
        return self.first + int(lost[0]) if len(lost) else None

    def verdict(self) -> str:
        """In a few words."""
        if self.diverges is not None:
            return f"diverges in iteration {self.diverges}"
        if self.departs is None:
            return "bit-identical" if self.files else "h and v bit-identical"
        return f"departs at iteration {self.departs}"


@dataclass(frozen=True, eq=False)
class Interruption:
    """One optimizer, interrupted: the uninterrupted training, and going on in two ways.

    Attributes:
        optimizer: as in the settings.
        wished: the iteration after which it was to be interrupted.
        killed: whether its process was killed, and not asked to stop.
        latest: the checkpoint that was the latest readable one afterwards.
        left_over: files that the interruption left and that belong to no whole checkpoint.
        h, v: float32 [iterations], of the uninterrupted training.
        cost: mean squared error of these h and v over the run's points, float64 [iterations], units of y².
        least: the cost of the least-squares optimum.
        begun: the cost before the first update, where h and v are 0.
        slots: names of the variables beside h and v that the checkpoint holds.
        with_slots, without_slots: going on with every variable, and with h and v alone.
    """

    optimizer: str
    wished: int
    killed: bool
    latest: str
    left_over: tuple[str, ...]
    h: Floats
    v: Floats
    cost: Doubles
    least: float
    begun: float
    slots: tuple[str, ...]
    with_slots: Resumed
    without_slots: Resumed

    def sentence(self) -> str:
        """What happened, for those who cannot see the chart too."""
        how = "Its process was killed" if self.killed else "It was stopped"
        sides = []
        for side in (self.with_slots, self.without_slots):
            brought = "every variable restored" if side.slots else "only h and v restored"
            if side.diverges is not None:
                sides.append(f"with {brought}, it diverges in iteration {side.diverges}")
            elif side.departs is None:
                files, values = f"all {side.files} files saved", f"h and v of all {len(side.h)} iterations"
                what = files if side.files else values
                sides.append(f"with {brought}, {what} after it are bit-identical")
            else:
                sides.append(
                    f"with {brought}, it departs at iteration {side.departs}, by up to {side.largest:.3g} "
                    f"in {side.variable}"
                )
        slots = optimizer_words(self.slots)
        return (
            f"{self._name} keeps {slots} beside h and v. {how} after "
            f"iteration {self.wished}; the latest readable checkpoint was {self.latest}. Restored from it, "
            f"{sides[0]}; {sides[1]}."
        )

    def cost_at(self, side: Resumed, iteration: int) -> float:
        """The cost after this iteration of a training that went on; before that, of the uninterrupted one."""
        return float(side.cost[iteration - side.first] if iteration >= side.first else self.cost[iteration])

    def jump(self) -> tuple[float, int]:
        """The largest ratio of the cost without the slots to that with them, and its iteration.

        It is infinite where the training without them diverges, from the first cost that is not finite.
        """
        side = self.without_slots
        if not len(side.cost):
            return 1.0, side.first
        ratio = side.cost / np.maximum(self.with_slots.cost, np.finfo(np.float64).tiny)
        ratio = np.where(np.isfinite(side.cost), ratio, np.inf)
        at = int(np.argmax(ratio))
        return float(ratio[at]), side.first + at

    def headline(self) -> str:
        """What the loss of the slots does, in one sentence."""
        ratio, at = self.jump()
        if not self.slots:
            return f"{self._name} keeps nothing beside h and v, so nothing is lost."
        if not len(self.without_slots.h):
            return "The run had already finished, so there was nothing to resume."
        if self.without_slots.departs is None:
            return f"Without its slots, {self._name} gives the same h and v here, bit for bit."
        if np.isinf(ratio):
            return f"Without its slots, {self._name} diverges in iteration {at}."
        if ratio < SEEN:
            higher = "no higher" if ratio <= 1 else f"at most {SEEN - 1:.0%} higher"
            return f"{self._name} continues on another path without its slots. The cost is {higher}."
        far = self.without_slots.farthest  # the one of the table, where the harm is seen there
        if self.cost_at(self.without_slots, far) >= SEEN * self.cost_at(self.with_slots, far):
            at = far
        ours, theirs = (f"{self.cost_at(side, at):.3g}" for side in (self.without_slots, self.with_slots))
        return f"Without its slots, {self._name} has cost {ours} in iteration {at}, with them {theirs}."

    @property
    def _name(self) -> str:
        return self.optimizer[0].upper() + self.optimizer[1:]

    def harm(self) -> str:
        """What it costs to go on without the slots, beside going on with them."""
        last = len(self.cost) - 1
        at = min(self.without_slots.farthest, last)
        (ours, our_last), (theirs, their_last) = (
            (f"{self.cost_at(side, at):.5g}", f"{self.cost_at(side, last):.5g}")
            for side in (self.without_slots, self.with_slots)
        )
        best = f"(the optimum's is {self.least:.5g})"
        if self.without_slots.departs is None:
            return f"Nothing is lost: at the end the cost is {our_last} either way {best}."
        ratio, jumps = self.jump()
        if np.isinf(ratio):
            return (
                f"Without the slots a value is no longer finite in iteration {jumps}; with them the cost is "
                f"{their_last} at the end {best}."
            )
        why = ""
        if self.begun / 2 < self.cost.min() <= self.cost[last] <= self.begun:
            why = (
                " At this learning rate and with so few updates it has hardly moved, with slots or without: "
                "more iterations or a higher rate show what the slots are for."
            )
        elif self.cost_at(self.without_slots, at) < self.cost_at(self.with_slots, at):
            why = " It is lower without them here: new slots take other steps."
        return (
            f"Without the slots the cost is {ours} at iteration {at}, where the distance is largest, with "
            f"them {theirs}; at the end {our_last} and {their_last} {best}.{why}"
        )
