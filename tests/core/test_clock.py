"""Whatever becomes of the system's clock, nothing is deleted for it and nothing is older than it is."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core import clock
from core.data import make_sample
from core.inspect.places import place_of
from core.inspect.uploads import sweep, take
from core.lessons.classroom import ClassOver, clear, find_class, open_class
from core.run.disk import next_to_leave
from core.run.manifest import FINISHED
from core.run.runs import UNDO, Run, RunNotFound, Runs
from core.settings import DataSettings, TrainSettings

HOUR, DAY = 3600.0, 86_400.0
STEPS = (-400 * DAY, -DAY, -HOUR, -0.5, 0.5, HOUR, DAY, 400 * DAY)

Shift = Callable[[float], None]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Shift:
    """Put the system's clock forward or back, from where it is right."""
    right = time.time

    def shift(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: right() + seconds)

    return shift


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Shift:
    """Let real time pass."""
    real = time.monotonic
    passed = [0.0]

    def shift(seconds: float) -> None:
        passed[0] += seconds
        monkeypatch.setattr(time, "monotonic", lambda: real() + passed[0])

    return shift


def fresh(runs: Runs) -> Run:
    return runs.create(make_sample(DataSettings(samples=2)), TrainSettings(), DataSettings(samples=2), "me")


def restart(root: Path) -> None:
    """What a new process knows of the folder's clock."""
    clock._begun.pop(root, None)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("again", [False, True], ids=["running", "restarted"])
def test_a_step_of_the_system_clock_ends_and_deletes_nothing(
    empty_runs: Runs, system: Shift, step: float, again: bool
) -> None:
    root = empty_runs.root
    room = open_class(root, "1-saved", "en", "teacher")
    room.say("a", "1", 1)
    run = fresh(empty_runs)
    empty_runs.discard(run.id)
    place = take([("a.index", io.BytesIO(b"x"))], empty_runs)
    for seconds in (step, 0.0):
        system(seconds)
        if again:
            restart(root)
        clear(root)
        sweep(empty_runs)
        empty_runs.empty_trash()
        assert "1" in find_class(root, room.code).pupils().said
        find_class(root, room.code).say("b", "1", 0)
        open_class(root, "1-saved", "en", "another teacher")
        assert [each.id for each in empty_runs.discarded("me")] == [run.id]
        assert place_of(place.word, empty_runs).root.is_dir()
    empty_runs.bring_back(run.id)
    assert find_class(root, room.code).pupils().count == 2


def test_what_is_old_by_real_time_is_deleted(empty_runs: Runs, passes: Shift) -> None:
    root = empty_runs.root
    room = open_class(root, "1-saved", "en", "teacher")
    run = fresh(empty_runs)
    empty_runs.discard(run.id)
    place = take([("a.index", io.BytesIO(b"x"))], empty_runs)
    passes(UNDO + 1)
    empty_runs.empty_trash()
    with pytest.raises(RunNotFound):
        empty_runs.bring_back(run.id)
    passes(DAY)
    clear(root)
    sweep(empty_runs)
    with pytest.raises(ClassOver):
        find_class(root, room.code)
    assert not room.directory.exists()
    assert not place.root.exists()


def test_time_passes_on_from_server_to_server_and_only_while_one_runs(
    tmp_path: Path, passes: Shift, system: Shift
) -> None:
    first = clock.now(tmp_path)
    passes(100)
    clock.note(tmp_path)
    system(-5 * DAY)
    restart(tmp_path)
    assert 99 < clock.now(tmp_path) - first < 110
    system(5 * DAY)
    restart(tmp_path)
    assert 99 < clock.now(tmp_path) - first < 110
    (tmp_path / clock.FILE).write_text("nan")
    restart(tmp_path)
    assert clock.now(tmp_path) > first


@pytest.mark.parametrize("step", STEPS)
def test_runs_are_in_the_order_in_which_they_came(empty_runs: Runs, system: Shift, step: float) -> None:
    runs = []
    for seconds in (0.0, step, 0.0):
        system(seconds)
        run = fresh(empty_runs)
        run.update(status=FINISHED)
        runs.append(run.id)
    assert [each.id for each in empty_runs.manifests("me")] == runs[::-1]
    assert next_to_leave(empty_runs, 0) == runs
