"""Interrupting a training and going on: the records, and their words; `core.tf.resuming` makes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.checkpoint import optimizer_words
from core.data import Floats


@dataclass(frozen=True, eq=False)
class Resumed:
    """A training that was interrupted and went on, beside the same one that was not.

    Attributes:
        slots: whether all variables were restored, or only h and v.
        first: the first iteration after the interruption.
        h, v: float32, one value for each iteration from `first` on.
        departs: the first iteration in which h or v differ from the uninterrupted run's; None when
            every bit is the same.
        largest: the largest distance in h or v, from `first` on.
        at_end: the distance in (h, v) after the last iteration.
    """

    slots: bool
    first: int
    h: Floats
    v: Floats
    departs: int | None
    largest: float
    at_end: tuple[float, float]

    @staticmethod
    def beside(slots: bool, first: int, went_on: Floats, whole: Floats) -> Resumed:
        """Compare h and v of both trainings.

        Args:
            went_on: float32 [iterations - first, 2], h and v after each iteration.
            whole: float32 [iterations, 2], of the uninterrupted training.
        """
        tail = whole[first:]
        # By bits, so that 0.0 and -0.0 differ as their files do.
        other = (went_on.view(np.uint32) != tail.view(np.uint32)).any(axis=1)
        gaps = np.abs(went_on.astype(np.float64) - tail.astype(np.float64))
        return Resumed(
            slots=slots,
            first=first,
            h=went_on[:, 0],
            v=went_on[:, 1],
            departs=first + int(np.argmax(other)) if other.any() else None,
            largest=float(gaps.max(initial=0.0)),
            at_end=(float(gaps[-1, 0]), float(gaps[-1, 1])) if len(gaps) else (0.0, 0.0),
        )

    def verdict(self) -> str:
        """In a few words."""
        if self.departs is None:
            return "bit-identical"
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
    slots: tuple[str, ...]
    with_slots: Resumed
    without_slots: Resumed

    def sentence(self) -> str:
        """What happened, for those who cannot see the chart too."""
        how = "Its process was killed" if self.killed else "It was stopped"
        sides = []
        for side in (self.with_slots, self.without_slots):
            brought = "every variable restored" if side.slots else "only h and v restored"
            if side.departs is None:
                sides.append(f"with {brought}, all {len(side.h)} iterations after it are bit-identical")
            else:
                sides.append(
                    f"with {brought}, it departs at iteration {side.departs}, by up to {side.largest:.3g}"
                )
        slots = optimizer_words(self.slots)
        return (
            f"{self.optimizer[0].upper()}{self.optimizer[1:]} keeps {slots} beside h and v. {how} after "
            f"iteration {self.wished}; the latest readable checkpoint was {self.latest}. Restored from it, "
            f"{sides[0]}; {sides[1]}."
        )
