"""The pool trains in other processes, survives their deaths, and is fair."""

import os
import signal
import subprocess
import sys

import pytest

from core import jobs
from core.data import make_sample
from core.history import read_history
from core.jobs import JobFailed
from core.manifest import Control
from core.pool.workers import NotReady, Pool, WorkerDied
from core.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from tests.conftest import wait_until

SAMPLE = make_sample(DataSettings())


def queued(runs: Runs, owner: str = "me", **train: object) -> Run:
    return runs.create(SAMPLE, TrainSettings(**train), DataSettings(), owner)  # type: ignore[arg-type]


def finish(pool: Pool, *runs: Run) -> None:
    wait_until(lambda: all(pool.place(run.id) is None for run in runs), 120)


def test_a_run_trained_by_a_worker_equals_one_trained_here(
    pool: Pool, empty_runs: Runs, recipe_run: Run
) -> None:
    run = queued(empty_runs)
    pool.submit(run)
    finish(pool, run)
    ours, theirs = (read_history(each, SAMPLE).table[["h", "v"]].to_numpy() for each in (recipe_run, run))
    assert ours.tobytes() == theirs.tobytes()


def test_pressing_train_twice_trains_once(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs)
    for _ in range(5):
        pool.submit(run)
    finish(pool, run)
    assert list(run.steps()["iteration"]) == list(range(100))


def test_pause_resume_and_stop(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs, iterations=20_000)
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > 5)
    pool.pause(run)
    finish(pool, run)
    paused = len(run.steps())
    assert run.manifest().status == "paused"
    run.steer(Control())
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > paused + 5)
    pool.stop(run)
    finish(pool, run)
    assert run.manifest().status == "stopped"
    assert list(run.steps()["iteration"]) == list(range(len(run.steps())))


def test_a_pace_is_kept_and_can_be_lifted(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs, iterations=30)
    run.steer(Control(pace=0.01))
    pool.submit(run)
    wait_until(lambda: len(run.steps()) == 1)
    assert pool.place(run.id) == 0
    run.steer(Control(pace=None))
    finish(pool, run)
    assert run.manifest().status == "finished"


def test_the_queue_serves_everybodys_first_run_before_anybodys_second(pool: Pool, empty_runs: Runs) -> None:
    slow = [queued(empty_runs, f"slow {n}", iterations=20_000) for n in range(2)]
    greedy = [queued(empty_runs, "greedy") for _ in range(3)]
    modest = queued(empty_runs, "modest")
    for run in (*slow, *greedy, modest):
        pool.submit(run)
    assert [pool.place(run.id) for run in slow] == [0, 0]
    assert [pool.place(run.id) for run in greedy] == [1, 3, 4]
    assert pool.place(modest.id) == 2
    pool.stop(greedy[2])
    assert pool.place(greedy[2].id) is None
    assert "before it started" in greedy[2].manifest().note
    for run in slow:
        wait_until(lambda run=run: len(run.steps()) > 0)
        pool.stop(run)
    finish(pool, *slow, *greedy, modest)
    assert modest.manifest().status == "finished"


def test_a_short_job_does_not_wait_behind_trainings(pool: Pool, empty_runs: Runs, recipe_run: Run) -> None:
    busy = [queued(empty_runs, f"{n}", iterations=20_000) for n in range(3)]
    for run in busy:
        pool.submit(run)
    restored = pool.begin(jobs.restore, str(recipe_run.directory), "model_iter-1").result(30)
    assert restored.name == "model_iter-1"
    assert any(pool.place(run.id) == 0 for run in busy)
    for run in busy:
        pool.stop(run)
    finish(pool, *busy)


def test_what_tensorflow_refuses_comes_back_as_a_sentence(pool: Pool) -> None:
    with pytest.raises(JobFailed, match=r"NotFoundError: .*nowhere"):
        pool.begin(file_of_nobody).result(30)
    with pytest.raises(JobFailed, match="ZeroDivisionError"):
        pool.begin(divmod, 1, 0).result(30)


def file_of_nobody() -> None:
    import tensorflow as tf

    tf.io.gfile.listdir("/nowhere")


def test_a_broken_log_does_not_keep_others_from_training(pool: Pool, empty_runs: Runs) -> None:
    run, other = queued(empty_runs), queued(empty_runs, "other")
    run.steps_file.mkdir()  # nobody can read or write it
    pool.submit(run)
    pool.submit(other)
    finish(pool, run, other)
    assert other.manifest().status == "finished"


def test_a_run_that_somebody_else_trains_is_left_alone(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs)
    with run.exclusive():
        pool.submit(run)
        finish(pool, run)
        assert run.manifest().status == "queued"
        assert run.manifest().note == ""


def test_a_job_that_raises_raises_here(pool: Pool, tmp_path: os.PathLike[str]) -> None:
    from core.runs import RunNotFound

    with pytest.raises(RunNotFound, match="There is no run"):
        pool.begin(jobs.restore, str(tmp_path), "model_iter-1").result(30)


def test_killed_workers_cost_their_run_a_sentence_and_the_pool_heals(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs, iterations=20_000)
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > 20)
    for pid in pool.pids():
        os.kill(pid, signal.SIGKILL)
    finish(pool, run)
    manifest = run.manifest()
    assert manifest.status == "failed"
    assert "worker process that trained this run died after iteration" in manifest.note
    assert not run.is_training()
    readable = len(read_history(run, SAMPLE).steps)
    assert readable >= 20
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > readable + 5, 120)
    pool.stop(run)
    finish(pool, run)
    assert list(run.steps()["iteration"]) == list(range(len(run.steps())))


def test_a_worker_that_dies_at_a_short_job_says_so(pool: Pool) -> None:
    with pytest.raises(WorkerDied, match="Try again"):
        pool.begin(os._exit, 1).result(60)
    wait_until(lambda: len(pool.pids("short")) == 1)
    assert pool.begin(jobs.warm_up).result(60).startswith("2.")


def test_asking_before_the_workers_are_ready_says_so() -> None:
    starting = Pool(trainers=1)
    try:
        with pytest.raises(NotReady, match="still starting"):
            starting.begin(jobs.warm_up)
    finally:
        starting.close()


def test_a_cluster_given_by_its_address_does_the_same(pool: Pool, empty_runs: Runs) -> None:
    assert pool._client is not None
    address = pool._client.scheduler.address
    remote = Pool(address=address)
    try:
        assert remote.wait(60)
        assert remote.trainers == 2
        run = queued(empty_runs, iterations=3)
        remote.submit(run)
        finish(remote, run)
        assert run.manifest().status == "finished"
    finally:
        remote.close()


def test_closing_ends_every_process(empty_runs: Runs) -> None:
    code = (
        "from core.pool.workers import Pool; p = Pool(trainers=1); assert p.wait(90);"
        "print(*p.pids(), *p.pids('short')); p.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 2
    for pid in map(int, done.stdout.split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
