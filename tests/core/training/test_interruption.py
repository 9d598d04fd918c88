"""Training survives `kill -9` at any moment, and a full disk, without losing a bit of what was saved."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.checkpoint import DATA, FINAL, INDEX, ITER, META
from core.data import make_sample
from core.files.state_file import read_state
from core.history.history import read_history
from core.pool.training import train_run
from core.run.manifest import FAILED, FINISHED, RUNNING
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.tf.training import train
from tests.conftest import wait_until

DATA_SETTINGS = DataSettings(samples=101, seed=5)
LEFT_OVERS = 8  # files that one death can leave: a `.meta`, half a set, temporary names

# Imports TensorFlow once and forks a child for every life, before any session exists.
FORK_SERVER = """
import os, sys, traceback
from core.pool import jobs
from core.pool.training import train_run
from core.tf import training

print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        try:
            train_run(line.strip())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""


class ForkServer:
    """Processes that train, to be killed."""

    def __init__(self) -> None:
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", FORK_SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **quiet},
            cwd=Path(__file__).parents[3],
            text=True,
            bufsize=1,
        )
        assert self._line() == "ready"

    def begin(self, run: Run) -> int:
        """Start a life; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{run.directory}\n")
        self._process.stdin.flush()
        return int(self._line())

    def end(self) -> int:
        """Wait for the life to end; how it did."""
        return int(self._line())

    def ended_within(self, seconds: float) -> bool:
        """Let so much of its time pass; whether the life ended of itself meanwhile."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    started = ForkServer()
    yield started
    started.close()


def test_two_dozen_kills_cost_no_bit_and_leave_nothing(server: ForkServer, tmp_path: Path) -> None:
    settings = TrainSettings(optimizer="Momentum", iterations=2000, learning_rate=1e-5)
    run = make_run(tmp_path / "killed", settings)
    moments = random.Random(20)
    killed_by_starting = killed_by_training = 0
    for _ in range(24):
        latest = last_step(run)
        pid = server.begin(run)
        if moments.random() < 0.2:  # while it starts, cleans up and restores
            early = server.ended_within(moments.uniform(0.0, 0.5))
            killed_by_starting += 1
        else:
            following = run.checkpoints / f"{ITER}-{latest + 1}{INDEX}"
            wait_until(following.exists)
            early = server.ended_within(moments.uniform(0.0, 0.05))
            killed_by_training += 1
        assert not early, "training ended before it could be killed"
        os.kill(pid, signal.SIGKILL)
        assert server.end() == signal.SIGKILL
        assert run.manifest().status in (RUNNING, "queued")
        assert last_step(run) >= latest, "a checkpoint was lost"
        assert len(surplus(run)) <= LEFT_OVERS
        assert not run.is_training()
    assert killed_by_starting >= 3
    assert killed_by_training >= 15
    server.begin(run)
    assert server.end() == 0
    assert run.manifest().status == FINISHED
    assert surplus(run) == set()
    assert len(run.steps()) == settings.iterations
    assert_equals_uninterrupted(run, tmp_path, settings)


def test_kills_do_not_make_saver_forget_what_it_has_to_delete(server: ForkServer, tmp_path: Path) -> None:
    settings = TrainSettings(optimizer="Adam", iterations=600, max_to_keep=3)
    run = make_run(tmp_path / "killed", settings)
    moments = random.Random(4)
    for _ in range(12):
        latest = last_step(run)
        pid = server.begin(run)
        # A checkpoint that the killed process wrote may be gone before it is seen, a later one is there.
        wait_until(partial(is_beyond, run, latest))
        assert not server.ended_within(moments.uniform(0.0, 0.03))
        os.kill(pid, signal.SIGKILL)
        assert server.end() == signal.SIGKILL
        # Saver deletes the oldest last of all: a death can leave one more than it keeps, in part.
        assert len(names(run)) <= 4
        assert len(surplus(run)) <= LEFT_OVERS
    server.begin(run)
    assert server.end() == 0
    assert names(run) == {f"{ITER}-598", f"{ITER}-599", FINAL}
    assert surplus(run) == set()
    assert_equals_uninterrupted(run, tmp_path, settings)


@pytest.mark.parametrize("keep", [1, 2, None])
def test_a_death_between_the_final_save_and_the_state_file_is_mended(
    keep: int | None, tmp_path: Path
) -> None:
    settings = TrainSettings(iterations=6, max_to_keep=keep)
    run = make_run(tmp_path / "died", settings)
    train_run(str(run.directory))
    whole = {path.name: path.read_bytes() for path in run.checkpoints.iterdir()}
    # Back to the moment before: model_final's values are there, the state file does not name it.
    before = make_run(tmp_path / "died", settings)
    steps = train(before, settings, before.sample())
    for _ in range(6):
        next(steps)
    steps.close()
    for suffix in (META, DATA, INDEX):
        (before.checkpoints / (FINAL + suffix)).write_bytes(whole[FINAL + suffix])
    assert train_run(str(before.directory)) == FINISHED
    assert {path.name for path in before.checkpoints.iterdir()} == set(whole)
    assert f'"{FINAL}"' in (before.checkpoints / "checkpoint").read_text().splitlines()[0]


