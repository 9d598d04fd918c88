"""The queue is fair, outlives its servers, and gives every ticket to one of them alone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pool.jobs import JobFailed
from core.pool.queue import FRESH, Queue, QueueFull, Ticket, fair_order
from core.pool.short import MOST_WAITING, Busy, Short, ShortJobs


def ticket(name: str, owner: str, since: float = 0.0) -> Ticket:
    return Ticket(name, owner, "run", f"/runs/{name}", since)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[], Queue]]:
    """Another server on the folder."""
    opened: list[Queue] = []

    def start() -> Queue:
        opened.append(Queue(tmp_path))
        opened[-1].open()
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.fixture
def queue(server: Callable[[], Queue]) -> Queue:
    return server()


owners = st.lists(st.sampled_from("abc"), max_size=12)


@given(owners, owners)
def test_nobodys_next_comes_before_anybodys_earlier_one(waiting: str, training: str) -> None:
    tickets = [ticket(f"{n}", owner, n) for n, owner in enumerate(waiting)]
    taken = [ticket(f"t{n}", owner) for n, owner in enumerate(training)]
    order = fair_order(tickets, taken)
    assert sorted(each.id for each in order) == sorted(each.id for each in tickets)
    ranks = []
    for place, each in enumerate(order):
        before = [*taken, *order[:place]]
        ranks.append(sum(other.owner == each.owner for other in before))
    assert ranks == sorted(ranks), "how many each has had before grows along the queue"
    for owner in "abc":
        mine = [each.since for each in order if each.owner == owner]
        assert mine == sorted(mine), "first come, first served"


def test_a_ticket_goes_to_one_server_alone(server: Callable[[], Queue], queue: Queue) -> None:
    other = server()
    for n in range(6):
        queue.add(ticket(f"{n}", "me", n), 10)
    taken = [each.take() for each in (queue, other) * 4]
    assert sorted(each.id for each in taken if each) == [f"{n}" for n in range(6)]
    assert {each.server for each in queue.training()} == {queue.server, other.server}
    assert queue.place("0") == other.place("0") == 0
    assert queue.place("nowhere") is None


def test_what_a_dead_server_had_is_abandoned_and_what_a_living_one_has_is_not(
    tmp_path: Path, server: Callable[[], Queue], queue: Queue
) -> None:
    dead = server()
    for n in range(2):
        queue.add(ticket(f"{n}", "me", n), 10)
    queue.take()
    lost = dead.take()
    assert lost is not None
    old = time.time() - 2 * FRESH
    for name in ("0", "1"):
        os.utime(tmp_path / "queue" / "training" / name, (old, old))
    third = Queue(tmp_path)
    assert third.abandoned() == []
    dead.close()
    assert [each.id for each in third.abandoned()] == ["1"]
    third.give_back(lost)
    assert [each.id for each in queue.waiting()] == ["1"]


def test_one_that_gave_way_waits_behind_the_others(queue: Queue) -> None:
    for n, owner in enumerate("ab"):
        queue.add(ticket(f"{n}", owner, n), 10)
    first = queue.take()
    assert first is not None
    queue.give_back(first)
    assert [each.id for each in queue.waiting()] == ["1", "0"]
    assert queue.withdraw("1")
    assert not queue.withdraw("1")


def test_pressing_twice_is_one_ticket_and_too_many_are_refused(queue: Queue) -> None:
    queue.add(ticket("1", "me"), 2)
    queue.add(ticket("1", "me"), 2)
    queue.add(ticket("2", "me"), 2)
    with pytest.raises(QueueFull, match="You have 2 trainings waiting"):
        queue.add(ticket("3", "me"), 2)
    queue.add(ticket("4", "you"), 2)
    assert len(queue.waiting()) == 3


def test_the_parts_of_a_sweep_count_as_one_and_share_its_owners_turn(queue: Queue) -> None:
    for part in range(30):
        queue.add(ticket(f"sweep-{part}", "me", part), 2)
    queue.add(ticket("run", "me", 50), 2)
    with pytest.raises(QueueFull, match="You have 2 trainings waiting"):
        queue.add(ticket("more", "me"), 2)
    queue.add(ticket("other", "you", 99), 2)
    assert queue.place("other") == 2
    assert queue.place("sweep") == 1


def test_what_is_no_ticket_is_left_out(tmp_path: Path, queue: Queue) -> None:
    queue.add(ticket("good", "me"), 5)
    waiting = tmp_path / "queue" / "waiting"
    (waiting / "torn").write_text('{"id": "torn", "ow')
    (waiting / "another").write_text(json.dumps({"id": "good", "owner": "x", "kind": "run", "since": 0}))
    (waiting / "folder").mkdir()
    os.mkfifo(waiting / "pipe")
    assert [each.id for each in queue.waiting()] == ["good"]


def short(owner: str, heavy: bool = False) -> Short:
    return Short(print, (), owner, heavy)


def test_short_jobs_take_turns_and_each_has_one_heavy_at_a_time() -> None:
    jobs = ShortJobs()
    hog = [short("hog", heavy=True) for _ in range(4)]
    light, other = short("hog"), short("you", heavy=True)
    for each in (*hog, light, other):
        jobs.add(each)
    started = list(jobs.take(3))
    assert started == [hog[0], other, light]
    assert list(jobs.take(3)) == []
    jobs.ended(hog[0], "done")
    assert hog[0].future.result() == "done"
    assert list(jobs.take(3)) == [hog[1]]
    jobs.lost()
    with pytest.raises(JobFailed, match="worker process died"):
        other.future.result()


def test_more_than_a_person_can_ask_is_refused() -> None:
    jobs = ShortJobs()
    for _ in range(MOST_WAITING):
        jobs.add(short("robot"))
    with pytest.raises(Busy, match=f"{MOST_WAITING} jobs waiting"):
        jobs.add(short("robot"))
    jobs.add(short("you"))
    assert jobs.longest_wait() >= 0
    assert not jobs.idle()


def test_who_is_resumed_as_the_last_training_leaves_still_waits(queue: Queue) -> None:
    queue.add(ticket("1", "me"), 20)
    queue.take()
    queue.leave("1")
    queue.add(ticket("1", "me"), 20)  # while the keeper is still taking the old one out
    queue.leave("1")
    assert queue.place("1") == 1
