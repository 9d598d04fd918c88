"""What the tests share: a folder of runs of their own, one finished run, one pool of workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from core import environment
from core.data import Sample, make_sample
from core.pool.queue import Queue
from core.pool.training import train_run
from core.pool.workers import Pool
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweep

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("calm")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The folder of runs that everything in this test session uses, pages included."""
    folder = tmp_path_factory.mktemp("runs")
    os.environ[environment.RUNS] = str(folder)
    return Runs(folder)


def train_all(sweep: Sweep) -> None:
    """Train what is left of a sweep in this process, cell by cell."""
    for run in sweep.left():
        train_run(str(run.directory))


@pytest.fixture
def empty_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """A folder of runs that this test alone uses."""
    monkeypatch.setenv(environment.RUNS, str(tmp_path))
    return Runs(tmp_path)


@pytest.fixture
def train(empty_runs: Runs) -> Callable[..., Run]:
    """Train a run in this process; arguments are TrainSettings fields, `sample` replaces the recipe's."""

    def trained(sample: Sample | None = None, **settings: object) -> Run:
        data = DataSettings() if sample is None else None
        points = make_sample(DataSettings()) if sample is None else sample
        run = empty_runs.create(points, TrainSettings(**settings), data)  # type: ignore[arg-type]
        train_run(str(run.directory))
        return run

    return trained


@pytest.fixture(scope="session")
def recipe_run(runs_folder: Runs) -> Run:
    """A run of the recipe, finished; nobody changes it."""
    data = DataSettings()
    run = runs_folder.create(make_sample(data), TrainSettings(), data)
    assert train_run(str(run.directory)) == "finished"
    return run


@pytest.fixture(scope="session")
def workers(runs_folder: Runs) -> Iterator[Pool]:
    """Up to two training workers, and one or two for short jobs."""
    started = Pool(trainers=2, runs=runs_folder)
    assert started.wait(120), "the workers did not start"
    yield started
    started.close()


@pytest.fixture
def pool(workers: Pool, runs_folder: Runs, request: pytest.FixtureRequest) -> Pool:
    """The workers, who serve the queue of this test's own folder of runs, if it has one."""
    own = request.getfixturevalue("empty_runs") if "empty_runs" in request.fixturenames else runs_folder
    if workers._queue.root != own.root:
        queue = Queue(own.root)
        queue.open()
        before, workers._queue = workers._queue, queue  # first, or its keeper opens the old one again
        before.close()
    assert workers.wait(120)  # they rest when nobody has asked for long
    return workers


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition, looking often; fail when it does not come true in time."""
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
