"""How a run stands, decided in one place for every page that tells or steers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.run.manifest import FAILED, PAUSED, QUEUED, RUNNING, STOPPED, Manifest
from core.run.runs import Run

Kind = Literal["waits", "starts", "trains", "paused", "interrupted", "ended"]


@dataclass(frozen=True)
class Condition:
    """How a run stands for one visitor.

    Attributes:
        kind: "waits" in the queue; "starts", given to a worker that has not begun; "trains"; "paused" by its
            owner; "interrupted", because the server or its disk failed; "ended".
        status: the word of `run.json`, which tells how it ended.
        place: in the queue, from 1; 0 when it does not wait there: a sweep's next run waits for all of them.
        mine: whether the visitor made the run, so may steer it.
        loading: whether the workers still load TensorFlow, or have yet to begin.
    """

    kind: Kind
    status: str
    place: int
    mine: bool
    loading: bool = False

    @property
    def moving(self) -> bool:
        """Whether it changes by itself, so that a page has to look again."""
        return self.kind in ("waits", "starts", "trains")

    @property
    def can_go_on(self) -> bool:
        """Whether its owner can resume it."""
        return self.kind in ("paused", "interrupted") or (
            self.kind == "ended" and self.status in (STOPPED, FAILED)
        )

    @property
    def can_stop(self) -> bool:
        """Whether its owner can end it for good."""
        return self.moving or self.kind == "paused"

    def words(self) -> str:
        """In a few words."""
        if self.loading and self.kind in ("waits", "starts"):
            return "TensorFlow is loading"
        if self.kind == "waits":
            return waiting(self.place) if self.place else "waiting for its turn in the sweep"
        if self.kind == "ended":
            return self.status
        return {"starts": "starting", "trains": "training"}.get(self.kind, self.kind)


def waiting(place: int) -> str:
    """That something waits, with its place in the queue from 1."""
    return f"waiting, number {place} in the queue"


def condition_of(
    run: Run, manifest: Manifest, place: int | None, mine: bool, loading: bool = False, swept: bool = False
) -> Condition:
    """How `run` stands.

    Args:
        place: as `core.pool.workers.Pool.place` tells: None when no pool knows it.
        loading: whether the workers are not ready.
        swept: whether it is of a sweep that waits or trains.
    """
    kind: Kind
    if place:
        kind = "waits"
    elif manifest.status == RUNNING and run.is_training():
        kind = "trains"  # here, or by another server on the same folder
    elif place == 0:
        kind = "starts"
    elif manifest.status == QUEUED and swept:
        kind = "waits"
    elif manifest.status in (QUEUED, RUNNING):
        kind = "interrupted"
    else:
        kind = "paused" if manifest.status == PAUSED else "ended"
    return Condition(kind, manifest.status, place or 0, mine, loading)
