"""The queue is fair, outlives its servers, and gives every ticket to one of them alone."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pool.fairness import FRESH, SHORT, fair_order, turn
from core.pool.jobs import JobFailed
from core.pool.queue import Queue, QueueFull
from core.pool.short import MOST_WAITING, Busy, Pending, Short, ShortJobs
from core.pool.ticket import Ticket


def number(name: int | str) -> str:
    """The id of a run."""
    return f"{name:0>16}"


def ticket(name: int | str, owner: str, since: float = 0.0) -> Ticket:
    return Ticket(number(name), owner, since)


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
    tickets = [ticket(n, owner, n) for n, owner in enumerate(waiting)]
    taken = [ticket(f"f{n}", owner) for n, owner in enumerate(training)]
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


def test_what_comes_first_does_not_depend_on_the_clock(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        queue.add(ticket(n, f"visitor {n}", since=1e9 - 400 * 86_400 * n), 10)
    assert [each.id for each in queue.waiting()] == [number(n) for n in range(3)]
    first = queue.take()
    assert first is not None
    monkeypatch.setattr("core.pool.queue.time.time", lambda: 0.0)
    queue.give_back(first)
    assert [each.id for each in queue.waiting()] == [number(n) for n in (1, 2, 0)]


def test_addresses_take_turns_and_within_one_its_visitors(queue: Queue) -> None:
    def add(name: str, owner: str, address: str) -> None:
        queue.add(replace(ticket(name, owner), address=address), 10)

    for n in range(4):
        add(f"a{n}", f"hog {n % 2}", "10.0.0.1")
    add("b", "modest", "10.0.0.2")
    add("c", "unknown", "")
    assert [each.id.lstrip("0") for each in queue.waiting()] == ["a0", "b", "c", "a1", "a2", "a3"]
    with pytest.raises(QueueFull, match=r"4 runs from your network address wait"):
        queue.add(replace(ticket("d", "another"), address="10.0.0.1"), 10, 4)
    queue.add(replace(ticket("d", "another"), address="10.0.0.2"), 10, 4)


def test_one_that_comes_first_by_being_new_or_short_passes_a_bounded_number() -> None:
    def waits(order: int, short: bool = False, turns: int = 0) -> Ticket:
        return Ticket(number(order), f"{order}", 0.0, order=order, short=short, turns=turns)

    old = waits(1, turns=1)
    assert fair_order([old, waits(FRESH)], [])[0].order == FRESH
    assert fair_order([old, waits(FRESH + 2)], [])[0] == old
    assert fair_order([old, waits(SHORT, short=True)], [])[0].order == SHORT
    assert fair_order([old, waits(SHORT + 2, short=True)], [])[0] == old


@pytest.mark.parametrize(
    ("addresses", "short", "most"), [(1, False, 10.0), (1, True, 10.0), (60, False, 30.0), (60, True, 10.0)]
)
def test_a_newcomer_begins_soon_however_many_wait(addresses: int, short: bool, most: float) -> None:
    costs, workers = 0.4, 2  # seconds to go on with a training, and how many train together
    waiting = [
        Ticket(number(n), f"hog {n}", 0.0, address=f"address {n % addresses}", order=n) for n in range(60)
    ]
    newcomer = Ticket(number("f"), "newcomer", 0.0, address="elsewhere", short=short)
    for comes in (1.0, 20.0, 60.0):
        waits, arrivals, now = [*waiting], 60, 0.0
        training: list[tuple[float, Ticket]] = []
        while newcomer.owner not in {each.owner for _, each in training}:
            now += 0.25
            if now >= comes and newcomer.id not in {each.id for each in waits}:
                waits.append(replace(newcomer, order=arrivals))
                arrivals += 1
            for end, each in [both for both in training if both[0] <= now]:
                training.remove((end, each))
                waits.append(replace(each, order=arrivals, turns=each.turns + 1))
                arrivals += 1
            while len(training) < workers:
                first = fair_order(waits, [each for _, each in training])[0]
                waits.remove(first)
                training.append((now + costs + turn(first, len(waits), workers), first))
        assert now + costs - comes < most


def test_a_ticket_goes_to_one_server_alone(server: Callable[[], Queue], queue: Queue) -> None:
    other = server()
    for n in range(6):
        queue.add(ticket(n, "me", n), 10)
    taken = [each.take() for each in (queue, other) * 4]
    assert sorted(each.id for each in taken if each) == [number(n) for n in range(6)]
    assert {each.server for each in queue.training()} == {queue.server, other.server}
    assert queue.place(number(0)) == other.place(number(0)) == 0
    assert queue.place("nowhere") is None


def test_what_a_dead_server_had_is_abandoned_and_what_a_living_one_has_is_not(
    tmp_path: Path, server: Callable[[], Queue], queue: Queue
) -> None:
    dead = server()
    for n in range(2):
        queue.add(ticket(n, "me", n), 10)
    queue.take()
    lost = dead.take()
    assert lost is not None
    third = Queue(tmp_path)
    assert third.abandoned() == []
    dead.close()
    assert [each.id for each in third.abandoned()] == [number(1)]
    third.give_back(lost)
    assert [each.id for each in queue.waiting()] == [number(1)]


def test_one_that_gave_way_waits_behind_the_others(queue: Queue) -> None:
    for n, owner in enumerate("ab"):
        queue.add(ticket(n, owner, n), 10)
    first = queue.take()
    assert first is not None
    queue.give_back(first)
    assert [each.id for each in queue.waiting()] == [number(1), number(0)]
    assert queue.withdraw(number(1))
    assert not queue.withdraw(number(1))


def test_pressing_twice_is_one_ticket_and_too_many_are_refused(queue: Queue) -> None:
    queue.add(ticket("1", "me"), 2)
    queue.add(ticket("1", "me"), 2)
    queue.add(ticket("2", "me"), 2)
    with pytest.raises(QueueFull, match="You have 2 runs waiting"):
        queue.add(ticket("3", "me"), 2)
    queue.add(ticket("4", "you"), 2)
    assert len(queue.waiting()) == 3


def test_the_cells_of_a_sweep_count_as_one_and_share_its_owners_turn(queue: Queue) -> None:
    for cell in range(30):
        queue.add(Ticket(number(f"5{cell:02}"), "me", cell, sweep=number("5")), 2)
    queue.add(ticket("a", "me", 50), 2)
    with pytest.raises(QueueFull, match="You have 2 runs waiting"):
        queue.add(ticket("b", "me"), 2)
    queue.add(ticket("c", "you", 99), 2)
    assert queue.place(number("c")) == 2
    assert queue.place(number("5")) == 1


def test_what_is_no_ticket_is_left_out(tmp_path: Path, queue: Queue) -> None:
    queue.add(ticket("d", "me"), 5)
    waiting = tmp_path / "queue" / "waiting"
    (waiting / "torn").write_text('{"id": "torn", "ow')
    for name, sweep in ((number("e"), ""), ("..", ""), (number("f"), "other"), (number("f"), 5)):
        (waiting / number("f")).write_text(json.dumps({"id": name, "owner": "x", "sweep": sweep, "since": 0}))
        assert [each.id for each in queue.waiting()] == [number("d")]
    (waiting / "folder").mkdir()
    os.mkfifo(waiting / "pipe")
    (waiting / "loop").symlink_to("loop")
    (waiting / "deep").write_text("[" * 5000)
    far = {"id": number("a"), "owner": "x", "kind": "run", "since": 1e400}
    (waiting / number("a")).write_text(json.dumps(far))
    assert [each.id for each in queue.waiting()] == [number("d")]
    queue.clear()
    assert [path.name for path in waiting.iterdir()] == [number("d")]
    aside = [name.partition(".")[0] for name in queue.aside()]
    assert aside == [number("a"), number("f"), "deep", "folder", "loop", "pipe", "torn"]


def short(owner: str, heavy: bool = False) -> Short:
    return Short(print, (), owner, heavy, 60.0)


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


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    jobs = ShortJobs()
    left, wanted = short("you"), short("you")
    jobs.add(left)
    Pending(left.future).withdraw()
    jobs.add(wanted)
    assert list(jobs.take(1)) == [wanted]
    Pending(wanted.future).withdraw()  # too late: a worker has it
    jobs.ended(wanted, "done")
    assert Pending(wanted.future).result(0) == "done"
    for _ in range(2 * MOST_WAITING):  # what was withdrawn does not count
        again = short("you")
        jobs.add(again)
        Pending(again.future).withdraw()
    assert list(jobs.take(5)) == []
    assert jobs.idle()


def test_more_than_a_person_can_ask_is_refused() -> None:
    jobs = ShortJobs()
    assert jobs.longest_wait() == 0
    for _ in range(MOST_WAITING):
        jobs.add(short("robot"))
    with pytest.raises(Busy, match=f"{MOST_WAITING} jobs waiting"):
        jobs.add(short("robot"))
    jobs.add(replace(short("you"), since=time.monotonic() - 5))
    assert jobs.longest_wait() >= 5
    assert not jobs.idle()


def test_who_is_resumed_as_the_last_training_leaves_still_waits(queue: Queue) -> None:
    queue.add(ticket("1", "me"), 20)
    taken = queue.take()
    assert taken is not None
    queue.leave(taken)
    queue.add(ticket("1", "me"), 20)  # while the keeper is still taking the old one out
    queue.leave(taken)
    assert queue.place(number(1)) == 1


def test_a_full_disk_stops_nobody_from_taking_leaving_and_giving_back(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(2):
        queue.add(ticket(n, "me", n), 10)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("core.pool.queue.write_atomically", full)
    first, second = queue.take(), queue.take()
    assert first is not None
    assert second is not None
    queue.leave(first)
    queue.give_back(second)
    assert queue.training() == []
    assert [each.id for each in queue.waiting()] == [number(1)]


def test_a_ticket_names_no_file_to_remove(tmp_path: Path, queue: Queue) -> None:
    precious = tmp_path / "queue" / "precious"
    precious.write_text("ours")
    values = {"id": number(1), "owner": "x", "kind": "run", "since": 0, "server": "../precious"}
    for name in (number(1), f"{number(1)}@..", f"{number(1)}@precious"):
        (tmp_path / "queue" / "training" / name).write_text(json.dumps(values))
    assert {each.server for each in queue.abandoned()} <= {""}
    assert precious.exists()
