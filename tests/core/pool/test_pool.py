"""The pool trains in other processes, survives their deaths, and is fair."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from distributed import Client, Security

from core.data import make_sample
from core.history.history import read_history
from core.pool import fairness, jobs, workers
from core.pool.cluster import SHORT
from core.pool.jobs import JobFailed
from core.pool.queue import Queue, QueueFull
from core.pool.short import WorkerDied
from core.pool.ticket import Ticket
from core.pool.training import YIELD
from core.pool.workers import MOST_WAITING, NotReady, Pool
from core.run.manifest import Control
from core.run.runs import Run, RunNotFound, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid
from tests.conftest import wait_until
from tests.soak.members import Member
from tests.soak.proxy import free_port

SERVING = (Path(__file__).parents[3] / "docs" / "serving.md").read_text(encoding="utf-8")
CLUSTER = re.findall(r"^checkpoint-explorer ((?:scheduler|worker).*)$", SERVING, re.MULTILINE)[-2:]
DEFAULT = "tcp://127.0.0.1:8786"
SAMPLE = make_sample(DataSettings())


def queued(runs: Runs, owner: str = "me", **train: object) -> Run:
    return runs.create(SAMPLE, TrainSettings(**train), DataSettings(), owner)  # type: ignore[arg-type]


def kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # the pool has just ended one that it did not need
            os.kill(pid, signal.SIGKILL)


def has_begun(run: Run) -> bool:
    return len(run.steps()) > 0


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
    for run in slow:
        pool.submit(run)
    wait_until(lambda: [pool.place(run.id) for run in slow] == [0, 0])
    for run in (*greedy, modest):
        pool.submit(run)
    assert [pool.place(run.id) for run in greedy] == [1, 3, 4]
    assert pool.place(modest.id) == 2
    pool.stop(greedy[2])
    assert pool.place(greedy[2].id) is None
    assert "before it started" in greedy[2].manifest().note
    for run in slow:
        wait_until(partial(has_begun, run))
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


def test_a_run_that_somebody_else_still_holds_is_trained_afterwards(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs)
    with run.exclusive():
        pool.submit(run)
        # The worker could not have it; the one that holds it is asked to give way.
        wait_until(lambda: (run.directory / YIELD).exists())
        assert run.manifest().status == "queued"
        assert run.manifest().note == ""
    finish(pool, run)
    assert run.manifest().status == "finished"


def test_a_run_that_loses_its_record_while_it_trains_keeps_its_checkpoints(
    pool: Pool, empty_runs: Runs
) -> None:
    run, other = queued(empty_runs, iterations=20_000), queued(empty_runs, "other")
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > 20)
    record = (run.directory / "run.json").read_bytes()
    (run.directory / "run.json").unlink()
    pool.submit(other)
    finish(pool, run, other)
    assert other.manifest().status == "finished"
    (run.directory / "run.json").write_bytes(record)
    assert len(read_history(run, SAMPLE).steps) > 20


def test_a_ticket_leads_nowhere_but_to_the_run_of_its_id(
    pool: Pool, empty_runs: Runs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    somebodys = tmp_path_factory.mktemp("somebodys")
    (somebodys / "thesis.tex").write_text("precious")
    ids = ("a" * 16, "b" * 16)
    for name, sweep in ((ids[0], ""), (ids[1], "c" * 16)):
        ticket = {"id": name, "owner": "x", "sweep": sweep, "directory": str(somebodys), "since": 0}
        (empty_runs.root / "queue" / "waiting" / name).write_text(json.dumps(ticket))
    wait_until(lambda: all(pool.place(each) is None for each in ids))
    assert [path.name for path in somebodys.iterdir()] == ["thesis.tex"]
    with pytest.raises(RunNotFound):
        pool.submit(Run(somebodys))


def test_a_job_that_raises_raises_here(pool: Pool, tmp_path: os.PathLike[str]) -> None:
    with pytest.raises(RunNotFound, match="There is no run"):
        pool.begin(jobs.restore, str(tmp_path), "model_iter-1").result(30)


def test_killed_workers_cost_their_run_a_sentence_and_the_pool_heals(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs, iterations=20_000)
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > 20)
    kill(pool.pids())
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
    steps = run.steps()
    assert list(steps["iteration"]) == list(range(len(steps)))


def test_a_run_that_has_finished_stays_finished_whenever_its_worker_dies(
    pool: Pool, empty_runs: Runs
) -> None:
    for _ in range(4):
        run = queued(empty_runs, iterations=3)
        wait_until(lambda: bool(pool.pids()), 120)
        victims = pool.pids()
        pool.submit(run)
        while run.manifest().status != "finished":
            pass  # the next moment is the one that counts
        kill(victims)
        finish(pool, run)
        assert run.manifest().status == "finished"
        assert not run.manifest().note


def test_who_trains_gives_way_to_who_looks(pool: Pool) -> None:
    wait_until(lambda: bool(pool.pids("training") and pool.pids("short")), 120)
    here = os.getpriority(os.PRIO_PROCESS, 0)
    for role, nice in (("training", min(here + 10, 19)), ("short", here)):
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in pool.pids(role)} == {nice}


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


def swept(runs: Runs, cells: int, iterations: int) -> Sweep:
    grid = Grid((Axis("seed", tuple(range(cells))),), DataSettings(), TrainSettings(iterations=iterations))
    return Sweeps(runs).create(grid, owner="hog")


def hold(sweep: Sweep, pace: float | None) -> None:
    """Let every cell that has not ended train no faster than this, in iterations a second."""
    for run in sweep.left():
        run.steer(Control(pace=pace))


def statuses(sweep: Sweep) -> Counter[str]:
    return Counter(run.manifest().status for _, run in sweep.cells())


def test_a_visitors_run_waits_for_no_more_than_the_cells_in_hand_of_anothers_sweep(
    pool: Pool, empty_runs: Runs
) -> None:
    sweep = swept(empty_runs, cells=60, iterations=300)
    pool.submit_sweep(sweep)
    wait_until(lambda: statuses(sweep)["finished"] > 2, 120)
    run = queued(empty_runs, "modest", iterations=20)
    before = statuses(sweep)
    pool.submit(run)
    assert pool.load() <= 4, "a sweep makes the queue no longer than a run"
    finish(pool, run)
    assert run.manifest().status == "finished"
    assert statuses(sweep)["finished"] - before["finished"] <= 4
    done = statuses(sweep)["finished"]
    wait_until(lambda: statuses(sweep)["finished"] > done)  # and the sweep goes on
    pool.stop_sweep(sweep)
    wait_until(lambda: pool.place(sweep.id) is None)
    assert statuses(sweep)["stopped"] <= 2
    assert statuses(sweep)["queued"] > 0


def test_a_sweep_is_paused_and_goes_on_with_the_server_that_comes_after(empty_runs: Runs) -> None:
    sweep = swept(empty_runs, cells=6, iterations=200)
    hold(sweep, 20)
    pool = Pool(trainers=1, runs=empty_runs)
    try:
        pool.submit_sweep(sweep)
        wait_until(lambda: statuses(sweep)["running"] == 1, 120)
        pool.pause_sweep(sweep)
        wait_until(lambda: pool.place(sweep.id) is None)
        assert statuses(sweep) == {"paused": 1, "queued": 5}
        sweep.again()
        hold(sweep, 20)
        pool.submit_sweep(sweep)
        wait_until(lambda: statuses(sweep)["running"] == 1)
        alone = next(sweep.left({run.id for _, run in sweep.cells() if run.manifest().status == "running"}))
        wait_until(lambda: pool.place(alone.id) == 1)
        pool.stop(alone)  # one cell alone: the others go on
        assert alone.manifest().status == "stopped"
        wait_until(lambda: bool(pool.place(sweep.id) == 0 and len(Queue(empty_runs.root).waiting()) == 1))
    finally:
        pool.close()
    assert len(Queue(empty_runs.root).waiting()) == 2, "what was in hand, and what came next"
    hold(sweep, None)
    after = Pool(trainers=1, runs=empty_runs)
    try:
        wait_until(lambda: statuses(sweep) == {"finished": 5, "stopped": 1}, 120)
        wait_until(lambda: after.place(sweep.id) is None)
    finally:
        after.close()
    for _, run in sweep.cells():
        assert list(run.steps()["iteration"]) in ([*range(200)], [])


def test_a_sweep_on_a_full_disk_is_interrupted_and_goes_on_later(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    sweep = swept(empty_runs, cells=9, iterations=100)
    pool.submit_sweep(sweep)
    with monkeypatch.context() as disk:
        disk.setattr(Queue, "add", full)
        wait_until(lambda: pool.place(sweep.id) is None, 120)
        assert statuses(sweep)["queued"] > 0
        assert statuses(sweep)["running"] == 0
    pool.submit_sweep(sweep)
    wait_until(lambda: statuses(sweep)["finished"] == 9, 120)
    wait_until(lambda: pool.place(sweep.id) is None)


def test_a_cell_whose_worker_dies_is_tried_again_unless_that_gets_nowhere(
    pool: Pool, empty_runs: Runs
) -> None:
    sweep = swept(empty_runs, cells=2, iterations=3)
    (_, first), (_, second) = sweep.cells()
    for run in (first, second):
        run.steer(Control(pace=0.01))
    queue = Queue(empty_runs.root)
    queue.add(Ticket(first.id, "hog", 0.0, sweep=sweep.id))
    queue.add(Ticket(second.id, "hog", 0.0, sweep=sweep.id, died_at=1))
    wait_until(lambda: len(first.steps()) == len(second.steps()) == 1, 120)
    kill(pool.pids())
    wait_until(lambda: second.manifest().status == "failed", 120)
    assert "died after iteration 0." in second.manifest().note
    first.steer(Control())
    finish(pool, first, second)
    assert first.manifest().status == "finished"
    assert second.manifest().status == "failed"
    assert list(first.steps()["iteration"]) == [0, 1, 2]


def test_a_cluster_by_the_told_commands_takes_in_workers_and_loses_no_cell_with_them(
    empty_runs: Runs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (scheduler, worker), port = CLUSTER, free_port()
    address = f"tcp://127.0.0.1:{port}"
    more = "worker tcp://127.0.0.1:8786 --training 1 --short 0"
    with ExitStack() as ending:

        def member(words: str, *others: str) -> Member:
            log = tmp_path_factory.mktemp("machine") / "log"
            started = Member(words, [*words.replace(DEFAULT, address).split(), *others], log, {})
            ending.callback(started.end)
            started.start()
            return started

        member(scheduler, "--port", str(port))
        first = member(worker)
        remote = Pool(address=address, runs=empty_runs)
        ending.callback(remote.close)
        assert remote.wait(180)
        assert remote.begin(jobs.warm_up).result(60).startswith("2.")
        wait_until(lambda: remote.trainers == 2)
        sweep = swept(empty_runs, cells=8, iterations=300)
        hold(sweep, 20)
        remote.submit_sweep(sweep)
        member(more)
        wait_until(lambda: statuses(sweep)["running"] == 3, 120)  # the worker that has joined has one, too
        first.kill()
        hold(sweep, None)
        cell = next(run for _, run in sweep.cells())
        wait_until(lambda: cell.manifest().status == "finished", 240)
        wait_until(lambda: not statuses(sweep)["queued"], 240)
        remote.stop_sweep(sweep)
        wait_until(lambda: remote.place(sweep.id) is None)
        assert not statuses(sweep)["failed"]
        manifest = cell.manifest()
        alone = empty_runs.create(cell.sample(), manifest.train, manifest.data)
        remote.submit(alone)
        finish(remote, alone)
        for path in alone.checkpoints.glob("model_*[0-9x]"):
            assert (cell.checkpoints / path.name).read_bytes() == path.read_bytes()


def test_a_nonsense_address_is_said_to_be_one(empty_runs: Runs) -> None:
    lost = Pool(address="nonsense", runs=empty_runs)
    try:
        wait_until(lambda: bool(lost.trouble))
        assert "The scheduler at nonsense cannot be reached" in lost.trouble
        with pytest.raises(NotReady, match="cannot be reached"):
            lost.begin(jobs.warm_up)
    finally:
        lost.close()


def test_a_run_says_that_it_waits_before_a_worker_can_take_it(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, refused = queued(empty_runs, iterations=3), queued(empty_runs, iterations=3)
    said = []

    def watched(queue: Queue, ticket: Ticket, *most: int) -> None:
        said.append(empty_runs.open(ticket.id).manifest().status)
        if ticket.id == refused.id:
            raise QueueFull("You have enough waiting.")
        add(queue, ticket, *most)

    add = Queue.add
    monkeypatch.setattr(Queue, "add", watched)
    for each in (run, refused):
        each.update(status="failed")
    with pytest.raises(QueueFull):
        pool.submit(refused)
    assert refused.manifest().status == "failed"
    pool.submit(run)
    finish(pool, run)
    assert said == ["queued", "queued"]
    assert run.manifest().status == "finished"


def test_a_long_training_gives_way_and_goes_on_afterwards(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "TURN", 0.5)
    hogs = [queued(empty_runs, "hog", iterations=20_000) for _ in range(2)]
    for hog in hogs:
        pool.submit(hog)
    wait_until(lambda: [pool.place(hog.id) for hog in hogs] == [0, 0])
    modest = queued(empty_runs, "modest", iterations=20)
    pool.submit(modest)
    finish(pool, modest)
    assert modest.manifest().status == "finished"
    wait_until(lambda: all(pool.place(hog.id) == 0 for hog in hogs))
    for hog in hogs:
        pool.stop(hog)
    finish(pool, *hogs)
    for hog in hogs:
        assert list(hog.steps()["iteration"]) == list(range(len(hog.steps()))), "no iteration is lost"


def test_one_visitor_cannot_fill_the_queue(pool: Pool, empty_runs: Runs) -> None:
    runs = [queued(empty_runs, "hog", iterations=20_000) for _ in range(MOST_WAITING + 3)]
    for run in runs[:MOST_WAITING]:
        pool.submit(run)
    wait_until(lambda: pool.place(runs[0].id) == 0)
    for run in runs[MOST_WAITING:]:
        with suppress(QueueFull):
            pool.submit(run)
    with pytest.raises(QueueFull, match=f"You have {MOST_WAITING} runs waiting"):
        pool.submit(runs[-1])
    for run in runs:
        pool.stop(run)
    finish(pool, *runs)


def test_the_end_of_the_server_leaves_a_true_sentence(empty_runs: Runs) -> None:
    pool = Pool(trainers=1, runs=empty_runs)
    try:
        assert pool.wait(90)
        run, waits = queued(empty_runs, iterations=20_000), queued(empty_runs, "you")
        pool.submit(run)
        wait_until(lambda: len(run.steps()) > 20)
        pool.submit(waits)
    finally:
        pool.close()
    manifest = run.manifest()
    assert manifest.status == "stopped"
    assert f"The server was ended after iteration {len(run.steps()) - 1}." in manifest.note
    assert waits.manifest().status == "queued"
    after = Pool(trainers=1, runs=empty_runs)  # what waited, waits still, and is trained by the next server
    try:
        finish(after, waits)
        assert waits.manifest().status == "finished"
    finally:
        after.close()


def test_nobody_else_reaches_the_workers(pool: Pool) -> None:
    assert pool._client is not None
    address = pool._client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    listening = [
        each.laddr.ip
        for process in psutil.Process().children(recursive=True)
        for each in process.net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}
    with pytest.raises((OSError, ValueError, RuntimeError)):
        Client(address.replace("tls", "tcp"), timeout=2, set_as_default=False)
    with pytest.raises((OSError, ValueError, RuntimeError)):
        Client(address, timeout=2, set_as_default=False, security=Security.temporary())


def test_a_worker_that_hangs_is_replaced(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "HANGS", 3.0)
    for pid in pool.pids():
        os.kill(pid, signal.SIGSTOP)
    run = queued(empty_runs, iterations=3)
    pool.submit(run)
    finish(pool, run)
    assert run.manifest().status == "finished"


def test_a_worker_that_hangs_in_the_middle_of_a_training_is_replaced(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "HANGS", 3.0)
    monkeypatch.setattr(workers, "STALLS", 6.0)
    run = queued(empty_runs, iterations=300)
    run.steer(Control(pace=100))
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > 20)
    for pid in pool.pids():
        os.kill(pid, signal.SIGSTOP)
    assert run.is_training(), "it holds what it does not train"
    finish(pool, run)
    assert run.manifest().status == "finished"
    assert list(run.steps()["iteration"]) == list(range(300))


def test_a_worker_that_hangs_at_a_short_job_is_replaced(pool: Pool, empty_runs: Runs) -> None:
    run = queued(empty_runs, iterations=2000)
    pool.submit(run)
    wait_until(lambda: len(run.steps()) > 20)
    hanging = pool.pids(SHORT)
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(WorkerDied, match="Try again"):
        pool.begin(jobs.warm_up, seconds=2.0).result(60)
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in hanging), 60)
    assert pool.begin(jobs.warm_up).result(60).startswith("2.")
    finish(pool, run)
    assert run.manifest().note == "", "whoever trains meanwhile does not notice"


def test_two_deaths_in_a_row_are_healed(pool: Pool, empty_runs: Runs) -> None:
    for _ in range(2):
        old = pool.pids()
        kill(old)
        wait_until(lambda old=old: bool({*pool.pids()} - {*old}), 120)  # type: ignore[misc]
    run = queued(empty_runs, iterations=3)
    pool.submit(run)
    finish(pool, run)
    assert run.manifest().status == "finished"


def test_the_process_that_workers_are_forked_from_may_die_and_again_as_it_loads(
    pool: Pool, empty_runs: Runs
) -> None:
    def origin() -> psutil.Process:
        return psutil.Process(pool.pids()[0]).parent()

    wait_until(lambda: bool(pool.pids()), 120)
    first = origin()
    cluster = first.parent()
    first.kill()
    known = {first, *cluster.children()}
    wait_until(lambda: bool({*cluster.children()} - known), 60)
    for one in {*cluster.children()} - known:
        one.kill()
    run = queued(empty_runs, iterations=3)
    pool.submit(run)
    # The first of its workers may die with the process that it was forked from, and with it the run.
    wait_until(lambda: bool(pool.pids()) and origin() not in known, 120)
    finish(pool, run)
    pool.submit(run)
    finish(pool, run)
    assert run.manifest().status == "finished"
    assert cluster.is_running(), "healed without a new cluster"


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
