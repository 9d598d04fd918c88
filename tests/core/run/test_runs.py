"""A run is a directory that outlives its process, tells its state, and gives way when disk is short."""

import errno
import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.data import make_sample
from core.history.history import read_history
from core.pool.queue import Queue
from core.pool.ticket import Ticket
from core.pool.training import train_run
from core.run import digests
from core.run.disk import disk_limit, next_to_leave
from core.run.manifest import FINISHED, PAUSED, RUNNING, Control
from core.run.reservation import make_room
from core.run.runs import TRASH, Run, RunBusy, RunNotFound, Runs
from core.settings import DataSettings, TrainSettings
from core.storage import disk_bytes, write_atomically

SAMPLE = make_sample(DataSettings())


def fresh(runs: Runs, **train: object) -> Run:
    return runs.create(SAMPLE, TrainSettings(**train), DataSettings(), owner="me")  # type: ignore[arg-type]


def test_a_fresh_run_says_all_that_reproduces_it(empty_runs: Runs) -> None:
    run = fresh(empty_runs, iterations=7)
    manifest = empty_runs.open(run.id).manifest()
    assert manifest.train == TrainSettings(iterations=7)
    assert manifest.data == DataSettings()
    assert run.sample().y.tobytes() == SAMPLE.y.tobytes()
    assert run.sample().truth == (1, -2)


def test_ids_cannot_be_guessed_or_lead_elsewhere(empty_runs: Runs) -> None:
    ids = {fresh(empty_runs).id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(run_id) == 16 for run_id in ids)
    for wrong in ("", "..", "../x", "a" * 16, next(iter(ids))[:-1], "/etc", "x" * 500):
        with pytest.raises(RunNotFound, match="There is no run"):
            empty_runs.open(wrong)


def test_a_reader_never_sees_half_a_manifest(empty_runs: Runs) -> None:
    run = fresh(empty_runs)
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            run.update(status=RUNNING, note="x" * 5000)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        for _ in range(300):
            assert run.manifest().id == run.id
    finally:
        stop.set()
        writer.join()
    assert {path.name for path in run.directory.iterdir()} == {
        "run.json",
        "data.csv",
        "SHA256SUMS",
        "checkpoints",
    }


def test_a_finished_run_has_versions_times_and_the_digest_of_every_file(recipe_run: Run) -> None:
    import hashlib

    manifest = recipe_run.manifest()
    assert manifest.status == FINISHED
    assert set(manifest.versions) == {"python", "tensorflow", "numpy"}
    assert manifest.seconds > 0
    for path in recipe_run.checkpoints.iterdir():
        name = f"checkpoints/{path.name}"
        assert recipe_run.recorded()[name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_runs_are_listed_newest_first_and_by_owner(empty_runs: Runs) -> None:
    mine = [fresh(empty_runs).id for _ in range(3)]
    other = empty_runs.create(SAMPLE, TrainSettings(), owner="you")
    assert [each.id for each in empty_runs.manifests("me")] == mine[::-1]
    assert [each.id for each in empty_runs.manifests()] == [other.id, *mine[::-1]]


def test_deleting_removes_everything_unless_it_is_trained(empty_runs: Runs) -> None:
    run = fresh(empty_runs)
    run.update(status=RUNNING)
    with run.exclusive():
        assert run.is_training()
        with pytest.raises(RunBusy):
            empty_runs.delete(run.id)
    assert not run.is_training()
    empty_runs.delete(run.id)
    assert not run.directory.exists()
    with pytest.raises(RunNotFound):
        run.manifest()


def test_the_oldest_finished_run_makes_room(empty_runs: Runs) -> None:
    runs = [fresh(empty_runs) for _ in range(4)]
    for age, run in enumerate(runs):
        (run.checkpoints / "model_iter-0.index").write_bytes(bytes(100_000))
        run.update(status=RUNNING if age == 0 else FINISHED)
        run.count_bytes()
    each = disk_bytes(runs[0].directory)
    deleted = make_room(empty_runs, 2 * each + 1000)
    assert deleted == [runs[1].id, runs[2].id]
    assert {manifest.id for manifest in empty_runs.manifests()} == {runs[0].id, runs[3].id}


def test_who_holds_most_gives_first_and_what_is_kept_stays(empty_runs: Runs) -> None:
    mine, hogs = [fresh(empty_runs) for _ in range(2)], [fresh(empty_runs) for _ in range(4)]
    for age, run in enumerate((*mine, *hogs)):
        owner = "hog" if run in hogs else "me"
        run.update(created=age, status=FINISHED, bytes=1_000_000, owner=owner, kept=run is hogs[0])
    assert make_room(empty_runs, 4_000_000) == [hogs[1].id, hogs[2].id]
    assert {manifest.id for manifest in empty_runs.manifests("me")} == {run.id for run in mine}
    assert next_to_leave(empty_runs, 3_000_000) == [mine[0].id]
    assert make_room(empty_runs, 0) == [mine[0].id, hogs[3].id, mine[1].id]
    assert [manifest.id for manifest in empty_runs.manifests()] == [hogs[0].id]


def test_paused_and_long_forgotten_runs_make_room_too(empty_runs: Runs) -> None:
    just_made, waiting, paused, forgotten = (fresh(empty_runs) for _ in range(4))
    queue = Queue(empty_runs.root)
    queue.open()
    queue.add(Ticket(waiting.id, "me", 0.0), 1)
    queue.close()
    paused.update(status=PAUSED)
    for run in (waiting, forgotten):
        run.update(created=0.0)
    assert set(make_room(empty_runs, 0)) == {paused.id, forgotten.id}
    assert {manifest.id for manifest in empty_runs.manifests()} == {just_made.id, waiting.id}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"id": 1}',
        '{"id": 1, "data": null, "train": {"iterations": -1}}',
        '{"id": "a", "created": 1e18, "data": null, "train": {}}',
        f'{{"id": "a", "created": 1{"0" * 400}, "data": null, "train": {{}}}}',
        f'{{"id": "a", "created": 1, "data": null, "train": {{}}, "bytes": -1{"0" * 30}}}',
        f'{{"id": "a", "created": 1, "data": null, "train": {{}}, "seconds": 1{"0" * 400}}}',
    ],
)
def test_a_manifest_that_cannot_be_understood_costs_its_own_run_alone(empty_runs: Runs, text: str) -> None:
    run, other = fresh(empty_runs), fresh(empty_runs)
    (run.directory / "run.json").write_text(text)
    with pytest.raises(RunNotFound, match=f"run.json of run {run.id} cannot be understood"):
        run.manifest()
    assert [manifest.id for manifest in empty_runs.manifests()] == [other.id]
    assert train_run(str(other.directory)) == FINISHED


