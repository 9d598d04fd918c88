"""The workers are there while somebody needs them, and leave when nobody has for ten minutes."""

import time

import psutil  # type: ignore[import-untyped]
import pytest

from core.data import make_sample
from core.pool.rest import REST, Rest
from core.pool.workers import Pool
from core.run.manifest import FINISHED
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from tests.conftest import wait_until


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("happens", "there"),
    [
        ("arrives", False),
        ("wake", True),
        ("arrives wake", True),
        ("wake 599", True),
        ("wake 600", False),
        ("wake 599 wake 599", True),
        ("arrives wake 9999", True),
        ("arrives wake 9999 leaves 599", True),
        ("arrives wake 9999 leaves 600", False),
        ("wake arrives 9999 arrives leaves 9999", True),
        ("wake 600 arrives", False),
        ("wake 600 arrives wake", True),
    ],
)
def test_somebody_or_the_last_ten_minutes_keep_them(happens: str, there: bool) -> None:
    clock = Clock()
    rest = Rest(clock)
    for each in happens.split():
        if each.isdecimal():
            clock.now += float(each)
        else:
            getattr(rest, each)()
        on = rest.is_on()  # the keeper looks all the time
    assert on is not there
    assert REST == 600


def has_ended(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_after_ten_minutes_without_anybody_no_process_is_left_and_work_brings_them_back(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pool.wait(60)
    assert pool._local._process is not None
    cluster = psutil.Process(pool._local._process.pid)
    before = [cluster, *cluster.children(recursive=True)]
    assert len(before) > 2
    monkeypatch.setattr(pool.rest, "_clock", lambda: time.monotonic() + REST)
    wait_until(lambda: pool._local._process is None and all(map(has_ended, before)))
    assert (pool.standing(), pool.pids()) == ("resting", [])
    monkeypatch.undo()
    data = DataSettings()
    run = empty_runs.create(make_sample(data), TrainSettings(iterations=3), data, "me")
    pool.submit(run)
    assert pool.standing() == "starting"
    wait_until(lambda: run.manifest().status == FINISHED, 120)
    assert pool.standing() == "ready"


def test_a_server_without_visitors_starts_no_process(empty_runs: Runs) -> None:
    pool = Pool(trainers=1, runs=empty_runs)
    try:
        wait_until(lambda: (empty_runs.root / "queue" / "servers" / pool._queue.server).exists())
        assert pool.standing() == "resting"
        assert pool._local._process is None
        pool.wake()
        wait_until(lambda: pool._local._process is not None)
        assert pool.standing() == "starting"
    finally:
        pool.close()
