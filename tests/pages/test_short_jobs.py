"""What becomes of a short job whose visitor went elsewhere: it goes on, and who asks next gets the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
import streamlit as st

from core.pool.short import Pending
from pages.parts.lessons import together
from pages.ui import services


class Overtaken(BaseException):
    """As Streamlit ends the run of a page."""


class FakePool:
    """A pool whose answers are given by the test."""

    trouble = ""

    def __init__(self) -> None:
        self.asked: list[Future[Any]] = []

    def wait(self, timeout: float | None = None) -> bool:
        return True

    def begin(self, job: Callable[..., Any], *arguments: Any, **more: Any) -> Pending[Any]:
        self.asked.append(Future())
        return Pending(self.asked[-1])


def job(number: int) -> int:
    return number


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    pool = FakePool()
    session: dict[str, Any] = {}
    monkeypatch.setattr(services, "pool", lambda: pool)
    monkeypatch.setattr(services, "owner", lambda: "me")
    monkeypatch.setattr(st, "session_state", session)
    return pool


def overtaken(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> None:
    """Ask, and have another run overtake this one while it waits."""

    def end() -> None:
        raise Overtaken

    with monkeypatch.context() as now:
        now.setattr(services, "let_go", end)
        with pytest.raises(Overtaken):
            ask()


@pytest.mark.parametrize("answered", [False, True])
def test_the_answer_waits_for_who_comes_back(
    fake: FakePool, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    begin = fake.begin

    def at_once(*arguments: Any, **more: Any) -> Pending[Any]:
        pending = begin(*arguments, **more)
        if answered:  # it came in the last moment of the run
            fake.asked[-1].set_result(7)
        return pending

    monkeypatch.setattr(fake, "begin", at_once)
    overtaken(monkeypatch, lambda: services.result_of(job, 7))
    assert services.is_unanswered(job, 7)
    assert not services.is_unanswered(job, 8)
    if not answered:
        fake.asked[0].set_result(7)
    assert services.result_of(job, 7) == 7
    assert len(fake.asked) == 1
    assert not services.is_unanswered(job, 7)


def test_what_failed_or_came_too_late_is_asked_anew(fake: FakePool) -> None:
    with pytest.raises(TimeoutError, match="No answer came within 0 s"):
        services.result_of(job, 7, seconds=0.1)
    assert fake.asked[0].cancelled()  # it is not begun for nobody
    threading.Timer(0.1, lambda: fake.asked[1].set_exception(ValueError("refused"))).start()
    with pytest.raises(ValueError, match="refused"):
        services.result_of(job, 7)
    threading.Timer(0.1, lambda: fake.asked[2].set_result(7)).start()
    assert services.result_of(job, 7) == 7


def test_the_oldest_of_many_questions_is_forgotten(fake: FakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        overtaken(monkeypatch, lambda number=number: services.result_of(job, number))  # type: ignore[misc]
    assert [services.is_unanswered(job, number) for number in range(5)] == [False, True, True, True, True]
    assert [each.cancelled() for each in fake.asked] == [True, False, False, False, False]


def test_a_class_is_answered_by_the_job_of_who_left(fake: FakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = together._Answers()
    monkeypatch.setattr(together, "_answers", lambda: answers)
    overtaken(monkeypatch, lambda: together.result_of(job, 7))
    assert not services.is_unanswered(job, 7)  # no other page takes it for its own
    fake.asked[0].set_result(7)
    assert [together.result_of(job, 7)[0] for _ in range(3)] == [7, 7, 7]
    assert len(fake.asked) == 1


def test_a_class_with_runs_of_its_own_each_asks_once_for_the_same_bytes(
    fake: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = together._Answers()
    monkeypatch.setattr(together, "_answers", lambda: answers)
    overtaken(monkeypatch, lambda: together.result_of(job, 1, about=("bytes",)))
    fake.asked[0].set_result(7)
    assert [together.result_of(job, number, about=("bytes",))[0] for number in (2, 1)] == [7, 7]
    assert len(fake.asked) == 1


def test_what_failed_while_nobody_waited_is_tried_again(
    fake: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, lambda: services.result_of(job, 7))
    fake.asked[0].set_exception(ValueError("refused"))
    threading.Timer(0.1, lambda: fake.asked[1].set_result(7)).start()
    assert services.result_of(job, 7) == 7