DIE_TWICE = """
import os, sys
from core.pool.training import train_run
from core.tf import training
from tensorflow.python.training import saver

def life(prepare):
    pid = os.fork()
    if pid == 0:
        prepare()
        train_run(sys.argv[1])
        os._exit(0)
    return os.WEXITSTATUS(os.waitpid(pid, 0)[1])

def die_before_the_state_file():
    real = saver.checkpoint_management.update_checkpoint_state_internal
    def update(*arguments, **named):
        if named["model_checkpoint_path"].endswith("-6"):
            os._exit(9)
        return real(*arguments, **named)
    saver.checkpoint_management.update_checkpoint_state_internal = update

def die_before_the_first_save():
    training.CheckpointWriter.save = lambda *arguments, **named: os._exit(9)

print(life(die_before_the_state_file), life(die_before_the_first_save))
"""


def test_two_deaths_leave_a_state_file_that_names_what_is_there(tmp_path: Path) -> None:
    settings = TrainSettings(iterations=12, max_to_keep=1)
    run = make_run(tmp_path, settings)
    assert run_python(DIE_TWICE, str(run.directory)) == "9 9\n"
    latest = read_state(run.checkpoints).latest
    assert latest is not None
    assert latest.exists
    assert {latest.name} == names(run)
    assert train_run(str(run.directory)) == FINISHED
    assert names(run) == {FINAL}


def test_a_finished_run_that_keeps_one_checkpoint_is_not_trained_again(tmp_path: Path) -> None:
    run = make_run(tmp_path, TrainSettings(iterations=6, max_to_keep=1))
    train_run(str(run.directory))
    before = {path.name: path.stat().st_mtime_ns for path in run.checkpoints.iterdir()}
    log = run.steps_file.read_bytes()
    run.update(status=RUNNING)  # it died before it could say that it had finished
    assert train_run(str(run.directory)) == FINISHED
    assert {path.name: path.stat().st_mtime_ns for path in run.checkpoints.iterdir()} == before
    assert run.steps_file.read_bytes() == log


def test_checkpoints_kept_for_the_hours_survive_a_pause(tmp_path: Path) -> None:
    # An hour here is shorter than a save, so the Saver keeps every checkpoint that it drops.
    settings = TrainSettings(iterations=20, max_to_keep=2, keep_checkpoint_every_n_hours=1e-6)
    run = make_run(tmp_path, settings)
    steps = train(run, settings, run.sample())
    for _ in range(10):
        next(steps)
    steps.close()
    kept = names(run)
    assert len(kept) > 2
    train_run(str(run.directory))
    assert kept - names(run) <= {f"{ITER}-8", f"{ITER}-9"}  # the new Saver may drop the last two


def test_half_written_manifests_are_swept_away(tmp_path: Path) -> None:
    run = make_run(tmp_path, TrainSettings(iterations=1))
    old, young = run.directory / ".run.json.0a0b0c0d", run.directory / ".control.json.0a0b0c0d"
    for path in (old, young):
        path.write_text("{")
    os.utime(old, (1e9, 1e9))
    train_run(str(run.directory))
    assert not old.exists()
    assert not young.exists(), "who holds the run's lock writes it; whoever lost the race tries again"


# Lowers the largest size that a file may have, which is how a full disk feels to the one who writes.
FULL_DISK = """
import resource, sys
from pathlib import Path
from core.pool import jobs
from core.pool.training import train_run
from core.run.runs import Run
from core.tf.training import train
from core.training.step import SaveFailed

def room(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

for case in sys.argv[1:]:
    directory, limit, after = case.split(":")
    run = Run(Path(directory))
    steps = train(run, run.manifest().train, run.sample())
    for _ in range(int(after)):
        next(steps)
    room(int(limit))
    try:
        next(steps)
        print("went on")
    except SaveFailed as error:
        print(error)
    room(resource.RLIM_INFINITY)
"""

# What does not fit any more, with so many bytes a file, after so many iterations.
FULL = {
    "the first .meta": (1000, 0),
    "the values": (4, 12),
    "the index": (60, 12),
    "the state file": (400, 12),
}


