"""Short jobs that a whole class asks for: done for real once, then shown to everybody who asks the same.

A class has the same settings and seed, so its checkpoints are the same bytes. Forty times the same work on
the same bytes would only make thirty-nine people wait. What is shown says when it ran.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from core.checkpoint import files_of
from core.lessons.classroom import DAY
from core.run.runs import CHECKPOINTS, DATA_FILE, Run
from pages.ui import services

T = TypeVar("T")

_MOST = 200  # answers that are kept


@dataclass
class _Answer:
    """One job's answer. Visitors who ask while it is computed wait for it.

    Attributes:
        waits: the job, from when it was asked for until its answer was fetched.
        asked, made: when the job was asked for, of `waits` and of `value`, in seconds since 1970.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    waits: services.Unanswered = field(default_factory=dict)
    asked: float = 0.0
    made: float = 0.0
    value: Any = None


class _Answers:
    """The latest answers of all visitors."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()

    def get(self, key: Hashable, ask: Callable[[services.Unanswered], T]) -> tuple[T, float]:
        """The answer and when it was made; an error is raised and not kept."""
        with self._lock:
            answer = self._kept.setdefault(key, _Answer())
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        while not answer.lock.acquire(timeout=services.LOOK):
            services.let_go()
        try:
            now = time.time()
            if not answer.made or not 0 <= now - answer.made <= DAY:
                if not answer.waits or not 0 <= now - answer.asked <= DAY:
                    answer.waits, answer.asked = {}, now
                answer.value = ask(answer.waits)
                answer.made = answer.asked
            return answer.value, answer.made
        finally:
            answer.lock.release()


@st.cache_resource(show_spinner=False)
def _answers() -> _Answers:
    return _Answers()


def result_of(
    job: Callable[..., T], *arguments: Any, about: Hashable = (), seconds: float = 60.0
) -> tuple[T, float]:
    """The answer of a short job, and when it was made, in seconds since 1970.

    Args:
        about: what the answer depends on in place of the arguments, such as the digests of files.

    Raises:
        JobFailed, TimeoutError: as `services.result_of`.
    """
    question = job.__name__, about or arguments
    return _answers().get(
        question,
        lambda waits: services.result_of(job, *arguments, seconds=seconds, about=about, unanswered=waits),
    )


def bytes_of(run: Run, name: str) -> tuple[str, ...]:
    """What tells a run's checkpoint from every other: the digests of its points and its files.

    Raises:
        CheckpointError: the run's record cannot be read.
    """
    paths = [DATA_FILE, *(f"{CHECKPOINTS}/{file}" for file in files_of(name))]
    recorded = run.recorded(paths)
    return (name, *(recorded.get(path, run.id) for path in paths))
