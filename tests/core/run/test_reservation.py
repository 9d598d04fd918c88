"""One account of all bytes: nobody takes the room of another, and nothing leaves in vain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import pytest

from core import environment
from core.data import make_sample
from core.pool.training import train_run
from core.run.disk import UPLOADS, taken
from core.run.manifest import FINISHED, PAUSED, RUNNING, STOPPED, Control
from core.run.reservation import FOLDER, ITERATION, NoRoom, Reservation, clear, held, make_room, reserve
from core.run.runs import Run, Runs
from core.run.step_log import append
from core.settings import DataSettings, TrainSettings
from core.storage import disk_bytes
from core.training.fork import fork
from core.training.step import Step

DATA = DataSettings(samples=2)
ROOT = Path(__file__).parents[3]


def ended(runs: Runs, size: int, owner: str = "me", kept: bool = False) -> Run:
    run = runs.create(make_sample(DATA), TrainSettings(), DATA, owner)
    (run.checkpoints / "x").write_bytes(os.urandom(size))
    run.update(status=FINISHED, kept=kept, bytes=run.count_bytes())
    return run


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def set_to(megabytes: float) -> None:
        monkeypatch.setenv(environment.DISK_MB, str(megabytes))

    return set_to


def test_the_account_is_what_the_disk_says(empty_runs: Runs) -> None:
    (empty_runs.root / UPLOADS / "token").mkdir(parents=True)
    (empty_runs.root / UPLOADS / "token" / "x").write_bytes(os.urandom(50_000))
    runs = [ended(empty_runs, 100_000) for _ in range(3)]
    empty_runs.discard(runs[0].id)
    account = taken(empty_runs)
    apart = sum(path.stat().st_blocks * 512 for path in empty_runs.root.glob(".*") if path.is_file())
    assert account.total == pytest.approx(disk_bytes(empty_runs.root) - apart, rel=0.05)
    assert account.discarded == pytest.approx(100_000, rel=0.3)
    assert account.uploads == pytest.approx(50_000, rel=0.1)
    assert account.runs == pytest.approx(200_000, rel=0.3)


def test_what_one_holds_another_does_not_get(empty_runs: Runs, limit: Callable[[float], None]) -> None:
    limit(10)
    with reserve(empty_runs) as first, reserve(empty_runs) as second:
        first.hold(7_000_000)
        with pytest.raises(NoRoom, match=r"no room for 4\.0 MB more: 7 of the 10 MB"):
            second.hold(4_000_000)
        second.hold(3_000_000)
        assert held(empty_runs) == 10_000_000
        first.hold(5_000_000)
        second.hold(4_000_000)
    assert held(empty_runs) == 0
    assert [path.name for path in (empty_runs.root / FOLDER).iterdir()] == ["lock"]


def test_what_was_discarded_leaves_first_and_nothing_in_vain(
    empty_runs: Runs, limit: Callable[[float], None]
) -> None:
    limit(5)
    discarded, old, new = (ended(empty_runs, 1_000_000) for _ in range(3))
    kept = ended(empty_runs, 1_000_000, kept=True)
    empty_runs.discard(discarded.id)
    with reserve(empty_runs) as room:
        with pytest.raises(NoRoom):
            room.hold(4_500_000)  # not even without all that may leave
        with pytest.raises(NoRoom):
            room.hold(1_500_000, evict=False)
        assert [each.id for each in empty_runs.discarded("me")] == [discarded.id]
        assert len(empty_runs.manifests()) == 3
        room.hold(1_500_000)
        assert empty_runs.discarded("me") == []
        assert len(empty_runs.manifests()) == 3
        room.hold(2_500_000)
        assert {each.id for each in empty_runs.manifests()} == {new.id, kept.id}
    assert not old.directory.exists()
    assert disk_bytes(empty_runs.root) < 3e6


def test_what_a_process_held_is_free_and_what_it_wrote_is_gone_once_it_is_dead(empty_runs: Runs) -> None:
    program = """if True:
        import sys, time
        from pathlib import Path
        from core.run.reservation import reserve
        from core.run.runs import Runs
        with reserve(Runs(Path(sys.argv[1]))) as room:
            room.hold(1_000_000)
            (room.folder / "half").write_bytes(b"x")
            print("holds", flush=True)
            time.sleep(600)
    """
    command = [sys.executable, "-c", program, str(empty_runs.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"holds\n"
        clear(empty_runs)
        assert held(empty_runs) == 1_000_000
        assert list(empty_runs.root.glob(f"{FOLDER}/*/files/half"))
        child.send_signal(signal.SIGKILL)
    assert held(empty_runs) == 0
    clear(empty_runs)
    assert [path.name for path in (empty_runs.root / FOLDER).iterdir()] == ["lock"]


def test_a_training_that_finds_no_room_says_so_and_goes_on_when_there_is(
    empty_runs: Runs, limit: Callable[[float], None]
) -> None:
    others = ended(empty_runs, 3_000_000, "you", kept=True)
    run = empty_runs.create(make_sample(DATA), TrainSettings(iterations=1200), DATA, "me")
    limit(12.5)
    assert train_run(str(run.directory)) == STOPPED
    manifest = run.manifest()
    assert "no room for 1.8 MB more" in manifest.note
    assert "Every checkpoint saved before is readable" in manifest.note
    assert len(run.steps()) == 1000
    assert disk_bytes(empty_runs.root) < 12.5e6
    assert others.directory.exists()
    limit(100)
    run.steer(Control())
    assert train_run(str(run.directory)) == FINISHED
    assert list(run.steps()["iteration"]) == list(range(1200))


def test_a_fork_reserves_room_for_its_own_iterations_alone(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = empty_runs.create(make_sample(DATA), TrainSettings(iterations=500), DATA, "me")
    assert train_run(str(parent.directory)) == FINISHED
    last = TrainSettings(iterations=505)
    child = fork(empty_runs, parent, "model_final", 499, last, parent.sample(), DATA, "me")
    taken_then: list[int] = []

    def noted(log: FileIO, step: Step) -> None:
        append(log, step)
        taken_then.append(taken(empty_runs, held(empty_runs)).total)

    monkeypatch.setattr("core.pool.training.append", noted)
    assert train_run(str(child.directory)) == FINISHED
    assert len(taken_then) == 5
    assert max(taken_then) <= disk_bytes(empty_runs.root) + 5 * ITERATION


def test_what_a_killed_run_had_written_counts_again_as_soon_as_it_goes_on(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = empty_runs.create(make_sample(DATA), TrainSettings(iterations=40), DATA)

    def paused(log: FileIO, step: Step) -> None:
        append(log, step)
        if step.iteration == 29:
            run.steer(Control("pause"))

    with monkeypatch.context() as training:
        training.setattr("core.pool.training.append", paused)
        assert train_run(str(run.directory)) == PAUSED
    run.update(status=RUNNING, bytes=0)  # as a death leaves it
    run.count_bytes(0)
    run.steer(Control())
    counted: list[int] = []

    def hold(room: Reservation, size: int) -> None:
        counted.append(taken(empty_runs).runs)
        raise NoRoom("enough seen")

    monkeypatch.setattr(Reservation, "hold", hold)
    train_run(str(run.directory))
    assert counted == [30 * ITERATION]


def test_an_iteration_takes_no_more_than_is_reserved_for_it(recipe_run: Run) -> None:
    assert disk_bytes(recipe_run.checkpoints) < 100 * ITERATION


def test_a_lower_limit_is_kept_to_as_far_as_it_goes(empty_runs: Runs) -> None:
    runs = [ended(empty_runs, 1_000_000, f"visitor {n}", kept=n == 0) for n in range(3)]
    assert make_room(empty_runs, 2_500_000) == [runs[1].id]
    assert make_room(empty_runs, 0) == [runs[2].id]
    assert [each.id for each in empty_runs.manifests()] == [runs[0].id]