def test_a_full_disk_stops_training_with_a_sentence_and_costs_no_earlier_checkpoint(tmp_path: Path) -> None:
    settings = TrainSettings(optimizer="Adam", iterations=30, max_to_keep=10)
    runs = {what: make_run(tmp_path / "full", settings) for what in FULL}
    cases = [f"{runs[what].directory}:{limit}:{after}" for what, (limit, after) in FULL.items()]
    printed = run_python(FULL_DISK, *cases).splitlines()
    assert len(printed) == len(FULL)
    for (what, (_, after)), sentence in zip(FULL.items(), printed, strict=True):
        run = runs[what]
        assert sentence.startswith(f"Checkpoint {ITER}-{after} could not be written, so training stopped: ")
        assert ": File too large. Everything saved" in sentence, what
        assert sentence.endswith("make room and resume.")
        assert names(run) >= {f"{ITER}-{step}" for step in range(max(0, after - 9), after)}, what
        assert surplus(run) == set(), what
        # With room again, the run goes on and ends as if nothing had happened.
        assert train_run(str(run.directory)) == FINISHED
        assert_equals_uninterrupted(run, tmp_path / what, settings)


NO_ROOM_FOR_THE_LOG = """
import resource, sys
from core.pool import jobs
from core.pool.training import train_run
from core.tf import training

original = training.train
def train(*arguments):
    for step in original(*arguments):
        # Room for a checkpoint's small files, none for one more line of the log.
        limit = 900 if step.iteration == 15 else resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        yield step
training.train = train
update = jobs.Run.update
def update_with_room(run, **changes):
    # A full disk has room again once the half-written files are gone; a limit has not.
    if sys.argv[2] == "room":
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return update(run, **changes)
jobs.Run.update = update_with_room
print(train_run(sys.argv[1]))
"""


@pytest.mark.parametrize("room", ["room", "none"])
def test_a_log_that_cannot_grow_stops_training_with_a_sentence(room: str, tmp_path: Path) -> None:
    settings = TrainSettings(iterations=30)
    run = make_run(tmp_path / "full", settings)
    printed = run_python(NO_ROOM_FOR_THE_LOG, str(run.directory), room).strip()
    assert printed == FAILED
    manifest = run.manifest()
    assert manifest.note.startswith(
        "The run's log could not be written, so training stopped: File too large."
    )
    assert names(run) == {f"{ITER}-{step}" for step in range(16)}
    assert train_run(str(run.directory)) == FINISHED
    assert list(run.steps()["iteration"]) == list(range(30))
    assert_equals_uninterrupted(run, tmp_path, settings)


def run_python(script: str, *arguments: str) -> str:
    """What a Python process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_run(folder: Path, settings: TrainSettings) -> Run:
    return Runs(folder).create(make_sample(DATA_SETTINGS), settings, DATA_SETTINGS)


def names(run: Run) -> set[str]:
    """The readable checkpoints."""
    return {str(name) for name in read_history(run, run.sample()).table["name"]}


def last_step(run: Run) -> int:
    """The latest readable step, by the names alone from the end; -1 without any."""
    steps = {int(path.name[len(ITER) + 1 : -len(INDEX)]) for path in run.checkpoints.glob(f"{ITER}-*{INDEX}")}
    return max(steps, default=-1)


def is_beyond(run: Run, step: int) -> bool:
    return last_step(run) > step


def surplus(run: Run) -> set[str]:
    """Files in the checkpoint directory that belong to no whole checkpoint."""
    there = {path.name for path in run.checkpoints.iterdir()}
    indexed = {name.removesuffix(INDEX) for name in there if name.endswith(INDEX)}
    sets = [{name + suffix for suffix in (META, INDEX, DATA)} for name in indexed]
    whole = set().union(*(each for each in sets if each <= there)) if sets else set()
    return there - whole - {"checkpoint"}


def assert_equals_uninterrupted(run: Run, folder: Path, settings: TrainSettings) -> None:
    """Every checkpoint has the same bytes as that of a run that nobody disturbed."""
    whole = make_run(folder / "uninterrupted", settings)
    for _ in train(whole, settings, whole.sample()):
        pass
    mine, theirs = ({path.name for path in each.checkpoints.iterdir()} for each in (run, whole))
    assert mine == theirs
    for name in theirs:
        if name.endswith((DATA, INDEX)):
            assert (run.checkpoints / name).read_bytes() == (whole.checkpoints / name).read_bytes(), name
    columns = ["h", "v"]
    table = read_history(whole, whole.sample()).table
    logged = run.steps().set_index("iteration")
    kept = table[table["name"] != FINAL].set_index("step")
    assert np.array_equal(logged.loc[kept.index, columns].to_numpy(), kept[columns].to_numpy())
