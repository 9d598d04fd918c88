"""A run is a directory that outlives its process, tells its state, and gives way when disk is short."""

import errno
import json
import os
import shutil
import threading
from collections.abc import Callable

import pytest

from core.data import make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.disk import disk_limit, make_room, next_to_leave
from core.run.manifest import FINISHED, PAUSED, RUNNING, Control
from core.run.runs import Run, RunBusy, RunNotFound, Runs
from core.settings import DataSettings, TrainSettings
from core.storage import disk_bytes

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
        run.update(created=float(age), status=RUNNING if age == 0 else FINISHED)
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
    waiting, paused, forgotten = (fresh(empty_runs) for _ in range(3))
    paused.update(status=PAUSED)
    os.utime(forgotten.directory / "run.json", (0, 0))
    assert set(make_room(empty_runs, 0)) == {paused.id, forgotten.id}
    assert [manifest.id for manifest in empty_runs.manifests()] == [waiting.id]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"id": 1}',
        '{"id": 1, "data": null, "train": {"iterations": -1}}',
        '{"id": "a", "created": 1e18, "data": null, "train": {}}',
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