def test_a_run_that_the_disk_does_not_take_leaves_nothing(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.run.runs.write_csv", full)
    with pytest.raises(OSError, match="No space"):
        fresh(empty_runs)
    assert not list(empty_runs.root.glob("*/*"))


def test_who_looks_at_a_deleted_run_is_told_so(train: Callable[..., Run]) -> None:
    run = train(iterations=2)
    shutil.rmtree(run.directory)
    for look in (
        run.manifest,
        lambda: read_history(run, SAMPLE),
        lambda: train_run(str(run.directory)),
    ):
        with pytest.raises(RunNotFound, match=f"{run.id}"):
            look()
    assert not run.is_training()


def test_a_directory_that_is_no_run_is_left_as_it_is(tmp_path: Path) -> None:
    somebodys = tmp_path / "a directory of somebody's"
    (somebodys / "checkpoints").mkdir(parents=True)
    for name in (".hidden", "notes", "checkpoints/model_iter-3.index"):
        (somebodys / name).write_text("precious")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with pytest.raises(RunNotFound):
        train_run(str(somebodys))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_two_who_change_a_run_at_once_keep_each_others_changes(empty_runs: Runs) -> None:
    run = fresh(empty_runs)

    def write(field: str) -> None:
        for number in range(100):
            run.update(**{field: str(number)})
            assert getattr(run.manifest(), field) == str(number)

    with ThreadPoolExecutor(2) as tabs:
        for done in [tabs.submit(write, field) for field in ("name", "note")]:
            done.result()
    assert [(each.name, each.note) for each in empty_runs.manifests()] == [("99", "99")]


def test_a_stranger_who_holds_a_record_delays_a_change_and_does_not_prevent_it(empty_runs: Runs) -> None:
    run = fresh(empty_runs)
    with (run.directory / "run.json").open() as record:
        fcntl.flock(record, fcntl.LOCK_EX)
        began = time.monotonic()
        run.update(name="mine")
        assert time.monotonic() - began < 2
    assert run.manifest().name == "mine"


@pytest.mark.parametrize("status", [FINISHED, RUNNING])
def test_a_stranger_who_holds_the_lock_of_a_run_that_nobody_trains_does_not_keep_it(
    empty_runs: Runs, status: str
) -> None:
    run = fresh(empty_runs)
    run.update(status=status)
    long_ago = time.time() - 3600
    with run.exclusive():  # a stranger
        if status == RUNNING:
            with pytest.raises(RunBusy):
                empty_runs.discard(run.id)
            os.utime(run.directory / "run.json", (long_ago, long_ago))
        empty_runs.discard(run.id)
    assert empty_runs.manifests() == []
    empty_runs.bring_back(run.id)
    assert [each.id for each in empty_runs.manifests()] == [run.id]


def test_who_deletes_or_undoes_second_is_told_so(empty_runs: Runs) -> None:
    run = fresh(empty_runs)
    empty_runs.discard(run.id)
    with pytest.raises(RunNotFound):
        empty_runs.discard(run.id)
    empty_runs.bring_back(run.id)
    with pytest.raises(RunNotFound):
        empty_runs.bring_back(run.id)
    assert [each.id for each in empty_runs.manifests()] == [run.id]


def test_on_a_full_disk_what_is_deleted_makes_room_at_once(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, first, second = fresh(empty_runs), fresh(empty_runs), fresh(empty_runs)
    monkeypatch.setattr("core.run.runs.is_full", lambda _: True)
    empty_runs.discard(first.id)
    assert not list((empty_runs.root / TRASH).iterdir())
    (empty_runs.root / TRASH).rmdir()

    def full(path: Path, **_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "mkdir", full)
    empty_runs.discard(second.id)
    assert [each.id for each in empty_runs.manifests()] == [kept.id]


def test_nothing_is_wanted_of_a_deleted_run(empty_runs: Runs) -> None:
    discarded, lost = fresh(empty_runs), fresh(empty_runs)
    empty_runs.discard(discarded.id)
    (lost.directory / "run.json").unlink()
    for run in (discarded, lost):
        with pytest.raises(RunNotFound):
            run.steer(Control("pause"))
        with pytest.raises(RunNotFound):
            run.update(name="mine")
        assert not (run.directory / "control.json").exists()


def test_a_limit_that_is_no_number_is_not_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_EXPLORER_DISK_MB", "2GB")
    assert disk_limit() == 2_000_000_000
    monkeypatch.setenv("CHECKPOINT_EXPLORER_DISK_MB", "0.5")
    assert disk_limit() == 500_000


def test_digests_leave_out_what_is_being_written(train: Callable[..., Run]) -> None:
    run = train(iterations=2)
    whole = run.digests()
    hidden = run.saved_model / ".model_iter-1-x"
    hidden.mkdir(parents=True)
    (hidden / "saved_model.pb").write_bytes(b"half")
    assert run.digests() == whole
    assert run.recorded() == whole


def test_training_keeps_to_the_disk_limit(
    train: Callable[..., Run], empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(iterations=20)
    monkeypatch.setenv("CHECKPOINT_EXPLORER_DISK_MB", str(first.manifest().bytes * 1.5 / 1e6))
    second = train(iterations=20)
    assert [manifest.id for manifest in empty_runs.manifests()] == [second.id]


def test_shared_meta_files_count_once(train: Callable[..., Run]) -> None:
    run = train(iterations=20)
    meta = (run.checkpoints / "model_iter-0.meta").stat()
    assert meta.st_nlink == 21
    sizes = sum(path.stat().st_blocks * 512 for path in run.directory.rglob("*") if path.is_file())
    # The lock is the only file that did not exist when training ended its count.
    assert run.manifest().bytes <= sizes - 20 * meta.st_blocks * 512


def test_wishes_reach_the_training_through_the_directory(empty_runs: Runs) -> None:
    run = fresh(empty_runs)
    assert run.control() == Control()
    run.steer(Control("pause", pace=2.5))
    assert Run(run.directory).control() == Control("pause", 2.5)


def test_the_manifest_is_plain_json(recipe_run: Run) -> None:
    values = json.loads((recipe_run.directory / "run.json").read_text())
    assert values["train"]["learning_rate"] == 0.001
    assert values["data"]["seed"] == 0


def test_what_is_recorded_while_a_record_is_tidied_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests.begin(tmp_path, {"there": "a" * 64})
    (tmp_path / "there").touch()
    (tmp_path / "new").touch()
    replace = write_atomically
    adds = threading.Thread(target=digests.record, args=(tmp_path, {"new": "b" * 64}))

    def slowly(path: Path, content: bytes) -> None:
        adds.start()
        adds.join(0.1)  # without a lock it is done by then
        replace(path, content)

    monkeypatch.setattr(digests, "write_atomically", slowly)
    digests.tidy(tmp_path)
    adds.join()
    assert digests.recorded(tmp_path) == {"there": "a" * 64, "new": "b" * 64}
